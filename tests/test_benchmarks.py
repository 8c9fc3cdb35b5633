"""The benchmarks measure and print; what they measure is no matter of tests."""

import time

from skmask import use_engine
from skmask._kernels.compiled import is_compiled
from tests.benchmarks.timing import NUMPY, Row, print_rst, race, write_csv


def test_race_gives_the_time_of_every_call():
    row = race("a wait", lambda: time.sleep(0.001), {"longer": lambda: time.sleep(0.003)})
    assert row.seconds >= 0.001
    assert row.rivals["longer"] >= 0.003


def test_rows_become_a_table_of_the_documentation(capsys):
    with use_engine("numpy"):
        row = race("sum", lambda: None, {"numpy": lambda: None}, quick=True, extra="peak 2 of X")
    row = row._replace(seconds=0.002, rivals={"numpy": 0.003, "loop": 0.5})
    print_rst("Sums", "Against all.", [row])
    assert (
        capsys.readouterr().out
        == """
Sums
~~~~

Against all.

.. list-table::
   :header-rows: 1
   :widths: 40 15 45

   * - case
     - skmask
     - others
   * - sum
     - 2.00 ms
     - numpy 1.50x, loop 250x; peak 2 of X
"""
    )


def test_rows_become_data_of_the_chart(tmp_path):
    rivals = {NUMPY: 0.004, "SciPy": 0.04, "cc3d": 1}
    write_csv(tmp_path / "rows.csv", [Row("fill holes, 1 image", 0.002, rivals)])
    assert (tmp_path / "rows.csv").read_text() == (
        "operation,skmask,skmask with numba,SciPy,scikit-image,OpenCV\n"
        '"fill holes, 1 image",4.00 ms,0.50,10,,\n'
    )


def test_race_has_both_engines_if_skmask_is_compiled():
    with use_engine("numba"):
        row = race("engine", is_compiled, {}, quick=True)
        assert list(row.rivals) == [NUMPY]
    with use_engine("numpy"):
        assert not race("engine", is_compiled, {}, quick=True).rivals
