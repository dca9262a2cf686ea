"""Every way to fail, for every engine: the next one places the nodes, or one line says why not.

The program, and the package in its child process, are played by the same shell scripts; the
embedded engine by modules in WebAssembly.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from wasmtime import wat2wasm

from dzviz import layout
from dzviz.errors import LayoutError
from dzviz.layout import process, pygraphviz, wasm

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the false programs are shell scripts")

ANSWER = '{"bb": "0,0,7,7"}'
HALF = '{"bb": "0,0,7,7", "objects": [{"name": "v0", "pos": "27,1'
NO_LAYOUT = "what it printed is not a layout"
TOO_MUCH = "printed more than 1 MiB"

SCRIPTS = {
    "is another program": ("echo hello", "it printed 'hello'|" + NO_LAYOUT),
    "prints rubbish": (r"printf '\377\000\001{{\033[31m'", "it printed|" + NO_LAYOUT),
    "prints nothing": (":", "it printed ''|" + NO_LAYOUT),
    "prints half an answer": (f"echo '{HALF}'", NO_LAYOUT),
    "prints gigabytes": ("exec /usr/bin/yes '{'", TOO_MUCH),
    "prints gigabytes of errors": ("exec /usr/bin/yes >&2", "was killed by SIGPIPE|exit code 1"),
    "says why": ("echo 'out of cheese' >&2; exit 3", "exit code 3: out of cheese"),
    "is too old": (
        "echo 'Format: \"json0\" not recognized.' >&2; exit 1",
        "1: Format: .json0. not",
    ),
    "crashes": ("kill -SEGV $$", "was killed by SIGSEGV"),
    "is killed for want of memory": ("kill -KILL $$", "was killed by SIGKILL"),
    "hangs": ("/bin/sleep 1000", "it took longer"),
    "hangs and will not end": ("trap '' TERM INT; while :; do /bin/sleep 1; done", "took longer"),
    "hangs after its answer": (
        f"echo '{ANSWER}'; exec >&- 2>&-; exec /bin/sleep 1000",
        "it took longer",
    ),
    "leaves a child on its output": (
        f"/bin/sleep 1000 & echo $! >>pids; echo '{ANSWER}'",
        "it took longer",
    ),
}
"""What a program does, and what is said of it."""

MODULES = {
    "is another program": ("hello", NO_LAYOUT),
    "prints rubbish": ("\udcff\0\1{{\x1b[31m", NO_LAYOUT),
    "prints nothing": ("", NO_LAYOUT),
    "prints half an answer": (HALF, NO_LAYOUT),
    "prints gigabytes": (
        "(drop (memory.grow (i32.const 64)))"
        " (i32.store (local.get $length) (i32.const 0x200000)) (i32.const 0)"
        " (i32.add (i32.const 8))",
        TOO_MUCH,
    ),
    "prints a negative length": (
        "(i32.store (local.get $length) (i32.const -5)) (i32.const 8)",
        TOO_MUCH,
    ),
    "answers outside of its memory": ("(i32.const 0x7ffffff0)", NO_LAYOUT),
    "answers at a negative address": ("(i32.const -16)", NO_LAYOUT),
    "says why": ("(i32.const 0)", "Graphviz says: out of cheese"),
    "crashes": ("(unreachable)", r"Graphviz crashed \(unreachable\)"),
    "gives up": ("(call $exit (i32.const 1)) (i32.const 0)", "Graphviz gave up"),
    "has no memory left": (
        "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 8)) (i32.const -1)))) (unreachable)",
        "Graphviz crashed",
    ),
    "hangs": ("(loop $on (br $on)) (i32.const 0)", "it took longer"),
    "calls itself without end": (
        "(call $render (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))"
        " (i32.const 1) (i32.add)",
        "the graph is too deep for it",
    ),
}
"""What the embedded engine gives or, in brackets, does; and what is said of it."""

MODULE = """
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 1024) "%(text)s")
  (data (i32.const 8192) "out of cheese\\00")
  (global $free (mut i32) (i32.const 16384))
  (func (export "malloc") (param $size i32) (result i32)
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get $size))))
  (func (export "graphviz_last_error") (result i32) (i32.const 8192))
  (func $render (export "graphviz_render")
    (param i32) (param i32) (param i32) (param $length i32) (result i32)
    %(code)s))
"""
GIVE = "(i32.store (local.get $length) (i32.const %d)) (i32.const 1024)"

CASES = [
    *(("dot", way) for way in SCRIPTS),
    *(("pygraphviz", way) for way in SCRIPTS),
    *(("wasm", way) for way in MODULES),
]


class Player:
    """Puts a false engine in the place of a true one."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.patch = monkeypatch
        monkeypatch.setattr(process, "OUTPUT_LIMIT", 1 << 20)
        monkeypatch.setattr(wasm, "MEMORY_LIMIT", 8 << 20)
        monkeypatch.setattr(wasm, "_idle", [])
        monkeypatch.delenv("DZVIZ_ENGINE", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))  # for the false engines' code
        monkeypatch.setenv("HOME", str(folder))
        monkeypatch.chdir(folder)

    def play(self, engine: str, does: str) -> None:
        {"dot": self._dot, "pygraphviz": self._package, "wasm": self._module}[engine](does)

    def _script(self, does: str) -> Path:
        """A script that begins with a child which has nothing to do with its output."""
        path = self.folder / "bin" / "dot"
        path.parent.mkdir()
        child = "/bin/sleep 1000 </dev/null >/dev/null 2>&1 & echo $$ $! >pids"
        path.write_text(f"#!/bin/sh\n{child}\n{does}\n")
        path.chmod(0o755)
        return path

    def _dot(self, does: str) -> None:
        self.patch.setenv("PATH", str(self._script(does).parent))

    def _package(self, does: str) -> None:
        path = str(self._script(does))
        self.patch.setattr(pygraphviz, "find_spec", lambda name: object())
        self.patch.setattr(pygraphviz, "_CHILD", f"import os; os.execv({path!r}, [{path!r}])")

    def _module(self, does: str) -> None:
        code, text = (
            (does, b"") if does.startswith("(") else ("", does.encode(errors="surrogateescape"))
        )
        quoted = "".join(f"\\{byte:02x}" for byte in text)
        path = self.folder / "package" / "assets" / "graphviz.wasm"
        path.parent.mkdir(parents=True)
        path.write_bytes(wat2wasm(MODULE % {"text": quoted, "code": code or GIVE % len(text)}))
        origin = str(path.parents[1] / "__init__.py")
        self.patch.setattr(wasm, "find_spec", lambda name: SimpleNamespace(origin=origin))

    def started(self) -> list[int]:
        """The processes that the engine started, itself too."""
        file = self.folder / "pids"
        return [int(pid) for pid in file.read_text().split()] if file.exists() else []


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Player:
    return Player(tmp_path, monkeypatch)


@pytest.mark.parametrize(("engine", "way"), CASES)
def test_the_next_engine_or_a_clear_error(
    player: Player,
    monkeypatch: pytest.MonkeyPatch,
    has_ended: Callable[[int], bool],
    capfd: pytest.CaptureFixture[str],
    engine: str,
    way: str,
) -> None:
    does, reason = (MODULES if engine == "wasm" else SCRIPTS)[way]
    before = set(threading.enumerate())  # what another test left may still be compiling
    player.play(engine, does)
    hangs = "took longer" in reason
    timeout = 0.5 if hangs else 60
    with pytest.raises(LayoutError, match=rf"\({engine}: .*(?:{reason})") as caught:
        layout.place("digraph {}", engine=engine, timeout=timeout)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
    assert caught.value.exit_code == 5

    engines = {engine: layout.ENGINES[engine], "next": lambda dot, timeout: ANSWER}
    monkeypatch.setattr(layout, "ENGINES", engines)
    if hangs:  # The budget is one, and it took all of it.
        with pytest.raises(LayoutError, match=rf"\({engine}: it took longer than 0.5 s\)"):
            layout.place("digraph {}", timeout=timeout)
    else:
        assert layout.place("digraph {}", timeout=timeout).width == 7

    assert bool(player.started()) == (engine != "wasm")
    assert all(map(has_ended, player.started()))
    assert "dzviz layout" not in [thread.name for thread in set(threading.enumerate()) - before]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("engine", layout.ENGINES)
def test_a_slow_engine_is_waited_for(
    player: Player, has_ended: Callable[[int], bool], engine: str
) -> None:
    player.play(engine, ANSWER if engine == "wasm" else f"/bin/sleep 0.3; echo '{ANSWER}'")
    assert layout.place("digraph {}", engine=engine).width == 7
    assert all(map(has_ended, player.started()))


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\0asm\1\0\0\0", b"\0asm\1\0\0\0\xff"])
def test_an_embedded_engine_that_is_no_engine(player: Player, content: bytes) -> None:
    player.play("wasm", ANSWER)
    (player.folder / "package/assets/graphviz.wasm").write_bytes(content)
    with pytest.raises(LayoutError, match=r"\(wasm: it failed \(") as caught:
        layout.place("digraph {}", engine="wasm")
    assert len(str(caught.value).splitlines()) == 1
    assert "pip install" in str(caught.value.hint)


def test_every_engine_is_in_the_table() -> None:
    assert {engine for engine, _ in CASES} == set(layout.ENGINES)
    assert sys.platform == "win32" or len(CASES) > 40
