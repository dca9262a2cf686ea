"""The budget of a command: what is told of time and memory, and where it is asked."""

import pytest

from dzviz.budget import Limits, check_memory, check_time, limited, memory, seconds_left, timed
from dzviz.cli.main import run
from dzviz.errors import LayoutError

NONE = Limits(0.0, 0, "nobody")
PLENTY = Limits(1e6, 1 << 40, "all")


def test_without_limits_there_is_no_end():
    check_time()
    check_memory(1 << 60)
    assert (seconds_left(5.0), memory(7)) == (5.0, 7)


def test_what_is_over_is_told_with_its_limit():
    with limited(NONE):
        with pytest.raises(LayoutError, match="longer than the 0 s that nobody may take"):
            check_time()
        with pytest.raises(LayoutError, match=r"about 2.5 GiB, more than the 0 MiB that nobody"):
            check_memory(5 << 29)
        assert (seconds_left(5.0), memory(7)) == (0.0, 0)
    check_time()


def test_limits_take_the_place_of_those_around():
    with limited(NONE):
        with limited(PLENTY):
            check_time()
            assert 0 < seconds_left(5.0) <= 5.0
        with pytest.raises(LayoutError):
            check_time()


def test_a_loop_ends_between_two_items():
    with limited(PLENTY):
        items = timed("abc")
        assert next(items) == "a"
        with limited(NONE), pytest.raises(LayoutError):
            next(items)


DRAWN = {
    **{name: ["-T", name] for name in ("svg", "png", "pdf", "html", "gif")},
    "film": ["--animate", "-o", "a.svg"],
    "frames": ["--frames", "steps"],
}
TEXT = {"dot": ["-T", "dot"], "folded": ["-T", "text", "--fold", "always"]}


@pytest.mark.parametrize(
    ("args", "limits"),
    [
        *((args, NONE) for args in (*DRAWN.values(), *TEXT.values())),
        *((args, NONE._replace(seconds=1e6)) for args in DRAWN.values()),
    ],
    ids=str,
)
def test_a_command_has_a_budget(tmp_path, monkeypatch, capsys, args, limits):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dzviz.cli.main.COMMAND", limits)
    assert run(["x*x*x*x*x*x*x*x", "--x", "2", *args]) == 5
    said = capsys.readouterr()
    assert said.out == ""
    assert "that nobody may take" in said.err
    assert said.err.count("\n") == 2
    assert list(tmp_path.iterdir()) == []
