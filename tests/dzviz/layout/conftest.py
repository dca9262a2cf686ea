"""Graphs, fake programs and real processes for the tests of the layout engines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import dzviz

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = str(Path(dzviz.__file__).parents[1])

SIN = """digraph dzviz {
  graph [rankdir=LR, label="sin(x)\\ngrad = dy/d(node)", labelloc=b, fontname="Helvetica"];
  node [fontname="Helvetica", fontsize=11];
  edge [fontname="Helvetica", fontsize=9];
  v0 [label="x\\ndata 1\\ngrad 0.5403", shape=box];
  f0 [label="sin\\ngen 0", shape=circle];
  v1 [label="y\\ndata 0.8415\\nseed 1\\ngrad 1", shape=box];
  v0 -> f0 [id="e0", label="grad 0.5403"];
  f0 -> v1 [id="e1"];
}
"""

# x * x, with an edge back, arrows at both ends, at none, and one that is never looked up.
KINDS = """digraph dzviz {
  v0 [shape=box]; f0 [shape=circle]; v1 [shape=box];
  v0 -> f0 [id="e0"]; v0 -> f0 [id="e1"]; f0 -> v1 [id="e2", dir=both];
  v1 -> v0 [id="e3", dir=none]; v0 -> v0 [id="e4", label="self"]; f0 -> f0;
  subgraph cluster_a { label="A"; v2 -> v3 [id="e5"]; }
  subgraph plain { v0; f0; }
}
"""


def heavy(steps: int = 400, shared: int = 3) -> str:
    """Return a graph that takes every engine minutes: leaves that each step uses."""
    lines = ["digraph {"]
    for i in range(steps):
        lines.append(f"s{i} -> s{i + 1};")
        lines += [f"w{k} -> s{i};" for k in range(shared)]
    return "\n".join([*lines, "}"])


def chain(length: int) -> str:
    """Return a graph that is as deep as it is large."""
    edges = "".join(f"v{i} -> v{i + 1};" for i in range(length))
    return f"digraph {{ nslimit=0.1; {edges} }}"


@pytest.fixture
def sin() -> str:
    return SIN


@pytest.fixture(params=[SIN, KINDS], ids=["sin", "kinds"])
def graph(request: pytest.FixtureRequest) -> str:
    text: str = request.param
    return text


@pytest.fixture
def kinds() -> str:
    return KINDS


@pytest.fixture
def make_heavy() -> Callable[[], str]:
    return heavy


@pytest.fixture
def make_chain() -> Callable[[int], str]:
    return chain


def environment(**changes: str | None) -> dict[str, str]:
    """Return this process's environment, changed, in which dzviz can be imported."""
    new = {**os.environ, "PYTHONPATH": ROOT, **changes}
    new.pop("DZVIZ_ENGINE", None)
    return {name: value for name, value in new.items() if value is not None}


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run code in a new Python, in an empty folder."""

    def run(code: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code],
            env=environment(**changes),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def interrupted(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run code that prints a line when it begins, and send it SIGINT after a while."""

    def run(code: str, delay: float, **changes: str | None) -> subprocess.CompletedProcess[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment(**changes),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        try:
            output, errors = process.communicate(timeout=60)
        finally:
            process.kill()
        return subprocess.CompletedProcess([], process.returncode, output, errors)

    return run


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a shell script called dot on a PATH where nothing else is."""

    def put(script: str, name: str = "dot") -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(path.parent))
        return path

    return put


def ended(pid: int) -> bool:
    """Whether a process ends within a while; one that nobody has waited for yet has ended."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def has_ended() -> Callable[[int], bool]:
    return ended


@pytest.fixture
def env() -> Callable[..., Mapping[str, str]]:
    return environment
