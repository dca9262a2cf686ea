"""The program dot: a true one, false ones, and none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dzviz.errors import LayoutError
from dzviz.layout import place, process

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the false programs are shell scripts")

Put = Callable[[str], Path]
SH = "#!/bin/sh\n"


def failure(dot: str = "digraph {}", timeout: float = 30) -> LayoutError:
    with pytest.raises(LayoutError) as caught:
        place(dot, engine="dot", timeout=timeout)
    assert str(caught.value).startswith("no layout engine could place the nodes (dot: ")
    return caught.value


def test_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in (str(tmp_path), "", "/nowhere"):
        monkeypatch.setenv("PATH", path)
        assert "there is no program dot on the PATH" in str(failure())
    monkeypatch.delenv("PATH")
    monkeypatch.setattr(os, "defpath", "/nowhere")
    error = failure()
    assert "there is no program dot on the PATH" in str(error)
    assert error.hint
    assert "graphviz" in error.hint.lower()


@pytest.mark.parametrize(
    "path", [".", "", "bin", "./bin", "../bin", "{tmp}/other:.:", "{bin}", "{bin}/../bin/"]
)
def test_the_current_folder_is_not_searched(
    fake: Put, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    program = fake(SH + 'echo \'{"bb": "0,0,7,7"}\'')
    assert place("digraph {}", engine="dot").width == 7
    here = path in (".", "", "../bin") or "{bin}" in path
    monkeypatch.chdir(program.parent if here else tmp_path)
    monkeypatch.setenv("PATH", path.format(tmp=tmp_path, bin=program.parent))
    assert "there is no program dot" in str(failure())


def test_what_is_no_program_is_passed_over(
    fake: Put, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = fake(SH + 'echo \'{"bb": "0,0,7,7"}\'').parent
    folder, text = tmp_path / "folder", tmp_path / "text"
    (folder / "dot").mkdir(parents=True)
    text.mkdir()
    (text / "dot").write_text("not executable")
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, ["/nowhere", folder, text, good])))
    assert place("digraph {}", engine="dot").width == 7


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (SH + "echo hello", r"is not Graphviz's dot: it printed 'hello'"),
        (SH + "echo '\x1b[31m{'", r"is not Graphviz's dot: it printed '\x1b[31m{'"),
        (SH, "is not Graphviz's dot: it printed ''"),
        (SH + "echo '{}'", "what it printed is not a layout: '{}'"),
        (SH + 'echo \'{"bb": "0,0\'', "what it printed is not a layout"),
        (SH + r"printf '{\377\376'", "what it printed is not a layout"),
        (
            SH + "echo 'Format: \"json0\" not recognized. Use one of: dot svg' >&2; exit 1",
            'dot ended with exit code 1: Format: "json0" not recognized. Use one of: dot svg)',
        ),
        (SH + "echo one >&2; echo two >&2; echo >&2; exit 3", "dot ended with exit code 3: two)"),
        (SH + r"printf '\033[31mred\007' >&2; exit 3", "exit code 3: ?[31mred?)"),
        (SH + "printf %0999d 1 >&2; exit 3", "exit code 3: " + "0" * 200 + ")"),
        (SH + "exit 3", "dot ended with exit code 3)"),
        (SH + "kill -SEGV $$", "dot was killed by SIGSEGV)"),
        (SH + "echo 'it fell' >&2; kill -ABRT $$", "dot was killed by SIGABRT: it fell)"),
        (SH + "kill -KILL $$", "dot was killed by SIGKILL)"),
        ("not a program\x00", "dot cannot be started (Exec format error)"),
        ("#!/no/such/shell\n", "dot cannot be started (No such file or directory)"),
    ],
)
def test_a_false_one(fake: Put, script: str, reason: str) -> None:
    fake(script)
    error = failure()
    assert reason in str(error)
    assert str(error).isprintable()
    assert error.hint or "is not a layout" in reason


def test_the_reason_names_the_program(fake: Put) -> None:
    path = fake(SH + "echo hello")
    assert str(path) in str(failure())


def test_the_next_engine_is_asked(fake: Put, sin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dzviz import layout

    fake(SH + "echo hello")
    monkeypatch.setattr(layout, "ENGINES", dict(reversed(list(layout.ENGINES.items()))))
    monkeypatch.delitem(layout.ENGINES, "pygraphviz")
    assert list(layout.ENGINES) == ["dot", "wasm"]
    assert len(place(sin).nodes) == 3


def test_input_that_is_not_read(fake: Put) -> None:
    fake(SH + 'echo \'{"bb": "0,0,7,7"}\'')
    assert place("digraph {}" + " " * 1_000_000, engine="dot").width == 7
    fake(SH + "exec <&-; exit 3")
    assert "exit code 3" in str(failure("digraph {}" + " " * 1_000_000))


def test_input_and_output_at_once(fake: Put) -> None:
    # More than a pipe holds in each direction: cat prints while it reads.
    fake(SH + "/bin/cat; /bin/cat /dev/zero | /usr/bin/head -c 1000000 >&2; exit 0")
    text = '{"bb": "0,0,7,7", "label": "' + "x" * 1_000_000 + '"}'
    assert place(text, engine="dot").width == 7


def test_output_without_end(fake: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OUTPUT_LIMIT", 1 << 20)
    fake(SH + "exec /usr/bin/yes '{'")
    assert "dot printed more than 1 MiB" in str(failure())
    fake(SH + "exec /usr/bin/yes >&2")
    assert "dot was killed by SIGPIPE" in str(failure())


def test_one_that_hangs(fake: Put, tmp_path: Path, has_ended: Callable[[int], bool]) -> None:
    pids = tmp_path / "pids"
    fake(SH + f"/bin/sleep 1000 & echo $$ $! > {pids}; wait")
    assert "dot: it took longer than 0.5 s" in str(failure(timeout=0.5))
    shell, sleep = map(int, pids.read_text().split())
    assert has_ended(shell)
    assert has_ended(sleep)


def test_one_that_ends_but_leaves_a_child_on_its_output(
    fake: Put, tmp_path: Path, has_ended: Callable[[int], bool]
) -> None:
    pid = tmp_path / "pid"
    fake(SH + f"/bin/sleep 1000 & echo $! > {pid}; exit 0")
    assert "it took longer than 0.5 s" in str(failure(timeout=0.5))
    assert has_ended(int(pid.read_text()))


def test_one_that_hangs_after_its_answer(fake: Put) -> None:
    fake(SH + 'echo \'{"bb": "0,0,7,7"}\'; exec >&- 2>&-; exec /bin/sleep 1000')
    assert "it took longer than 0.5 s" in str(failure(timeout=0.5))


def test_one_that_ignores_being_asked_to_end(
    fake: Put, tmp_path: Path, has_ended: Callable[[int], bool]
) -> None:
    pid = tmp_path / "pid"
    fake(SH + f"trap '' TERM INT HUP; echo $$ > {pid}; while :; do /bin/sleep 1; done")
    failure(timeout=0.5)
    assert has_ended(int(pid.read_text()))


@pytest.mark.parametrize("delay", [0.3, 1.0])
def test_ctrl_c(
    fake: Put,
    interrupted: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    has_ended: Callable[[int], bool],
    delay: float,
) -> None:
    pids = tmp_path / "pids"
    fake(SH + f"/bin/sleep 1000 & echo $$ $! > {pids}; wait")
    code = (
        "import sys\nfrom dzviz.layout import place\nprint(flush=True)\n"
        "try: place('digraph {}', engine='dot')\n"
        "except KeyboardInterrupt: sys.exit(7)"
    )
    done = interrupted(code, delay)
    assert (done.returncode, done.stderr) == (7, "")
    for pid in map(int, pids.read_text().split()):
        assert has_ended(pid)


def test_a_process_that_cannot_be_started(fake: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    fake(SH)
    monkeypatch.setattr(subprocess, "Popen", full)
    assert "cannot be started (Resource temporarily unavailable)" in str(failure())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limits")
def test_memory_has_an_end(fake: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MEMORY_LIMIT", 1 << 30)
    fake(f"#!{sys.executable}\nimport time\ntime.sleep(0.2)\nbytearray(2 << 30)")
    assert "exit code 1: MemoryError" in str(failure())
    fake(SH + "/bin/sleep 0.2; ulimit -v; ulimit -t")
    assert "it printed '1048576 34'" in str(failure())


@pytest.mark.needs("dot")
def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    place("digraph { a [shape=nosuch, fontname=Nosuch] }", engine="dot")
    with pytest.raises(LayoutError, match="syntax error"):
        place("digraph { a -> ", engine="dot")
    assert capfd.readouterr() == ("", "")


@pytest.mark.needs("dot")
def test_in_another_locale(python: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    code = (
        "from dzviz.layout import place\n"
        "print(place('digraph { a [width=1.5, shape=box] }', engine='dot').width)"
    )
    for locale in ("C", "de_DE.UTF-8", "C.UTF-8"):
        assert python(code, LC_ALL=locale).stdout == "108.0\n"


def test_no_descriptor_is_left_open(fake: Put) -> None:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("needs /proc")
    fake(SH + 'echo \'{"bb": "0,0,7,7"}\'')
    place("digraph {}", engine="dot")
    before = len(list(folder.iterdir()))
    for _ in range(20):
        place("digraph {}", engine="dot")
    fake(SH + "exec /bin/sleep 1000")
    failure(timeout=0.2)
    # Each of the 21 would leave one; what else the process does may take a few.
    assert len(list(folder.iterdir())) <= before + 10


class Breaking:
    """A pipe that fails once some of it is read."""

    def __init__(self, pipe: Any) -> None:
        self.pipe, self.answers = pipe, iter([b'{"half": '])

    def __enter__(self) -> Breaking:
        return self

    def __exit__(self, *_: object) -> None:
        self.pipe.close()

    def read(self, _: int) -> bytes:
        for answer in self.answers:
            return answer
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_an_answer_that_breaks_off_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    read = process._read
    monkeypatch.setattr(process, "_read", lambda pipe, *into: read(Breaking(pipe), *into))
    with pytest.raises(LayoutError, match=r"the answer of cat cannot be read \(Input/output error"):
        process.run(["cat"], b"{}", 30)
