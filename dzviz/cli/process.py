"""The process around a command: its signals, its standard streams and how it ends.

It does not know what the command does. It loads little, so that a `Guard` stands before
click and NumPy are imported, and Ctrl-C during those imports is as quiet as later.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys

from dzviz.streams import (
    Killed,
    LossyOutlet,
    Outlet,
    results,
    stdout,
    text_stream,
)

TYPE_CHECKING = False  # That of typing takes longer to load than all the rest.
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any, NoReturn

GARBAGE = 100_000
"""How many new objects wait before the collector looks for cycles; Python's own number is 700."""

temporaries: set[str] = set()
"""Files and folders to remove before the process dies, entered before they are made."""


class Guard:
    """What a program runs within, which ends the process with its exit code, or by a signal.

    SIGINT, SIGTERM, SIGHUP and a reader that left end it by dying of that signal, without a word
    and without temporary files; a second signal does not wait for the first to unwind. A stdout
    that cannot be written is exit 6. A closed or full stderr changes nothing.
    """

    def __enter__(self) -> None:
        """Take over the signals and the standard streams."""
        # Hardly anything here is garbage before the end. Without looking for it the command for
        # sin(x) takes a tenth less time.
        gc.set_threshold(GARBAGE)
        try:
            _signals.catch()
            _reserve_standard_descriptors()
            results.outlet = _renew_standard_streams()
        except BaseException as error:
            _die_if_asked(error)
            raise

    def __exit__(self, _: object, error: BaseException | None, trace: object) -> None:
        """Raise SystemExit with the exit code, once all that was printed has left the process.

        An error that is neither an exit nor stdout's goes on.
        """
        assert results.outlet
        exits = error is None or isinstance(error, SystemExit) or error is results.outlet.failure
        try:
            if exits:
                status = _end(error)
                _signals.release()
        except BaseException as failure:
            _die_if_asked(failure)
            raise
        if error is not None and not exits:
            _die_if_asked(error)
            return
        if _signals.received is not None:  # Somebody caught it and went on.
            die(_signals.received)
        raise SystemExit(status) from None


def _die_if_asked(error: BaseException) -> None:
    """Die if a signal is what went wrong, whatever somebody made of it; else a signal may kill."""
    if isinstance(error, Killed):
        die(error.signum)
    # A module that was half imported may have turned the signal into an error of its own.
    if _signals.received is not None or isinstance(error, KeyboardInterrupt):
        die(_signals.received or signal.SIGINT)
    _signals.release()


def leave(status: object) -> None:
    """End the process at once, without Python's taking all modules apart one by one.

    That saves a tenth of the time of the command for sin(x). What else has something to do at the
    end has Python's own: a user's code, whose open files only that writes, profilers, and -i.
    """
    if (
        isinstance(status, int)
        and "dzviz.sources.function" not in sys.modules
        and not sys.flags.inspect
        and not _is_watched()
    ):
        os._exit(status)


def _is_watched() -> bool:
    """Whether a tracer or a profiler is on, which writes what it found at the end."""
    monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
    tools = monitoring is not None and any(map(monitoring.get_tool, range(6)))
    return tools or sys.gettrace() is not None or sys.getprofile() is not None


def obey() -> None:
    """Raise Killed again if a signal came that somebody since took for an error of their own."""
    if _signals.received is not None:
        raise Killed(_signals.received)


def forgive(error: BaseException) -> bool:
    """Whether this is Ctrl-C, which then was a wish to end and no failure."""
    by_signal = isinstance(error, Killed) and error.signum == signal.SIGINT
    if by_signal:
        _signals.received = None
    return by_signal or isinstance(error, KeyboardInterrupt)


def die(signum: int) -> NoReturn:
    """End the process by ``signum``, leaving no temporary file."""
    for name in list(temporaries):
        remove_temporary(name)
    if os.name == "posix":
        signal.signal(signum, signal.SIG_DFL)
        signal.raise_signal(signum)
    os._exit(128 + signum)  # No such signal here, or the process is a container's first.


def remove_temporary(name: str) -> None:
    """Remove one of ``temporaries``, whether it came to exist or not."""
    try:
        os.unlink(name)
    except OSError:
        if os.path.isdir(name):
            import shutil

            shutil.rmtree(name, ignore_errors=True)
    temporaries.discard(name)


class _Signals:
    """The handlers: the first signal unwinds the stack, the second ends the process where it is."""

    def __init__(self) -> None:
        self.received: int | None = None
        self.caught: list[int] = []

    def catch(self) -> None:
        """Take over the signals that would end the process; one that is ignored stays ignored."""
        sys.excepthook, sys.unraisablehook = _excepthook, _unraisablehook
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            signum = getattr(signal, name, None)
            defaults = (signal.SIG_DFL, signal.default_int_handler)
            if signum is not None and signal.getsignal(signum) in defaults:
                signal.signal(signum, self.handle)
                self.caught.append(signum)

    def handle(self, signum: int, frame: FrameType | None) -> None:
        if self.received is not None:
            die(signum)
        self.received = signum
        raise Killed(signum)

    def release(self) -> None:
        """From here on a signal kills at once: raised while Python shuts down, it would print."""
        for signum in self.caught:
            signal.signal(signum, signal.SIG_DFL)


_signals = _Signals()


def _excepthook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Die where C code prints an exception and goes on (NumPy's ``import_array`` does)."""
    if isinstance(error, Killed):
        die(error.signum)
    sys.__excepthook__(kind, error, trace)


def _unraisablehook(unraisable: sys.UnraisableHookArgs) -> None:
    """Die where the signal came in a finaliser, which cannot pass an exception on."""
    if isinstance(unraisable.exc_value, Killed):
        die(unraisable.exc_value.signum)
    sys.__unraisablehook__(unraisable)


def _reserve_standard_descriptors() -> None:
    """Keep 0, 1 and 2 taken: where one is closed, the next file opened would become stdout."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The wrong way round, so that using it fails as on a closed one.
            os.open(os.devnull, os.O_RDONLY if descriptor else os.O_WRONLY)
            if descriptor == 0:
                sys.stdin = open(0, closefd=False)  # noqa: SIM115 -- stdin stays open.


def _renew_standard_streams() -> Outlet:
    """Make stdout UTF-8 with LF in every locale, and stderr a stream that never fails."""
    stdout, stderr = Outlet(1, "w", closefd=False), LossyOutlet(2, "w", closefd=False)
    # A console of Windows is not written to as a descriptor: what Python made of it stays, but for
    # characters that it may lack (of cp949, say).
    if os.name == "posix" or not stdout.isatty():
        sys.stdout = text_stream(stdout, "utf-8")
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if os.name == "posix" or not stderr.isatty():
        sys.stderr = text_stream(stderr, getattr(sys.stderr, "encoding", "utf-8"))
    return stdout


def _end(error: BaseException | None) -> int:
    """Return the exit code of an exit, or of a failure of stdout, once all printed has left."""
    assert results.outlet
    outlet = results.outlet
    status = _status(error.code) if isinstance(error, SystemExit) else 0
    try:
        if not stdout().closed:
            stdout().flush()
    except OSError as failure:
        outlet.failure = failure
    if outlet.failure is None:
        return status
    # What is left in the buffer would fail again, aloud, when Python shuts down.
    os.dup2(os.open(os.devnull, os.O_WRONLY), outlet.fileno())
    if status:
        return status
    sys.stderr.write(f"dzviz: error: cannot write to stdout: {outlet.failure.strerror}\n")
    from dzviz.errors import OutputError

    return OutputError.exit_code


def _status(code: object) -> int:
    """What Python itself makes of ``sys.exit(code)``."""
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")
    return 1
