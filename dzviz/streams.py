"""Standard streams as files that take all or say why not, and results apart from what code prints.

It loads little: it is there before click and NumPy are. It does not know what is written.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from contextlib import contextmanager

TYPE_CHECKING = False  # That of typing takes longer to load than all the rest.
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from _typeshed import ReadableBuffer

SIGPIPE = getattr(signal, "SIGPIPE", 13)  # Windows has the exit code (141), not the signal.


class Killed(BaseException):
    """A signal ends the process: raised so that every ``finally`` on the way out still runs.

    Neither a KeyboardInterrupt nor an OSError, which click would answer by itself.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


class Outlet(io.FileIO):
    """A descriptor that takes all it is given: it waits for slow readers, and dies with its reader.

    ``failure`` remembers what went wrong, for whoever writes through a buffer and hears of it late.
    """

    failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write the whole of ``data``; raises Killed where the reader has left."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            try:
                rest = rest[os.write(self.fileno(), rest) :]
            except BlockingIOError:  # Somebody made the pipe we share non-blocking.
                import select

                select.select([], [self], [])
            except OSError as error:
                self.failure = error
                if isinstance(error, BrokenPipeError) or (
                    os.name == "nt" and error.errno == errno.EINVAL  # Its broken pipe.
                ):
                    raise Killed(SIGPIPE) from None
                raise
        return size


class LossyOutlet(Outlet):
    """An outlet that loses what it cannot write: a message must not change the outcome."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write what can be written of ``data``."""
        try:
            return super().write(data)
        except OSError:
            pass
        except Killed as killed:
            if killed.signum != SIGPIPE:
                raise
        return memoryview(data).nbytes


def text_stream(outlet: Outlet, encoding: str) -> io.TextIOWrapper:
    """Return a stream of text with LF, which writes what an encoding lacks in ASCII."""
    return io.TextIOWrapper(
        io.BufferedWriter(outlet),
        encoding=encoding,
        errors="backslashreplace",
        newline="\n",
        line_buffering=outlet.isatty() or isinstance(outlet, LossyOutlet),
    )


def is_signal(error: BaseException) -> bool:
    """Whether a signal raised this, and not a line of the user's code."""
    return isinstance(error, Killed) or (
        isinstance(error, KeyboardInterrupt)
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )


def stdout() -> TextIO:
    """Return the stream for results: ``sys.stdout``, unless it was parted from users' code."""
    return results.stream or sys.stdout


def descriptor_of(number: int) -> int:
    """Return the descriptor that has what this one had when the process began."""
    return stdout().fileno() if number == 1 and results.stream is not None else number


def part_from_users_code() -> None:
    """Keep what code of the user's own does from what we do, before any is run.

    What it, its threads and its children print goes to stderr to the end: results have a descriptor
    of their own from now on, which no child inherits. Where it goes does not move our paths.
    """
    from dzviz.files import hold_folder

    hold_folder()
    if results.outlet is None or results.stream is not None:
        return
    if os.name == "nt" and results.outlet.isatty():  # a console is no descriptor
        return
    sys.stdout.flush()
    results.outlet = Outlet(os.dup(1), "w")
    results.stream = text_stream(results.outlet, "utf-8")
    os.dup2(2, 1)
    sys.stdout = text_stream(LossyOutlet(1, "w", closefd=False), "utf-8")


@contextmanager
def users_stderr() -> Iterator[TextIO]:
    """Give code of the user's own a stderr that it may close: ours, outside of the command."""
    if results.outlet is None:
        yield sys.stderr
        return
    stream = text_stream(LossyOutlet(2, "w", closefd=False), sys.stderr.encoding)
    try:
        yield stream
    finally:
        if not stream.closed:
            stream.flush()


class Results:
    """Where results go: stdout, from when a `Guard` renewed it; ``stream`` where it was parted."""

    outlet: Outlet | None = None
    stream: io.TextIOWrapper | None = None


results = Results()
