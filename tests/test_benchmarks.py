"""The benchmarks measure and print; what they measure is no matter of tests."""

import time

from tests.benchmarks.timing import print_rst, race


def test_race_gives_the_time_of_every_call():
    row = race("a wait", lambda: time.sleep(0.001), {"longer": lambda: time.sleep(0.003)})
    assert row.seconds >= 0.001
    assert row.rivals["longer"] >= 0.003


def test_rows_become_a_table_of_the_documentation(capsys):
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
