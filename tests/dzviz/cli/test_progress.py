"""The bar on the terminal."""

import io
import sys

import pytest

from dzviz.cli import progress
from dzviz.cli.progress import watcher


class Terminal(io.StringIO):
    def isatty(self):
        return True


def on_a_terminal(monkeypatch, stream=Terminal, patience=-1, term="xterm", quiet=False):
    """Return the watcher there, and its stderr. (Not a fixture: pytest would take that back.)"""
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setenv("TERM", term)
    return watcher(quiet=quiet), sys.stderr


def test_a_bar_for_long_work(monkeypatch):
    watch, terminal = on_a_terminal(monkeypatch)
    assert list(watch(["a", "b", "c", "d"])) == ["a", "b", "c", "d"]
    shown = terminal.getvalue()
    assert "dzviz: drawing" in shown
    assert "100%" in shown
    assert "\n" in shown


def test_a_bar_that_is_interrupted_ends_its_line(monkeypatch):
    watch, terminal = on_a_terminal(monkeypatch)
    steps = watch(range(4))
    for _ in range(3):
        next(steps)
    assert "\n" not in terminal.getvalue()
    with pytest.raises(KeyboardInterrupt):
        steps.throw(KeyboardInterrupt)
    assert "50%" in terminal.getvalue()
    assert "\n" in terminal.getvalue()


@pytest.mark.parametrize(
    "options", [{"patience": 1e9}, {"quiet": True}, {"term": "dumb"}, {"stream": io.StringIO}]
)
def test_none_for_short_work_or_where_nobody_wants_it(monkeypatch, options):
    watch, stream = on_a_terminal(monkeypatch, **options)
    assert list(watch(range(3))) == [0, 1, 2]
    assert stream.getvalue() == ""
