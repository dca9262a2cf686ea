"""The package pygraphviz, in its child process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from dzviz.errors import LayoutError
from dzviz.layout import place, pygraphviz

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_when_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygraphviz, "find_spec", lambda name: None)
    with pytest.raises(LayoutError, match="pygraphviz: it is not installed") as caught:
        place("digraph {}", engine="pygraphviz")
    assert caught.value.hint == f'{sys.executable} -m pip install "dzviz[native]"'


def test_when_its_libraries_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pygraphviz, "find_spec", lambda name: object())
    broken = "raise ImportError('libglib-2.0.so.0: cannot open shared object file')"
    monkeypatch.setattr(pygraphviz, "_CHILD", broken)
    with pytest.raises(LayoutError, match=r"libglib-2.0.so.0: cannot open") as caught:
        place("digraph {}", engine="pygraphviz")
    assert caught.value.hint == f'{sys.executable} -m pip install "dzviz[native]"'


@pytest.mark.needs("pygraphviz")
def test_a_file_of_that_name_is_not_the_package(python: Run, tmp_path: Path) -> None:
    (tmp_path / "pygraphviz.py").write_text("print('rubbish')")
    code = (
        "from dzviz.layout import place\n"
        "print(len(place('digraph { a -> b }', engine='pygraphviz').nodes))"
    )
    assert python(code).stdout == "2\n"


@pytest.mark.needs("pygraphviz")
def test_a_layout_that_takes_too_long(make_heavy: Callable[[], str]) -> None:
    with pytest.raises(LayoutError, match="pygraphviz: it took longer than 1 s"):
        place(make_heavy(), engine="pygraphviz", timeout=1)


@pytest.mark.needs("pygraphviz")
@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
def test_ctrl_c(interrupted: Run) -> None:
    code = """
import sys
from dzviz.layout import place
lines = "".join(f"s{i} -> s{i + 1}; a -> s{i}; b -> s{i}; c -> s{i};" for i in range(400))
print("begun", flush=True)
try:
    place(f"digraph {{ {lines} }}", engine="pygraphviz", timeout=50)
except KeyboardInterrupt:
    sys.exit(7)
"""
    done = interrupted(code, 1.0)
    assert (done.returncode, done.stderr) == (7, "")
