"""Some random cases of each kind; ``tests/fuzz.py`` runs as many as there is time for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import fuzz


@pytest.mark.parametrize("name", fuzz.CASES)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_cases_agree_with_references(name, seed):
    fuzz.run_case(name, seed)


def test_long_form_counts_and_names_the_seeds_that_fail(capsys, monkeypatch):
    assert fuzz.main(["--cases", "3", "scores", "hulls"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in printed] == [["scores", "3"], ["hulls", "3"]]

    def odd(rng):
        assert rng.bit_generator.seed_seq.entropy % 2 == 0

    monkeypatch.setitem(fuzz.CASES, "odd", odd)
    assert fuzz.main(["--cases", "4", "--seed", "6", "odd"]) == 1
    assert "2 failed, the first with the seeds [7, 9]" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        fuzz.main(["unknown"])
