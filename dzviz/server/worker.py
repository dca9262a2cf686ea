"""The process that draws: warm, one request at a time, and ended when a request takes too long.

Requests and answers are JSON with their length before them. It gets what it starts from as its
first message; its arguments say nothing.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import struct
import subprocess
import sys
import threading
import warnings
from collections import OrderedDict
from contextlib import suppress
from dataclasses import asdict
from itertools import count
from typing import IO, Any

from dzviz.errors import DzvizError
from dzviz.layout.process import kill
from dzviz.server.start import Start

PATIENCE = 15.0
"""Seconds for one request, a process that has to be started included."""

GRACE = 1.5
"""A request that a newer one of its tab has made needless gets this many seconds more."""

MEMORY = 2 << 30
"""Bytes that the process may take for formulas, where the system can say so (Linux)."""

MOST_TABS = 64

MOST = 256 << 20
"""More bytes are no message."""

OUTDATED: dict[str, Any] = {"outdated": True}
"""The answer to a request after which the same tab sent another."""

TOO_LONG = "this takes too long for a live page"
BROKEN = "the process that draws has ended before it was done"
ENDED = "dzviz live has ended, or cannot be reached"
HINT = "draw less, or smaller arrays; dzviz draw has more time and memory"

PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from dzviz.server.worker import work; work()"


class Worker:
    """The process, and who waits for it; from any number of threads.

    Raises:
        DzvizError: What it is started with cannot be read, with the reason.
    """

    def __init__(self, start: Start) -> None:
        self.start = start
        self.process: subprocess.Popen[bytes] | None = None
        self.turn = threading.Lock()
        self.state = threading.Lock()
        self.numbers = count()
        self.newest: OrderedDict[str, int] = OrderedDict()
        self.running: tuple[str, int] | None = None
        self.ended = -1
        self.closed = False

    def ask(self, tab: str, request: object) -> bytes:
        """Answer a request in JSON; of several of one tab the newest."""
        number = next(self.numbers)
        with self.state:
            self.newest.pop(tab, None)
            self.newest[tab] = number
            if len(self.newest) > MOST_TABS:
                self.newest.popitem(last=False)
            running = self.running
        if running is not None and running[0] == tab:
            self._end_later(GRACE, running[1])
        with self.turn:
            with self.state:
                if self.closed:
                    return _json(fault(ENDED, None))
                if self.newest.get(tab) != number:
                    return _json(OUTDATED)
                self.running = tab, number
            timer = self._end_later(PATIENCE, number)
            try:
                return self._exchange(request)
            except (OSError, ValueError, struct.error):
                self._kill()
                if self.newest.get(tab) != number:
                    return _json(OUTDATED)
                return _json(fault(TOO_LONG if self.ended == number else BROKEN, HINT))
            finally:
                timer.cancel()
                with self.state:
                    self.running = None

    def renew(self) -> None:
        """Begin again from the files, with a process that has read none of them."""
        with self.turn:
            self._kill()

    def close(self) -> None:
        """End it."""
        self.closed = True
        self._kill()

    def _end_later(self, seconds: float, number: int) -> threading.Timer:
        timer = threading.Timer(seconds, self._end, [number])
        timer.daemon = True
        timer.start()
        return timer

    def _end(self, number: int) -> None:
        with self.state:
            if self.running is not None and self.running[1] == number:
                self.ended = number
                self._kill()

    def _exchange(self, request: object) -> bytes:
        if self.process is None or self.process.poll() is not None:
            self._kill()
            self.process = _started(self.start.folder)
            send(self.process.stdin, asdict(self.start))
        send(self.process.stdin, request)
        return receive(self.process.stdout)

    def _kill(self) -> None:
        process = self.process
        if process is None:
            return
        kill(process)
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe and pipe.close()


def _started(folder: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(os.path.abspath, sys.path)],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the server, and what user's code starts ends, too
    )


def fault(error: str, hint: str | None) -> dict[str, Any]:
    """Return the answer to what went wrong at no place in particular."""
    return {"error": error, "hint": hint, "value": None, "span": None}


def _json(data: object) -> bytes:
    return json.dumps(data).encode()


def send(pipe: IO[bytes] | None, data: object) -> None:
    """Write a message."""
    assert pipe is not None
    text = _json(data)
    pipe.write(struct.pack(">I", len(text)) + text)
    pipe.flush()


def receive(pipe: IO[bytes] | None) -> bytes:
    """Read a message.

    Raises:
        ValueError: It is too long.
        struct.error: The other end has closed.
    """
    assert pipe is not None
    (length,) = struct.unpack(">I", pipe.read(4))
    if length > MOST:
        raise ValueError("a message that is too long")
    text = pipe.read(length)
    if len(text) < length:
        raise struct.error("a message without its end")
    return text


def work() -> None:
    """Answer requests until there are no more: what the process does."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a user's code prints is no answer
    requests: queue.SimpleQueue[object] = queue.SimpleQueue()
    asks = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=_listen, args=(asks, requests), daemon=True).start()
    known: Any = requests.get()
    start = Start(**known)
    if start.function is None:
        _limit_memory()
    from dzviz.server.drawings import Drawings

    warnings.simplefilter("ignore", RuntimeWarning)  # of the graph we say ourselves what overflows
    gc.freeze()
    gc.set_threshold(100_000)
    drawings: Drawings | None = None
    while True:
        request = requests.get()
        try:
            drawings = drawings or Drawings(start)
            answer = drawings.answer(request)
        except DzvizError as error:  # of what it was started with
            answer = fault(str(error), error.hint)
        except Exception as error:  # an error of ours must not end it
            answer = fault(f"this cannot be drawn ({type(error).__name__})", None)
        send(answers, answer)


def _listen(pipe: IO[bytes], requests: queue.SimpleQueue[object]) -> None:
    """Hand on what comes; where the server is gone, so is this process, whatever it does."""
    try:
        while True:
            requests.put(json.loads(receive(pipe)))
    except (OSError, ValueError, struct.error):
        os._exit(0)


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):  # its own limit is lower
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
