"""Many files in one folder: all of them or none, and nothing of anybody else touched."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dzviz.cli import process
from dzviz.cli.folder import check_folder, write_folder
from dzviz.cli.output import LITTER
from dzviz.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Start = Callable[..., Any]  # The fixture ``child``.

FILES = [("step-0.svg", ["<svg/>\n"]), ("step-1.svg", ["π"]), ("step-2.svg", [b"\x00"])]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in an empty folder, in which nothing temporary is left in the end."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert list(tmp_path.rglob(".dzviz*")) == []
    assert process.temporaries == set()


def contents(path: str) -> dict[str, bytes]:
    return {name: Path(path, name).read_bytes() for name in sorted(os.listdir(path))}


WRITTEN = {"step-0.svg": b"<svg/>\n", "step-1.svg": "π".encode(), "step-2.svg": b"\x00"}


def refusal(path: str, words: str, files: Any = FILES) -> OutputError:
    with pytest.raises(OutputError, match=words) as caught:
        write_folder(path, files)
    assert str(caught.value).isprintable()
    return caught.value


@pytest.mark.parametrize("path", ["new", "new/", "./new", "{folder}/new"])
def test_a_new_folder(path: str, folder: Path) -> None:
    before = os.umask(0o027)
    try:
        write_folder(path.format(folder=folder), FILES)
    finally:
        os.umask(before)
    assert contents("new") == WRITTEN
    assert stat.S_IMODE(os.stat("new").st_mode) == 0o750
    assert stat.S_IMODE(os.stat("new/step-0.svg").st_mode) == 0o640
    assert os.listdir() == ["new"]


def test_an_empty_folder_stays_the_same_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkdir("empty", 0o711)
    before = os.stat("empty")
    monkeypatch.chdir("empty")
    write_folder(".", FILES)
    assert contents(".") == WRITTEN
    assert (os.stat(".").st_ino, os.stat(".").st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.parametrize("name", ["step-0.svg", ".hidden", "mine.txt"])
def test_a_folder_with_something_in_it_is_left_alone(name: str) -> None:
    os.mkdir("full")
    Path("full", name).write_text("mine")
    error = refusal("full", "the folder 'full' is not empty")
    assert error.hint is not None
    with pytest.raises(OutputError):
        check_folder("full")
    assert contents("full") == {name: b"mine"}


def test_a_second_film_does_not_mix_with_the_first() -> None:
    write_folder("steps", FILES)
    refusal("steps", "not empty", FILES[:1])
    assert contents("steps") == WRITTEN


@pytest.mark.parametrize("path", ["file", "file/", "file/steps", "/dev/null"])
def test_a_file_in_the_way(path: str) -> None:
    Path("file").write_text("mine")
    refusal(path, "Not a directory")
    assert Path("file").read_text() == "mine"


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_and_the_folder_is_where_it_leads(exists: bool) -> None:
    os.mkdir("sub")
    if exists:
        os.mkdir("sub/target")
    os.symlink("sub/target", "link")
    write_folder("link", FILES)
    assert Path("link").is_symlink()
    assert contents("sub/target") == WRITTEN


def test_a_link_that_leads_nowhere() -> None:
    os.symlink("missing/target", "dangling")
    os.symlink("round", "round")
    refusal("dangling", "No such file or directory")
    refusal("round", "symbolic links")
    assert sorted(os.listdir()) == ["dangling", "round"]


def test_a_missing_parent_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        check_folder("no/such/steps")
    for path in ("no/such/steps", ""):
        refusal(path, "No such file or directory")


def test_names_that_no_folder_can_have() -> None:
    refusal("a\0b", "no file can have this name")
    refusal("x" * 256, "File name too long")


@pytest.mark.parametrize("existing", [True, False])
def test_no_permission(existing: bool, child: Start) -> None:
    os.mkdir("sub")
    if existing:
        os.mkdir("sub/steps", 0o555)
    os.chmod("sub", 0o555)
    code = """
from dzviz.cli.folder import write_folder
if os.getuid() == 0: os.seteuid(65534)
try: write_folder("steps", [("a", ["new"])])
except output.OutputError as error: print(error)
print(os.listdir())
"""
    # Relative to an open folder: pytest's own is closed to others.
    status, stdout, stderr = child(code, preexec_fn=lambda: os.chdir("sub")).finish()
    os.chmod("sub", 0o755)
    where = "steps" if existing else "."
    message = f"cannot write 'steps' (a new folder in '{where}'): Permission denied\n"
    left = ["steps"] if existing else []
    assert (status, stdout.decode(), stderr) == (0, f"{message}{left}\n", b"")


CALLS = {"os.mkdir": 1, "os.write": 3, "os.fsync": 3}
"""How often each call is made; a failure of any leaves nothing."""
MOVES = {True: {"os.unlink": 3, "os.rmdir": 1}, False: {"os.rename": 1}}
REASONS = [errno.ENOSPC, errno.EIO]


@pytest.mark.parametrize("reason", REASONS, ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("existing", "call", "turn"),
    [
        (existing, call, turn)
        for existing in (True, False)
        for call, often in (CALLS | MOVES[existing]).items()
        for turn in range(often)
    ],
)
def test_each_call_that_fails(
    existing: bool, call: str, turn: int, reason: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if existing:
        os.mkdir("steps")
    name = call.removeprefix("os.")
    write_while_failing(name, turn, reason, monkeypatch)
    assert os.listdir() == (["steps"] if existing else [])
    assert not existing or os.listdir("steps") == []


def write_while_failing(name: str, turn: int, reason: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the folder while a call of os fails at its ``turn``."""
    original, left = getattr(os, name), [turn]

    def failing(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == -1:
            raise OSError(reason, os.strerror(reason))
        return original(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing)
        refusal("steps", os.strerror(reason))
    assert left[0] < 0


@pytest.mark.parametrize("existing", [True, False])
def test_what_comes_in_meanwhile_is_left_alone(existing: bool) -> None:
    def files() -> Iterator[tuple[str, list[str]]]:
        yield "step-0.svg", ["ours"]
        if not existing:
            os.mkdir("steps")
        Path("steps/step-1.svg").write_text("theirs")
        yield "step-1.svg", ["ours"]

    if existing:
        os.mkdir("steps")
    refusal("steps", "File exists" if existing else "not empty", files())
    assert contents("steps") == {"step-1.svg": b"theirs"}


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a file system that has none, as FAT."""

    def link(*_: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


@pytest.mark.usefixtures("without_links")
def test_a_file_system_without_links() -> None:
    os.mkdir("steps")
    write_folder("steps", FILES)
    assert contents("steps") == WRITTEN


@pytest.mark.usefixtures("without_links")
@pytest.mark.parametrize("turn", range(3))
def test_a_rename_that_fails_where_there_are_no_links(
    turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkdir("steps")
    write_while_failing("rename", turn, errno.EIO, monkeypatch)
    assert os.listdir("steps") == []


@pytest.mark.parametrize("late", range(3))
def test_what_comes_in_at_the_last_moment_is_left_alone(
    late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkdir("steps")
    link = os.link

    def linking(old: str, new: str) -> None:
        if new.endswith(f"step-{late}.svg"):
            Path(new).write_text("theirs")
        link(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", linking)
        refusal("steps", "File exists")
    assert contents("steps") == {f"step-{late}.svg": b"theirs"}


@pytest.mark.parametrize("inside", [True, False])
def test_what_killed_processes_left_is_removed_after_an_hour(inside: bool) -> None:
    os.mkdir("steps")
    folder = Path("steps" if inside else ".")
    old, new = (folder / f".dzviz-{digit * 16}.tmp" for digit in "ab")
    for left in (old, new):
        left.mkdir()
        (left / "step-0.svg").write_text("half")
    os.utime(old, (0, time.time() - LITTER - 60))
    if inside:
        refusal("steps", f"the folder 'steps' is not empty: it contains '{new.name}'")
        assert os.listdir("steps") == [new.name]
    else:
        os.rmdir("steps")
        write_folder("steps", FILES)
        assert sorted(os.listdir()) == [new.name, "steps"]
    shutil.rmtree(new)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_of_the_files_is_theirs(error: type[BaseException]) -> None:
    def files() -> Iterator[tuple[str, list[str]]]:
        yield "step-0.svg", ["ours"]
        raise error("theirs")

    with pytest.raises(error, match="theirs"):
        write_folder("steps", files())
    assert os.listdir() == []


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle(existing: bool, signum: signal.Signals, child: Start) -> None:
    if existing:
        os.mkdir("steps")
    writer = child("""
from dzviz.cli.folder import write_folder
def files():
    yield "a", ["0" * 2**20]
    wait()
guard(lambda: write_folder("steps", files()))
""")
    writer.await_ready()
    assert len(list(Path().rglob("a"))) == 1
    writer.send_signal(signum)
    assert writer.finish() == (-signum, b"", b"")
    assert os.listdir() == (["steps"] if existing else [])
    assert not existing or os.listdir("steps") == []


def test_a_second_signal_leaves_nothing_either(child: Start) -> None:
    writer = child("""
from dzviz.cli.folder import write_folder
def files():
    yield "a", ["0"]
    try:
        wait()
    finally:
        wait()
guard(lambda: write_folder("steps", files()))
""")
    for _ in range(2):
        writer.await_ready()
        writer.send_signal(signal.SIGINT)
    assert writer.finish() == (-signal.SIGINT, b"", b"")
    assert os.listdir() == []
