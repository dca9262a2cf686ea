from __future__ import annotations

import errno
import io
import itertools
import os
import pty
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dzviz import streams
from dzviz.cli import output, process
from dzviz.cli.output import quoted_path, write_file, write_stdout
from dzviz.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    Start = Callable[..., Any]  # The fixture ``child``.

OLD, NEW = b"the old picture\n", b"the new picture\n"
MEGABYTE = 1 << 20


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in an empty folder that must hold no temporary file in the end."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert [name for name in os.listdir() if name.startswith(".dzviz")] == []
    assert process.temporaries == set()


def refusal(path: str, words: str) -> str:
    """Write to ``path``; return the one error, which must say ``words`` on one line."""
    with pytest.raises(OutputError) as caught:
        write_file(path, [NEW])
    message = str(caught.value)
    assert words in message
    assert message.isprintable()
    assert message.startswith(("cannot write '", 'cannot write "'))
    return message


# What is written


def test_text_is_utf_8_with_lf(folder: Path) -> None:
    write_file("x", ["π\n", "", "日\r\n"])
    assert Path("x").read_bytes() == "π\n日\r\n".encode()


def test_bytes_are_themselves() -> None:
    write_file("x", [b"\x00\xff", b"\r\n"])
    assert Path("x").read_bytes() == b"\x00\xff\r\n"


def test_nothing_is_an_empty_file() -> None:
    Path("x").write_bytes(OLD)
    write_file("x", [])
    assert Path("x").read_bytes() == b""


def test_many_chunks_are_few_system_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    write = os.write

    def counting(descriptor: int, data: bytes) -> int:
        sizes.append(len(data))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", counting)
    write_file("x", ("0123456789" for _ in range(MEGABYTE // 10)))
    assert Path("x").stat().st_size == sum(sizes) == MEGABYTE // 10 * 10
    assert len(sizes) <= 17


def test_a_stream_of_chunks_is_never_held_whole() -> None:
    import tracemalloc

    tracemalloc.start()
    write_file("x", (b"0" * 1000 for _ in range(20_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert Path("x").stat().st_size == 20_000_000
    assert peak < MEGABYTE


# Where it goes


def test_the_old_file_stays_until_all_is_written() -> None:
    def chunks() -> Iterator[bytes]:
        yield NEW
        seen.append(Path("x").read_bytes())

    seen: list[bytes] = []
    Path("x").write_bytes(OLD)
    write_file("x", chunks())
    assert (seen, Path("x").read_bytes()) == ([OLD], NEW)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_of_the_umask(mask: int) -> None:
    before = os.umask(mask)
    try:
        write_file("x", [NEW])
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat("x").st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o755])
def test_the_mode_of_the_old_file_is_kept_and_never_wider(mode: int) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"0" * MEGABYTE
        modes.extend(stat.S_IMODE(entry.stat().st_mode) for entry in os.scandir())

    modes: list[int] = []
    Path("x").touch()
    os.chmod("x", mode)
    write_file("x", chunks())
    assert sorted(modes) == sorted([mode, 0o600])
    assert stat.S_IMODE(os.stat("x").st_mode) == mode


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give a file away")
def test_the_owner_of_the_old_file_is_kept() -> None:
    Path("x").touch()
    os.chown("x", 65534, 65533)
    write_file("x", [NEW])
    assert (os.stat("x").st_uid, os.stat("x").st_gid) == (65534, 65533)


@pytest.mark.parametrize("link", ["target", "./sub/../target", "{folder}/target", "sub/target"])
@pytest.mark.parametrize("exists", [True, False])
def test_a_symlink_stays_and_its_target_is_written(link: str, exists: bool, folder: Path) -> None:
    Path("sub").mkdir()
    target = Path("sub/target" if link == "sub/target" else "target")
    if exists:
        target.write_bytes(OLD)
    os.symlink(link.format(folder=folder), "middle")
    os.symlink("middle", "x")
    write_file("x", [NEW])
    assert Path("x").is_symlink()
    assert Path("middle").is_symlink()
    assert (target.is_symlink(), target.read_bytes()) == (False, NEW)


def test_another_name_of_the_file_keeps_the_old_content() -> None:
    Path("x").write_bytes(OLD)
    os.link("x", "other")
    write_file("x", [NEW])
    assert (Path("x").read_bytes(), Path("other").read_bytes()) == (NEW, OLD)


HOSTILE = [
    "-o",
    "--help",
    "a\nb",
    "a\x1b[31mb",
    "it's",
    '"',
    "$(touch y)",
    "a\\nb",
    " ",
    "...",
    "~",
    "\udcff",
    "日本",
    "\u202egvs",
    "x" * 255,
    ".dzviz",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_name(name: str) -> None:
    for content in (OLD, NEW):
        write_file(name, [content])
        assert os.listdir() == [name]
        assert Path(name).read_bytes() == content
    os.unlink(name)


@pytest.mark.parametrize("name", [*HOSTILE, "a\0b", "\ud800"])
def test_a_hostile_name_is_shown_safely(name: str) -> None:
    text = refusal(f"missing/{name}", "")
    assert "\n" not in text
    assert len(text) < 500
    assert text.isprintable()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("x.svg", "'x.svg'"),
        ("日 本", "'日 本'"),
        ("it's", '"it\'s"'),
        ("a\nb", r"'a\nb'"),
        (r"a\nb", r"'a\\nb'"),
        ("\udcff", r"'\udcff'"),
        ("\u202egvs", r"'\u202egvs'"),
    ],
)
def test_shown(path: str, text: str) -> None:
    assert quoted_path(path) == text


def test_a_long_path_is_shown_by_its_ends() -> None:
    text = quoted_path("a" * 5000 + "/out.svg")
    assert len(text) == 200
    assert text.endswith("/out.svg'")


# What refuses


def test_a_folder() -> None:
    os.mkdir("x")
    refusal("x", "Is a directory")
    refusal(".", "Is a directory")
    refusal("/", "Is a directory")


def test_a_missing_folder_is_named() -> None:
    refusal("no/such/x", "'no/such'")
    refusal("no/such/x", "No such file or directory")
    refusal("new/", "No such file or directory")
    refusal("", "No such file or directory")
    os.symlink("missing/x", "dangling")
    refusal("dangling", "No such file or directory")


def test_a_file_where_a_folder_should_be() -> None:
    Path("file").write_bytes(OLD)
    refusal("file/x", "Not a directory")
    refusal("file/", "Not a directory")


def test_symlinks_that_go_round() -> None:
    os.symlink("b", "a")
    os.symlink("a", "b")
    refusal("a", "symbolic links")


def test_a_name_too_long() -> None:
    refusal("x" * 256, "File name too long")
    refusal("x/" * 3000, "File name too long")


def test_a_name_that_no_file_can_have() -> None:
    refusal("a\0b", "no file can have this name")
    refusal("\ud800", "no file can have this name")


def test_a_folder_that_was_removed(folder: Path) -> None:
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")
    try:
        refusal("x", "No such file or directory")
    finally:
        os.chdir(folder)


@pytest.mark.parametrize("forbidden", ["file", "folder"])
def test_no_permission(forbidden: str, child: Start, folder: Path) -> None:
    os.mkdir("sub")
    Path("sub/x").write_bytes(OLD)
    os.chmod("sub/x", 0o666 if forbidden == "folder" else 0o444)
    os.chmod("sub", 0o555 if forbidden == "folder" else 0o777)
    code = """
import stat
from pathlib import Path
if os.getuid() == 0: os.seteuid(65534)
try: output.write_file("x", [b"new"])
except output.OutputError as error: print(error)
print(sorted(os.listdir()), Path("x").read_text(), end="")
"""
    # Relative to an open folder: pytest's own is closed to others.
    process = child(code, preexec_fn=lambda: os.chdir("sub"))
    code, stdout, stderr = process.finish()
    where = " (a new file in '.')" if forbidden == "folder" else ""
    message = f"cannot write 'x'{where}: Permission denied\n['x'] "
    assert (code, stdout, stderr) == (0, message.encode() + OLD, b"")


def test_a_file_that_grows_too_large(child: Start) -> None:
    Path("x").write_bytes(OLD)
    limit = (MEGABYTE, MEGABYTE)
    process = child(
        "output.write_file('x', [b'0' * 2**21])",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    code, stdout, stderr = process.finish()
    assert (code, stdout) == (1, b"")
    assert stderr.endswith(b"OutputError: cannot write 'x': File too large\n")
    assert (os.listdir(), Path("x").read_bytes()) == (["x"], OLD)


CALLS = {
    "os.lstat": 1,
    "os.stat": 1,  # How often a write of three blocks over an old file calls it
    "os.open": 2,
    "os.close": 1,
    "os.urandom": 1,
    "os.fstat": 1,
    "os.fchmod": 1,
    "os.write": 3,
    "os.fsync": 1,
    "Outlet.close": 1,
    "os.replace": 1,
}
REASONS = [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EDQUOT, errno.ENOMEM]


@pytest.mark.thorough
@pytest.mark.parametrize("reason", REASONS, ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("call", "turn"), [(call, turn) for call, often in CALLS.items() for turn in range(often)]
)
def test_each_call_that_fails(
    call: str, turn: int, reason: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = {call: turn}

    def failing(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            left[call] -= 1
            if left[call] == -1:
                raise OSError(reason, os.strerror(reason))
            return original(*args, **kwargs)

        return wrapper

    Path("x").write_bytes(OLD)
    os.chmod("x", 0o640)
    owner, name = {"os": os, "Outlet": streams.Outlet}[call.split(".")[0]], call.split(".")[1]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing(getattr(owner, name)))
        with pytest.raises(OutputError, match=os.strerror(reason)):
            write_file("x", [b"0" * MEGABYTE] * 3)
    assert left[call] < 0
    assert (os.listdir(), Path("x").read_bytes()) == (["x"], OLD)


@pytest.mark.parametrize("turn", range(2))
def test_a_link_that_cannot_be_read_is_not_replaced(
    turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("target").write_bytes(OLD)
    os.symlink("target", "x")
    lstat, turns = os.lstat, iter(range(100))

    def failing(*args: Any, **kwargs: Any) -> os.stat_result:
        if next(turns) == turn:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return lstat(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", failing)
        refusal("x", "Input/output error")
    assert (os.readlink("x"), Path("target").read_bytes()) == ("target", OLD)


def test_the_table_of_calls_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[str, int] = {}
    Path("x").write_bytes(OLD)
    os.chmod("x", 0o640)
    with monkeypatch.context() as patch:
        for name, call in list(vars(os).items()):
            builtin = type(call) is type(len)

            def counting(*args: Any, name: str = name, call: Any = call, **kwargs: Any) -> Any:
                caller = sys._getframe(1).f_code.co_filename
                if caller in (output.__file__, process.__file__, streams.__file__):
                    counts[f"os.{name}"] = counts.get(f"os.{name}", 0) + 1
                return call(*args, **kwargs)

            if builtin and name not in ("fspath", "strerror"):
                patch.setattr(os, name, counting)
        write_file("x", [b"0" * MEGABYTE] * 3)
    # ``readlink`` asks whether the path is a link; that it is none is an error by itself.
    assert counts.pop("os.readlink") == 1
    assert counts.pop("os.listdir") == 1  # What is not seen of others' litter stays.
    assert counts == {call: often for call, often in CALLS.items() if call.startswith("os.")}


def test_a_planted_temporary_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("victim").write_bytes(OLD)
    os.symlink("victim", f".dzviz-{'00' * 8}.tmp")
    with monkeypatch.context() as patch:
        patch.setattr(os, "urandom", bytes)
        refusal("x", "File exists")
    assert Path("victim").read_bytes() == OLD


def test_what_killed_processes_left_is_removed_after_an_hour() -> None:
    os.mkdir("sub")
    litter = [f".dzviz-{digit * 16}.tmp" for digit in "0123"]
    others = [".dzviz-cache", "mine.tmp", ".dzviz.tmp"]
    for name in (*litter, *others):
        (Path("sub") / name).write_bytes(OLD)
    old = time.time() - output.LITTER - 60
    for name in (litter[0], *others):
        os.utime(Path("sub") / name, (old, old))
    os.unlink(Path("sub", litter[1]))
    os.symlink("../victim", Path("sub", litter[1]))
    Path("victim").write_bytes(OLD)
    os.utime(Path("sub", litter[1]), (old, old), follow_symlinks=False)
    os.utime(Path("sub", litter[2]), (old + 120, old + 120))
    write_file("sub/x", [NEW])
    assert sorted(os.listdir("sub")) == sorted([*litter[2:], *others, "x"])
    assert Path("victim").read_bytes() == OLD


def test_litter_that_cannot_be_seen_or_removed_hinders_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    litter = f".dzviz-{'0' * 16}.tmp"
    Path(litter).write_bytes(OLD)
    os.utime(litter, (0, 0))
    for call in ("unlink", "listdir"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, refuse)
            write_file("x", [NEW])
    assert sorted(os.listdir()) == [litter, "x"]
    os.unlink(litter)


@pytest.mark.parametrize("reason", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_without_fsync(reason: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(descriptor: int) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "fsync", fsync)
    write_file("x", [NEW])
    assert Path("x").read_bytes() == NEW


def test_what_cannot_be_removed_does_not_hide_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        patch.setattr(os, "unlink", refuse)
        refusal("x", "Read-only file system")
    (left,) = os.listdir()
    os.unlink(left)


@pytest.mark.parametrize("error", [RuntimeError, OSError, BrokenPipeError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [0, 1, MEGABYTE])
def test_an_error_of_the_chunks_is_theirs(error: type[BaseException], before: int) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"0" * before
        raise error("theirs")

    Path("x").write_bytes(OLD)
    with pytest.raises(error, match="theirs"):
        write_file("x", chunks())
    assert (os.listdir(), Path("x").read_bytes()) == (["x"], OLD)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # The process would be gone.
@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("failing", [True, False])
def test_an_interruption_at_every_step(existing: bool, failing: bool) -> None:
    """Raise at the first bytecode of the modules, at the second, and so on to the last."""
    old, new = (OLD if existing else None), (None if failing else NEW)
    contents = set()
    for stop in itertools.count(1):
        if existing:
            Path("x").write_bytes(OLD)
        # In a thread of its own: raised among the last bytecodes of a handler, it leaves CPython's
        # record of the exceptions in hand astray.
        with ThreadPoolExecutor(1) as thread:
            stopped = thread.submit(interrupt, stop, failing).result()
        for name in list(process.temporaries):  # As ``die`` does.
            process.remove_temporary(name)
        contents.add(Path("x").read_bytes() if Path("x").exists() else None)
        assert contents <= {old, new or old}
        assert set(os.listdir()) <= {"x"}
        Path("x").unlink(missing_ok=True)
        if not stopped:
            break
    assert stop > 300
    assert contents == {old, new or old}


class Stop(BaseException):
    pass


def interrupt(stop: int, failing: bool) -> bool:
    """Write to ``x``; raise Stop at a bytecode. Return whether there were as many."""
    steps = 0

    def chunks() -> Iterator[bytes]:
        yield NEW
        if failing:
            raise RuntimeError

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        if frame.f_code.co_filename not in (output.__file__, process.__file__, streams.__file__):
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            steps += 1
            if steps == stop:
                raise Stop
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # Python 3.12 asks for it when tracing begins.
    sys.settrace(trace)
    try:
        write_file("x", chunks())
    except (Stop, RuntimeError):
        pass
    finally:
        sys.settrace(before)
    return steps >= stop


# Signals


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_in_the_middle(signum: signal.Signals, child: Start) -> None:
    Path("x").write_bytes(OLD)
    writer = child("""
def chunks():
    yield b"0" * 2**20
    wait()
guard(lambda: output.write_file("x", chunks()))
""")
    writer.await_ready()
    assert len(os.listdir()) == 2
    writer.send_signal(signum)
    assert writer.finish() == (-signum, b"", b"")
    assert Path("x").read_bytes() == OLD
    for name in set(os.listdir()) - {"x"}:
        assert signum == signal.SIGKILL  # Nothing can be done about that one.
        os.unlink(name)


def test_many_writers_at_once(child: Start) -> None:
    code = """
guard(lambda: [output.write_file("x", [{letter!r} * 2**18] * 2) for _ in range(30)] and 0)
"""
    Path("x").write_bytes(b"0" * 2**19)
    writers = [child(code.format(letter=letter)) for letter in "abcdef"]
    while any(writer.poll() is None for writer in writers):
        content = Path("x").read_bytes()
        assert (len(content), len(set(content))) == (2**19, 1)
    assert [writer.finish() for writer in writers] == [(0, b"", b"")] * 6
    assert os.listdir() == ["x"]


# Pipes and devices


def test_a_fifo_is_written_to() -> None:
    os.mkfifo("x")
    os.symlink("x", "link")
    for path in ("x", "link"):
        seen: list[bytes] = []
        reader = threading.Thread(
            target=lambda into: into.append(Path("x").read_bytes()), args=[seen]
        )
        reader.start()
        write_file(path, [NEW, b"0" * MEGABYTE])
        reader.join()
        assert seen == [NEW + b"0" * MEGABYTE]
    assert stat.S_ISFIFO(os.lstat("x").st_mode)


def test_waiting_for_the_reader_of_a_fifo_can_be_interrupted(child: Start) -> None:
    os.mkfifo("x")
    writer = child("guard(lambda: ready() or output.write_file('x', [b'0']))")
    writer.await_ready()
    writer.send_signal(signal.SIGINT)
    assert writer.finish() == (-signal.SIGINT, b"", b"")


def test_the_reader_of_a_fifo_leaves(child: Start) -> None:
    os.mkfifo("x")
    writer = child("guard(lambda: output.write_file('x', [b'0' * 2**20]))")
    with open("x", "rb") as reader:
        reader.read(1)
    assert writer.finish() == (-signal.SIGPIPE, b"", b"")
    assert stat.S_ISFIFO(os.lstat("x").st_mode)


def test_devices() -> None:
    before = os.lstat("/dev/null").st_ino
    write_file("/dev/null", [NEW])
    assert os.lstat("/dev/null").st_ino == before
    refusal("/dev/full", "No space left on device")
    os.symlink("/dev/full", "link")
    refusal("link", "No space left on device")


def test_a_device_that_fails_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def close(outlet: process.Outlet) -> None:
        if not outlet.closed:
            io.FileIO.close(outlet)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(process.Outlet, "close", close)
    refusal("/dev/null", "Input/output error")


def test_a_terminal_is_written_to() -> None:
    controller, terminal = pty.openpty()
    write_file(os.ttyname(terminal), [b"\x89PNG\n"])
    assert os.read(controller, 100) == b"\x89PNG\r\n"
    os.close(controller)
    os.close(terminal)


def test_a_socket_refuses() -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind("x")
        refusal("x", "No such device or address")


DESCRIPTORS = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"]


@pytest.mark.parametrize("path", DESCRIPTORS)
def test_dev_stdout_into_a_pipe(path: str, child: Start) -> None:
    os.symlink("/dev/stdout", "link")
    code = f"guard(lambda: output.write_file({path!r}, [b'new']))"
    assert child(code).finish() == (0, b"new", b"")


@pytest.mark.parametrize("path", DESCRIPTORS)
@pytest.mark.parametrize("mode", ["ab", "wb"])
def test_dev_stdout_into_a_file_writes_where_the_file_stands(
    path: str, mode: str, child: Start
) -> None:
    os.symlink("/dev/stdout", "link")
    with open("file", mode) as file:
        file.write(b"before ")
        file.flush()
        inode = os.fstat(file.fileno()).st_ino
        code = f"guard(lambda: output.write_file({path!r}, [b'new']))"
        child(code, stdout=file).finish()
        os.write(file.fileno(), b" after")
    assert Path("file").read_bytes() == b"before new after"
    assert os.stat("file").st_ino == inode


def test_dev_fd_of_another_number(child: Start) -> None:
    reader, writer = os.pipe()
    process = child(
        f"guard(lambda: output.write_file('/dev/fd/{writer}', [b'new']))", pass_fds=[writer]
    )
    os.close(writer)
    with open(reader, "rb") as pipe:
        assert pipe.read() == b"new"
    assert process.finish() == (0, b"", b"")


def test_dev_fd_that_is_not_open() -> None:
    refusal("/dev/fd/987", "Bad file descriptor")
    refusal("/dev/fd/9999999999999999999999", "cannot write")
    refusal("/dev/fd/x", "No such file or directory")


def test_dev_stdout_that_is_closed(child: Start) -> None:
    code, stdout, stderr = child("output.write_file('/dev/stdout', [b'new'])", ">&-").finish()
    assert (code, stdout) == (1, b"")
    assert stderr.endswith(b"OutputError: cannot write '/dev/stdout': Bad file descriptor\n")


def test_a_number_is_an_ordinary_name() -> None:
    for content in (OLD, NEW):
        write_file("1", [content])
        assert Path("1").read_bytes() == content


# Stdout


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("binary", "force", "terminal", "refused"),
    [
        (True, False, True, True),
        (True, True, True, False),
        (False, False, True, False),
        (True, False, False, False),
    ],
)
def test_binary_to_a_terminal(
    binary: bool, force: bool, terminal: bool, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = (Terminal if terminal else io.TextIOWrapper)(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", stream)
    if refused:
        with pytest.raises(UsageError, match="terminal"):
            write_stdout(["text"], binary=binary, force=force)
    else:
        write_stdout(["text"], binary=binary, force=force)
    assert stream.buffer.getvalue() == (b"" if refused else b"text")  # type: ignore[attr-defined]


def test_binary_to_a_real_terminal(child: Start) -> None:
    code = "guard(lambda: output.write_stdout([b'\\x89PNG'], binary=True, force={}))"
    for force, expected in ((False, b""), (True, b"\x89PNG")):
        controller, terminal = pty.openpty()
        process = child(code.format(force), stdout=terminal)
        os.close(terminal)
        _, _, stderr = process.finish()
        assert (b"UsageError" in stderr) is not force
        try:
            assert os.read(controller, 100) == expected
        except OSError:  # Linux: all is read, and nobody holds the terminal.
            assert expected == b""
        os.close(controller)


@pytest.mark.parametrize("guarded", [True, False])
def test_stdout_keeps_the_order(guarded: bool, child: Start) -> None:
    code = """
def main():
    print("before", end=" ")
    output.write_stdout(["mid", "dle "], binary=False)
    print("after", end="")
    return 0
"""
    run = "guard(main)" if guarded else "main()"
    assert child(code + run).finish() == (0, b"before middle after", b"")


def test_the_reader_of_an_unguarded_stdout_has_left(child: Start) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = """
try: output.write_stdout(["x"], binary=False)
except process.Killed as killed: os._exit(killed.signum)
"""
    unguarded = child(code, stdout=writer)
    os.close(writer)
    assert unguarded.finish()[::2] == (signal.SIGPIPE, b"")


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(
    "env", [{"PYTHONUTF8": "0", "LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {}]
)
def test_stdout_is_utf_8_in_every_locale(guarded: bool, env: dict[str, str], child: Start) -> None:
    call = "output.write_stdout(['\\u03c0 \\u65e5\\n'], binary=False)"
    code = f"guard(lambda: {call})" if guarded else call
    assert child(code, env=env).finish() == (0, "π 日\n".encode(), b"")


STDOUT = """
def main():
    try:
        output.write_stdout([b"0" * {size}], binary=True)
    except output.OutputError as error:
        print("main:", error, file=sys.stderr)
        return 6
guard(main)
"""


@pytest.mark.parametrize("size", [1, 1000, MEGABYTE])
@pytest.mark.parametrize(
    ("shell", "words"),
    [(">/dev/full", b"No space left on device"), (">&-", b"Bad file descriptor")],
)
def test_stdout_refuses(size: int, shell: str, words: bytes, child: Start) -> None:
    message = b"main: cannot write to stdout: " + words + b"\n"
    assert child(STDOUT.format(size=size), shell).finish() == (6, b"", message)


@pytest.mark.parametrize("size", [1, 1000, MEGABYTE])
def test_the_reader_of_stdout_has_left(size: int, child: Start) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = child(STDOUT.format(size=size), stdout=writer)
    os.close(writer)
    assert process.finish()[::2] == (-signal.SIGPIPE, b"")


def test_a_shell_sees_141_and_no_word() -> None:
    script = '{ "$0" "$@"; echo $? >&2; } | head -c 1 >/dev/null'
    code = (
        "from dzviz.cli import output, process\n"
        "with process.Guard():\n"
        "    output.write_stdout(['x' * 2**20] * 9, binary=False)"
    )
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(output.__file__).parents[2])},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == b"141\n"


def test_writing_loads_nothing_heavy(child: Start) -> None:
    code = "output.write_file('x', ['x'])\nprint(*sys.modules)"
    _, stdout, _ = child(code).finish()
    loaded = stdout.decode().split()
    assert "dzviz.cli.output" in loaded
    assert not {"numpy", "click", "tempfile", "shutil", "pathlib", "random"} & set(loaded)


def test_only_what_is_named_as_ours_is_removed() -> None:
    old = time.time() - output.LITTER - 60
    names = [".dzviz-my-notes.tmp", f".dzviz-{'g' * 16}.tmp", f".dzviz-{'0' * 16}.tmp.bak"]
    for name in names:
        Path(name).write_text("mine")
        os.utime(name, (old, old))
    write_file("x", [b"new"])
    for name in names:
        assert Path(name).read_text() == "mine"
        os.remove(name)
