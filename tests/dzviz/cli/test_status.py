"""The line of progress: on a terminal alone, after a while, and then gone."""

import io
import sys
import threading
from types import SimpleNamespace

import pytest

from dzviz import progress
from dzviz.cli import answering, main, status
from dzviz.cli.status import Status
from dzviz.results import Result


class Terminal(io.StringIO):
    """What is written to it is noted; ``written`` is set as soon as there is something."""

    def __init__(self, is_terminal=True):
        super().__init__()
        self.is_terminal = is_terminal
        self.written = threading.Event()

    def isatty(self):
        return self.is_terminal

    def write(self, text):
        count = super().write(text)
        self.written.set()
        return count


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(status, "PATIENCE", 0)
    monkeypatch.setattr(status, "INTERVAL", 0.001)
    made = Terminal()
    # pytest gives sys a stderr of its own between this and the test.
    monkeypatch.setattr(status, "sys", SimpleNamespace(stderr=made))
    return made


def visible(text):
    """What is on the line in the end."""
    line = ""
    for part in text.split("\r"):
        line = part + line[len(part) :]
    return line.strip()


def test_what_is_done_is_shown_and_taken_away(terminal):
    line = Status(quiet=False)
    line.begin("computing")
    assert terminal.written.wait(60)
    line.end()
    assert "dzviz: computing ... 0 s" in terminal.getvalue()
    assert visible(terminal.getvalue()) == ""
    assert "\n" not in terminal.getvalue()
    line.end()  # once more does nothing


@pytest.mark.parametrize("lines", [True, False])
def test_a_share_is_shown_and_all_come_through(terminal, lines):
    line = Status(quiet=False)
    line.begin("writing")

    def items():
        for i in range(5000):
            if i == 4500:
                terminal.written.clear()
                assert terminal.written.wait(60)
                terminal.written.clear()
                assert terminal.written.wait(60)
            yield f"{i}\n"

    assert [*line.through(items(), 10_000, lines=lines)] == [f"{i}\n" for i in range(5000)]
    assert "dzviz: writing [#############-----------------] 45%" in terminal.getvalue()
    assert visible(terminal.getvalue()) == ""


def test_a_total_that_is_too_small_or_none_is_no_mistake():
    line = Status(quiet=True)
    assert list(line.through("abc", 0)) == ["a", "b", "c"]
    assert list(line.through([], 0)) == []


def test_lines_are_counted_where_a_part_has_many():
    line = Status(quiet=True)
    shares = [line.work.share for _ in line.through(["1\n2\n3\n", "4\n"], 4, lines=True)]
    assert shares == [0.75, 1.0]
    assert [line.work.share for _ in line.through(["1\n2\n3\n", "4\n"], 4)] == [0.25, 0.5]


def test_the_next_work_takes_the_place_of_the_last(terminal):
    line = Status(quiet=False)
    line.begin("computing")
    assert terminal.written.wait(60)
    line.begin("placing the nodes")
    terminal.written.clear()
    assert terminal.written.wait(60)
    line.end()
    assert "placing the nodes" in terminal.getvalue()
    assert visible(terminal.getvalue()) == ""


@pytest.mark.parametrize("why", ["quiet", "no terminal", "dumb"])
def test_nothing_is_shown_where_nobody_looks(terminal, monkeypatch, why):
    terminal.is_terminal = why != "no terminal"
    monkeypatch.setenv("TERM", "dumb" if why == "dumb" else "xterm")
    line = Status(quiet=why == "quiet")
    before = threading.active_count()
    line.begin("computing")
    assert threading.active_count() == before
    line.end()
    assert terminal.getvalue() == ""


def test_nothing_is_shown_of_what_is_done_at_once(terminal, monkeypatch):
    monkeypatch.setattr(status, "PATIENCE", 1000)
    line = Status(quiet=False)
    line.begin("computing")
    line.end()
    assert terminal.getvalue() == ""


def test_the_steps_of_a_film_all_come_through(terminal):
    line = Status(quiet=False)
    steps = []
    line.begin("computing")
    with progress.kept_in(line.work):
        for step in progress.through(range(4)):
            steps.append(step)
            for _ in range(2):  # the first may have been under way
                terminal.written.clear()
                assert terminal.written.wait(60)
    line.end()
    assert steps == [0, 1, 2, 3]
    assert "dzviz: drawing [######################--------] 75%" in terminal.getvalue()
    assert visible(terminal.getvalue()) == ""


ANSWERING = (
    *("value", "grad", "why", "flow", "explain", "trace", "gradcheck", "lint"),
    *("diff", "beside"),
)


@pytest.mark.parametrize("command", ANSWERING)
def test_every_command_that_computes_shows_it(terminal, monkeypatch, tmp_path, capsys, command):
    """The function waits, each time that it is called, for something to be shown."""
    monkeypatch.chdir(tmp_path)
    shown = []

    def wait():
        for _ in range(2):  # the first may have been under way
            terminal.written.clear()
            assert terminal.written.wait(60)
        shown.append(visible(terminal.getvalue()))

    monkeypatch.setitem(sys.modules, "waiter", SimpleNamespace(wait=wait))
    text = "import waiter\nimport numpy as np\ndef f(x):\n    waiter.wait()\n    return np.sin(x)\n"
    (tmp_path / "slow.py").write_text(text)
    both = command in ("diff", "beside")
    asked = ["slow.py:f", "slow.py:f"] if both else ["--py-function", "slow.py:f"]
    assert main.run([command, *asked, "--x", "2"]) == 0
    assert shown[0].startswith("dzviz: computing ... ")
    if command == "gradcheck":
        assert shown[-1].startswith("dzviz: checking gradients ... ")
    assert visible(terminal.getvalue()) == ""
    assert capsys.readouterr().out or command == "lint"
    terminal.truncate(0)
    monkeypatch.setitem(sys.modules, "waiter", SimpleNamespace(wait=lambda: None))
    assert main.run([command, *asked, "--x", "2", "-q"]) == 0
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("file", [None, "answer.txt"])
def test_an_answer_is_ready_before_the_line_is_gone(monkeypatch, file):
    order = []

    def lines():
        order.append("lines")
        yield "\n"

    kind = SimpleNamespace(
        format_of=lambda path: "text", result=lambda *args, **options: Result(lines())
    )
    ended = SimpleNamespace(end=lambda: order.append("end"))
    monkeypatch.setattr(answering.Status, "of_command", lambda quiet: ended)
    for name in ("check_written", "warn", "write_stdout", "write_file"):
        monkeypatch.setattr(answering, name, lambda *args, **options: None)
    answering.write(kind, None, {}, output=file, format_name=None, quiet=False, shown=None)
    assert order == ["lines", "end"]
