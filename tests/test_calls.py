"""Who calls whom while a command runs: calls lead down, except to observers of the engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import house

HOUSE = Path(house.__file__)

OBSERVERS = {
    "orders": "which rule made a Function, and whether there are too many, is seen in the pass",
    "function": "which line of a user's file computes a Function is on the stack only then",
}
"""Where the engine calls an observer of `dzviz.sources` or `dzviz.language`, and why."""

COMMANDS = {
    "picture": ["sin(x)", "--x", "1", "-o", "a.svg"],
    "page": ["sin(x)", "--x", "1", "-o", "a.html"],
    "embed": ["embed", "a.md"],
    "book": ["a = x*x; a*sin(a)", "--x", "1", "--style", "book", "-o", "a.svg"],
    "orders": ["tanh(x)", "--x", "1", "--order", "2", "-o", "a.svg"],
    "film": ["sin(x)", "--x", "1", "--animate", "-o", "a.svg"],
    "pdf": ["sin(x)", "--x", "1", "-o", "a.pdf"],
    "fit": ["sin(x)", "--x", "1", "--fit", "400x300", "-o", "a.svg"],
    "sweep": ["sin(x)", "--sweep", "x=0:1:3", "-o", "a.html"],
    "curve": ["sin(x)", "--sweep", "x=0:1:3", "-o", "a.svg"],
    "dot": ["sin(x)", "--x", "1"],
    "json": ["sin(x)", "--x", "1", "-T", "json"],
    "function": ["--py-function", "a.py:f", "--x", "1", "-o", "a.svg"],
    "grad": ["grad", "sin(x)*x", "--x", "1"],
    "value": ["value", "sin(x)*x", "--x", "1"],
    "trace": ["trace", "sin(x)*x", "--x", "1"],
    "explain": ["explain", "sin(x)*x", "--x", "1"],
    "why": ["why", "relu(x)", "--x", "-1"],
    "diff": ["diff", "sin(x)", "sin(x)", "--x", "1"],
    "flow": ["flow", "sin(x)", "--x", "1"],
    "lint": ["lint", "log(x)", "--x", "1"],
}
"""Command lines, in a folder with a document and a file of Python."""

DOCUMENT = """\
<!-- dzviz "sin(x)" --x 1.0 -o sin.svg -->
<!-- /dzviz -->
"""

FUNCTION = """\
def f(x):
    return x * x + 1
"""


def room(name: str, rooms: tuple[str, ...]) -> bool:
    return any(f"{name}.".startswith(f"{each}.") for each in rooms)


def observes(call: house.Call) -> bool:
    """Whether the engine calls an observer."""
    return room(call.source, ("dezero",)) and room(call.target, ("dzviz.sources", "dzviz.language"))


@pytest.mark.parametrize("name", COMMANDS)
def test_calls_lead_down(name, tmp_path):
    (tmp_path / "a.md").write_text(DOCUMENT)
    (tmp_path / "a.py").write_text(FUNCTION)
    report = tmp_path / "report"
    done = subprocess.run(
        [sys.executable, HOUSE, report, *COMMANDS[name]],
        cwd=tmp_path,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == (1 if name == "why" else 0), done.stderr
    calls = house.calls_in(report)
    assert len({call.target for call in calls}) > 25  # the profiler sees them
    up = [call for call in calls if call.up]
    assert [
        f"{c.source}: {c.caller} -> {c.target}: {c.callee}" for c in up if not observes(c)
    ] == []
    assert any(map(observes, up)) == (name in OBSERVERS)
