"""Streams that are closed, full, slow or left by their reader, and what a command makes of each."""

from __future__ import annotations

import fcntl
import os
import re
import select
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from support.faults import GONE, PATIENCE, Server
from support.writers import EXPRESSION, FILM, read

from dzviz.formats import FORMATS

CLOSED = ""
FIFO = "fifo.csv"


class Stream(NamedTuple):
    """Where a picture goes, what is odd about it, and how the command has to end.

    ``streams`` are as `Server.run` takes them; ``reader`` reads the FIFO of the folder. Where the
    code is 0 the picture has come whole.
    """

    to: Sequence[str] = ()
    streams: Mapping[int, str] = {}
    code: int = 0
    says: str = ""
    reader: Callable[[Path], bytes] | None = None


def at_once(path: Path, first: int = 0) -> bytes:
    """Read a FIFO to its end: ``first`` bytes one at a time, through a pipe that holds little."""
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if first:
            fcntl.fcntl(pipe, getattr(fcntl, "F_SETPIPE_SZ", 1031), 4096)
        waiting = select.poll()
        waiting.register(pipe, select.POLLIN)
        waiting.poll(PATIENCE * 1000)  # for the command to open it
        os.set_blocking(pipe, True)
        size = 997 if first else 1 << 16
        slow = [os.read(pipe, 1) for _ in range(first)]
        return b"".join([*slow, *iter(lambda: os.read(pipe, size), b"")])
    finally:
        os.close(pipe)


def slowly(path: Path) -> bytes:
    """Read a FIFO as who has hardly time for it."""
    return at_once(path, 200)


TO_FILE = ("-o", "out")
STREAMS: Mapping[str, Stream] = {
    "stdin is closed": Stream(TO_FILE, {0: CLOSED}),
    "stdout is closed, and not needed": Stream(TO_FILE, {1: CLOSED}),
    "stderr is closed": Stream((), {2: CLOSED}),
    "all are closed, and none is needed": Stream(TO_FILE, {0: CLOSED, 1: CLOSED, 2: CLOSED}),
    "stdout is closed": Stream((), {1: CLOSED}, 6, "to stdout: Bad file descriptor"),
    "all are closed": Stream((), {0: CLOSED, 1: CLOSED, 2: CLOSED}, 6),
    "stdout is full": Stream((), {1: "/dev/full"}, 6, "to stdout: No space left on device"),
    "stderr is full": Stream((), {2: "/dev/full"}),
    "a full device": Stream(("-o", "/dev/full"), {}, 6, "'/dev/full': No space left on device"),
    "the reader of stdout has left": Stream((), {1: GONE}, -signal.SIGPIPE),
    "the reader of /dev/stdout has left": Stream(("-o", "/dev/stdout"), {1: GONE}, -signal.SIGPIPE),
    "the reader of stderr has left": Stream(TO_FILE, {2: GONE}),
    "a FIFO": Stream(("-o", FIFO), reader=at_once),
    "a FIFO as stdout": Stream((), {1: FIFO}, reader=at_once),
    "a FIFO read slowly": Stream(("-o", FIFO), reader=slowly),
    "a stdout read slowly": Stream((), {1: FIFO}, reader=slowly),
    "a FIFO for a value": Stream(("--x", f"@{FIFO}", *TO_FILE), {}, 2, "a pipe, not a file"),
}
"""Every odd stream by what is odd about it."""


def try_stream(server: Server, folder: Path, format: str, name: str, expected: bytes) -> list[str]:
    """Write a picture to an odd stream; say what is wrong with the end."""
    stream = STREAMS[name]
    folder.mkdir()
    os.mkfifo(folder / FIFO)
    args = picture_of(format)
    if "--x" in stream.to:
        del args[args.index("--x") : args.index("--x") + 2]
    args += stream.to
    streams = {
        n: str(folder / FIFO) if path == FIFO else path for n, path in stream.streams.items()
    }
    try:
        with ThreadPoolExecutor(1) as thread:
            pipe = thread.submit(stream.reader, folder / FIFO) if stream.reader else None
            outcome = server.run(args, folder, streams=streams, env={"LC_ALL": "C"})
            after = read(folder)
            got = pipe.result() if pipe else after.get("out", outcome.out)
    finally:
        shutil.rmtree(folder)
    wrong = []
    if outcome.code != stream.code:
        wrong.append(f"exit {outcome.code}, not {stream.code}")
    if stream.code == 0 and got != expected:
        wrong.append(f"{len(got or b'')} bytes came, not the {len(expected)} of the picture")
    message = rf"dzviz: error: [^\n]*{re.escape(stream.says)}[^\n]*\n(hint: [^\n]*\n)?"
    if not re.fullmatch(message if stream.says else "", outcome.err):
        wrong.append(f"said {outcome.err!r}")
    allowed = {FIFO, "out"} if stream.code == 0 and "out" in stream.to else {FIFO}
    if set(after) - allowed:
        wrong.append(f"left {sorted(after)}")
    if outcome.orphans:
        wrong.append(f"{outcome.orphans} orphans")
    return wrong


def picture_of(format: str) -> list[str]:
    """Return the arguments that draw something in a format."""
    return [*(FILM if FORMATS[format].film else EXPRESSION), "-T", format]
