"""Commands in which one call to the system fails: the first, the second, and so on to the last.

``python -m support.faults`` is a server: it has loaded all that commands load, and forks for each
line of JSON on its stdin; so a command takes a twentieth of a second. `Server` talks to it.
"""

from __future__ import annotations

import builtins
import ctypes
import errno
import functools
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

_OS = (
    "access", "chmod", "close", "dup", "fchmod", "fchown", "fstat", "fsync", "getcwd", "link",
    "listdir", "lstat", "makedirs", "mkdir", "open", "pipe", "readlink", "rename", "replace",
    "rmdir", "scandir", "stat", "truncate", "unlink", "urandom", "write",
)  # fmt: skip

CALLS = (
    *(f"os.{name}" for name in _OS),
    "builtins.open",
    "io.FileIO.read",
    "dzviz.streams.Outlet.__init__",
    "dzviz.streams.Outlet.close",
    "subprocess.Popen.__init__",
    "threading.Thread.start",
    "wasmtime.Engine.__init__",
    "wasmtime.Module.from_file",
    "wasmtime.Linker.instantiate",
    "wasmtime.Memory.read",
    "wasmtime.Memory.write",
)
"""What can fail: the calls of Python by which the command reaches the system and the engine."""

REASONS = ("ENOSPC", "EACCES", "EIO", "EPIPE", "EROFS", "EMFILE", "ENOMEM")
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL")
PROGRAMS: Mapping[str, str] = {
    "timeout": "cat >/dev/null; sleep 60",
    "crash": "kill -SEGV $$",
    "killed": "kill -KILL $$",
    "rubbish": "cat >/dev/null; echo rubbish",
    "half": "cat >/dev/null; echo '{\"objects\": ['",
    "silent": "cat >/dev/null",
    "deaf": "exec <&-; echo '{}'",
}
"""What takes the place of a program that is started; the engine inside does the same."""

FAULTS = (*REASONS, "short", "full", *SIGNALS, *PROGRAMS)
"""How a call fails.

``short`` writes a part of what it is given; from ``full`` on the disk is full; a signal comes just
before the call.
"""

FILLING = (
    "os.fsync",
    "os.link",
    "os.mkdir",
    "os.write",
    "dzviz.streams.Outlet.__init__",
)
"""What fails where the disk is full."""

STREAMS = ("in", "out", "err")
GONE = "|"

PATIENCE = 300
"""Seconds after which a command hangs, and is killed by SIGALRM; so long even where much is run."""


class Outcome(NamedTuple):
    """How a command ended: as `subprocess` tells it, and which calls it made.

    ``struck`` are the calls that failed; ``orphans`` are the processes that it left behind.
    """

    code: int
    out: bytes
    err: str
    calls: Sequence[str]
    struck: Sequence[str]
    orphans: int


class Server:
    """Runs commands in a folder, each in a process of its own."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        root = Path(__file__).parents[2]
        path = os.pathsep.join([str(root), str(root / "tests")])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.faults"],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        args: Sequence[str],
        folder: Path,
        fault: str = "",
        turn: int = 0,
        *,
        stdin: bytes = b"",
        streams: Mapping[int, str] | None = None,
        env: Mapping[str, str] | None = None,
        kill: tuple[bool, float] | None = None,
    ) -> Outcome:
        """Run a command line of dzviz whose call number ``turn`` fails.

        ``streams`` are the files that its standard streams shall be, "" for one that is closed,
        ``GONE`` for a pipe whose reader has left. ``kill``: SIGKILL after so many seconds, counted
        from its begin or from when a temporary file is there.
        """
        assert not fault or fault in FAULTS
        files = [self._scratch / name for name in STREAMS]
        for path in files:
            path.write_bytes(stdin if path is files[0] else b"")
        order = {
            "streams": [(streams or {}).get(n, str(path)) for n, path in enumerate(files)],
            "args": list(args),
            "folder": str(folder),
            "scratch": str(self._scratch),
            "env": dict(env or {}),
            "fault": [fault, turn],
            "kill": kill,
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        code, orphans = json.loads(self._process.stdout.readline())
        out, err, calls = ((self._scratch / name).read_bytes() for name in (*STREAMS[1:], "calls"))
        made = calls.decode(errors="replace").splitlines()
        struck = [call.removeprefix("!") for call in made if call.startswith("!")]
        return Outcome(code, out, err.decode(errors="replace"), made, struck, orphans)

    def close(self) -> None:
        """End the server."""
        self._process.communicate(timeout=PATIENCE)


@contextmanager
def server(scratch: Path) -> Iterator[Server]:
    """Run a server; ``scratch`` is a folder for it alone."""
    served = Server(scratch)
    try:
        yield served
    finally:
        served.close()


def install(fault: str, turn: int, log: int) -> None:
    """Make call number ``turn``, counted from 0, fail in this process; all are logged."""
    count = iter(range(sys.maxsize))
    write = os.write

    def strike(name: str, args: tuple[Any, ...]) -> bool:
        """Log a call; return whether it is its turn to fail."""
        number = next(count)
        shown = " ".join(str(arg)[:80] for arg in args if isinstance(arg, str | int))
        struck = bool(fault) and number == turn
        if fault == "full" and number > turn:
            struck = name in FILLING and args[0] not in (1, 2)
        write(log, f"{'!' * struck}{name} {shown!r}\n".encode(errors="replace"))
        return struck

    def failing(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if idle(name, args):
                return call(*args, **kwargs)
            if not strike(name, args):
                return call(*args, **kwargs)
            return fail(name, call, args, kwargs)

        return wrapper

    def idle(name: str, args: tuple[Any, ...]) -> bool:
        """Whether a call cannot fail: about a standard stream, or closing what is closed."""
        if name == "os.fstat":
            return args[0] in (0, 1, 2)
        if name.endswith("Outlet.close"):
            return bool(args[0].closed or not args[0].closefd)
        return name.endswith("Outlet.__init__") and args[1] in (1, 2)

    def fail(name: str, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if fault in SIGNALS:
            os.kill(os.getpid(), getattr(signal, fault))
            return call(*args, **kwargs)
        if fault == "short":
            if name != "os.write":
                return call(*args, **kwargs)
            return call(args[0], memoryview(args[1]).cast("B")[: max(1, len(args[1]) // 3)])
        if fault in PROGRAMS:
            if name.startswith("subprocess."):
                return call(args[0], ["sh", "-c", PROGRAMS[fault]], *args[2:], **kwargs)
            if name.startswith("wasmtime."):
                import wasmtime

                if fault == "timeout":
                    time.sleep(60)
                if fault in ("rubbish", "half", "silent") and name == "wasmtime.Memory.read":
                    return b"" if fault == "silent" else call(*args, **kwargs)[::-1]
                raise wasmtime.WasmtimeError(fault)
            return call(*args, **kwargs)
        if name.startswith("threading."):
            raise RuntimeError("can't start new thread")
        if name == "os.access":
            return False
        reason = errno.ENOSPC if fault == "full" else getattr(errno, fault)
        raise OSError(reason, os.strerror(reason), *[a for a in args[:1] if isinstance(a, str)])

    class Reader(io.FileIO):
        """A file that is read, each time by a call that can fail."""

        read = failing("io.FileIO.read", io.FileIO.read)
        readall = failing("io.FileIO.read", io.FileIO.readall)
        readinto = failing("io.FileIO.read", io.FileIO.readinto)

    plain = builtins.open

    def opened(
        file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, *args: Any, **kw: Any
    ) -> Any:
        if set(mode) - set("rbt"):
            return plain(file, mode, buffering, encoding, *args, **kw)
        closefd, opener = kw.pop("closefd", True), kw.pop("opener", None)
        buffer = io.BufferedReader(Reader(file, "r", closefd, opener))
        return buffer if "b" in mode else io.TextIOWrapper(buffer, encoding, *args, **kw)

    for name in CALLS:
        module, _, attribute = name.partition(".")
        owner = sys.modules[module]
        while "." in attribute:
            part, _, attribute = attribute.partition(".")
            owner = getattr(owner, part, None) or sys.modules[f"{owner.__name__}.{part}"]
        if owner is io.FileIO:
            continue
        if name == "builtins.open":
            builtins.open = io.open = failing(name, opened)
            continue
        wrapped: Any = failing(name, getattr(owner, attribute))
        if name == "wasmtime.Module.from_file":
            wrapped = staticmethod(wrapped)
        setattr(owner, attribute, wrapped)
    if sys.stdin is not None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(Reader(0, closefd=False)))


def serve() -> None:
    """Run a command for each line of stdin, in a process of its own."""
    _load()
    # What a command leaves behind becomes a child of this process, and is seen.
    ctypes.CDLL(None).prctl(36, 1)
    orders, answers = sys.stdin, sys.stdout
    for line in orders:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _command(order)
        if order["kill"]:
            _kill(pid, Path(order["folder"]), *order["kill"])
        _, status = os.waitpid(pid, 0)
        answers.write(f"{json.dumps([os.waitstatus_to_exitcode(status), _orphans()])}\n")
        answers.flush()


def _kill(pid: int, folder: Path, writing: bool, seconds: float) -> None:
    """Kill a process at a moment, if it is still there."""
    before = temporaries(folder)

    def runs() -> bool:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    while writing and runs() and temporaries(folder) <= before:
        pass
    end = time.monotonic() + seconds
    while time.monotonic() < end and runs():
        time.sleep(min(0.001, seconds))
    os.kill(pid, signal.SIGKILL)


def temporaries(folder: Path) -> set[str]:
    """Return the temporary files and folders that a command makes while it writes."""
    return {name for name in os.listdir(folder) if name.startswith(".dzviz-")}


def _load() -> None:
    """Load what commands load, without starting anything."""
    from dzviz.arguments.expression import spare_threads

    spare_threads()
    import importlib
    import pkgutil
    import shutil

    import dzviz.cli
    from dzviz.formats import FORMATS

    for module in pkgutil.walk_packages(dzviz.cli.__path__, "dzviz.cli."):
        importlib.import_module(module.name)

    for name in (
        *(format.module for format in FORMATS.values()),
        "dzviz.svg.pdf_pages",
        "dzviz.arguments.config",
    ):
        importlib.import_module(name)
    for name in ("numpy", "wasmtime", "PIL.Image", "PIL.GifImagePlugin", "PIL.PngImagePlugin"):
        importlib.import_module(name)
    for name in ("resvg_py", "svglib.svglib", "reportlab.pdfgen.canvas"):
        importlib.import_module(name)
    importlib.import_module("reportlab.graphics.renderPDF")
    importlib.import_module("dzviz._dezero.functions")  # by this name first, as commands do
    shutil.get_terminal_size()


def _command(order: dict[str, Any]) -> None:
    """Become the command: its streams, its folder, its environment, and its calls."""
    signal.alarm(PATIENCE)
    os.environ.update(order["env"])
    log = os.open(Path(order["scratch"], "calls"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 99, inheritable=False)  # out of the way of a standard stream that is closed
    os.close(log)
    for number, name in enumerate(order["streams"]):
        if name == GONE:
            reader, stream = os.pipe()
            os.close(reader)
        else:
            stream = os.open(name or os.devnull, os.O_WRONLY if number else os.O_RDONLY)
        os.dup2(stream, number)
        os.close(stream)
    for number, name in enumerate(order["streams"]):
        if not name:
            os.close(number)
            setattr(sys, f"std{STREAMS[number]}", None)  # as Python has it from the start
    os.chdir(order["folder"])
    tempfile.tempdir = order["env"].get("TMPDIR")  # not the next one where a call there fails
    sys.argv = ["dzviz", *order["args"]]
    install(*order["fault"], 99)
    from dzviz.__main__ import main

    main()


def _orphans() -> int:
    """Count the children that the command left and that do not end, and end them."""
    patience = time.monotonic() + 1
    left = 0
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return left
        if not pid and time.monotonic() > patience:
            for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                with suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)
                left += 1
            patience += 1
        elif not pid:
            time.sleep(0.01)


if __name__ == "__main__":
    serve()
