"""What fuzzing once found stays mended; and the rounds of fuzzing still find mistakes."""

import json
import random
import runpy
import warnings
from pathlib import Path

import pytest

FUZZ = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "fuzz.py"))
CASES = list(FUZZ["found"]())


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def test_something_was_found():
    assert len(CASES) >= 3


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda part: json.dumps(part)[:60])
def test_what_was_found_stays_mended(name, case):
    case.pop("problem")
    FUZZ["ROUNDS"][name](case)


@pytest.mark.parametrize("name", FUZZ["ROUNDS"])
def test_a_few_cases_of_each_round(name):
    rng = random.Random(7)
    words = {FUZZ["ROUNDS"][name](FUZZ["case_of"](name, rng)) for _ in range(60)}
    assert len(words) > 1


def test_a_wrong_derivative_is_found(monkeypatch):
    from dezero.functions.elementwise import Cos

    monkeypatch.setattr(Cos, "vjps", (lambda self, gy, y, x: gy * x,))
    with pytest.raises(AssertionError):
        FUZZ["try_gradient"]({"text": "sin(x) + cos(x)", "at": {"x": 0.7, "y": 0.0}})


def test_a_command_that_says_two_things_is_found(monkeypatch, capsys):
    def run(args):
        print("result")
        return 3

    monkeypatch.setattr(FUZZ["cli"], "run", run)
    with pytest.raises(AssertionError):
        FUZZ["try_command"]({"args": ["x"]})
