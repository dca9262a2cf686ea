"""Whatever an expression asks for, the command takes less than 1 GiB and says what is too much."""

import os

import numpy as np
import pytest
from fuzzing import greedy
from support.docs import ROOT

from dzviz.cli.main import run
from dzviz.errors import EvaluationError
from dzviz.language.limits import MAX_ELEMENTS, MAX_FUNCTIONS, MAX_TOTAL_ELEMENTS, Budget, grouped

pytestmark = pytest.mark.skipif(os.name != "posix", reason="measures child processes by wait4")


@pytest.mark.thorough
def test_greedy_expressions_are_bounded(tmp_path):
    (tmp_path / "promise.npy").write_bytes(greedy.PROMISE)
    for name, taken in greedy.run_all(str(tmp_path)).items():
        greedy.check(taken, greedy.ASKS[name].code)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["a gradient of copies", "all of it kept"])
def test_greedy_commands_are_bounded(name):
    assert greedy.try_greedy({"args": greedy.ASKS[name].args, "code": greedy.ASKS[name].code})


@pytest.mark.thorough
def test_a_limit_too_high_would_be_seen(tmp_path):
    code = (
        "import dzviz.language.limits as l; l.MAX_TOTAL_ELEMENTS = 10**9; "
        "from dzviz.cli.main import run"
    )
    (tmp_path / "sitecustomize.py").write_text(f"{code}\n")
    asked = greedy.Greedy(["+".join(["sin(x)"] * 60), "--x", greedy.MILLION], 4)
    greedy.check(greedy.run(asked.args, str(tmp_path)), asked.code)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        taken = greedy.run(asked.args, str(tmp_path))
    assert taken.mib > greedy.ROOM
    with pytest.raises(AssertionError):
        greedy.check(taken, asked.code)


def test_without_memory_there_is_one_clear_line(monkeypatch, capsys):
    def full(*args, **options):
        raise MemoryError

    monkeypatch.setattr("dzviz.pipeline.graphs.compute", full)
    assert run(["x", "--x", "1"]) == EvaluationError.exit_code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("dzviz: error: there is not enough memory for this\nhint: ")


def test_each_value_is_bounded():
    Budget().spend(MAX_ELEMENTS, "x")
    with pytest.raises(
        EvaluationError, match="x would have 1 000 001 elements; a value can have at most 1"
    ):
        Budget().spend(MAX_ELEMENTS + 1, "x")
    with pytest.raises(EvaluationError, match=r"would have 1e\+300 elements"):
        Budget().spend(1e300, "x")
    with pytest.raises(EvaluationError, match="would have inf elements"):
        Budget().spend(np.inf, "x")
    with pytest.raises(EvaluationError, match=r"would have over 1e\+300 elements"):
        Budget().spend(1000**500, "x")


def test_all_values_are_bounded_together():
    budget = Budget()
    for _ in range(MAX_TOTAL_ELEMENTS // MAX_ELEMENTS):
        budget.spend(MAX_ELEMENTS, "x")
    with pytest.raises(EvaluationError, match="with y, all values together would have more than"):
        budget.spend(1, "y")


def test_the_room_of_gradients_counts():
    with pytest.raises(EvaluationError, match="with y, all values together"):
        Budget().spend(1, "y", cost=MAX_TOTAL_ELEMENTS + 1)


@pytest.mark.parametrize("shape", [(0, MAX_ELEMENTS + 1), (2, 0, MAX_ELEMENTS), (10**9, 0, 10**9)])
def test_an_empty_array_has_no_huge_other_lengths(shape):
    with pytest.raises(EvaluationError, match="is empty, but of the shape"):
        Budget().check_empty(shape, "x")


@pytest.mark.parametrize("shape", [(0,), (0, 3), (0, MAX_ELEMENTS), (MAX_ELEMENTS + 1,)])
def test_other_shapes_are_not_its_business(shape):
    Budget().check_empty(shape, "x")


def test_the_limits_are_those_that_are_told():
    page = " ".join((ROOT / "docs/reference/language.md").read_text().split())
    for limit in (MAX_ELEMENTS, MAX_TOTAL_ELEMENTS, MAX_FUNCTIONS):
        assert f" {grouped(limit)} " in page
