"""Work on the requests of many lines, here or in several processes; results come in their order."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dzviz.budget import timed
from dzviz.cli.failure import Failure
from dzviz.documents.bounds import guarded
from dzviz.documents.requests import Request, TextRequest, read_any
from dzviz.documents.trust import Trust
from dzviz.errors import DzvizError, EvaluationError
from dzviz.records import NamedTuple


class Line(NamedTuple):
    """A command line of a file, and what it takes to read it once more in another process.

    ``form`` is that of a result that is text, where its file says so.
    """

    file: str
    number: int
    words: str
    folder: str
    trust: Trust
    config: dict[str, Any]
    default: str
    form: str | None = None


class Outcome(NamedTuple):
    """What came of a line: the contents of its files, or its text; or an error, explained.

    ``no`` says that the answer is no: a gradient differs, or is lost.
    """

    contents: Sequence[bytes] = ()
    no: bool = False
    error: str = ""
    code: int = 0


def worked(line: Line, request: Request | TextRequest | None = None) -> Outcome:
    """Do what a line asks for; it is read once more without the ``request``."""
    try:
        with guarded():
            if request is None:
                request = read_any(
                    line.words,
                    folder=line.folder,
                    trust=line.trust,
                    config=line.config,
                    default=line.default,
                )
            if isinstance(request, TextRequest):
                if line.form is not None:
                    request.context.params["format_name"] = line.form
                found = request.result()
                return Outcome(["".join(timed(found.lines)).encode()], found.fails)
            drawings = list(request.drawings())  # all of them, before one is written
            return Outcome([_joined(timed(drawing.chunks())) for drawing in drawings])
    except DzvizError as error:
        message = Failure(error, line.file, line.number).message()
        return Outcome(error=message, code=error.exit_code)


def _joined(chunks: Iterator[Any]) -> bytes:
    return b"".join(c.encode() if isinstance(c, str) else c for c in chunks)


def outcomes(
    requests: Iterable[tuple[Line, Request | TextRequest]], processes: int
) -> Iterator[Outcome]:
    """Yield what comes of each line, in their order, after all of them are read.

    Other processes begin to work while this one still reads.
    """
    if processes < 2:
        for line, request in list(requests):
            yield worked(line, request)
        return
    from concurrent.futures.process import BrokenProcessPool

    lines: list[Line] = []

    def read() -> Iterator[Line]:
        for line, _ in requests:
            lines.append(line)
            yield line

    with _pool(processes) as pool:
        done, reading = 0, read()
        try:
            for outcome in pool.map(worked, reading):  # which asks for all of them at once
                done += 1
                yield outcome
        except BrokenProcessPool:
            list(reading)
            for line in lines[done:]:
                error = EvaluationError(
                    "a process ended before it was done, perhaps because memory ran out"
                )
                yield Outcome(
                    error=Failure(error, line.file, line.number).message(), code=error.exit_code
                )


@contextmanager
def _pool(processes: int) -> Iterator[Any]:
    """Start processes that end with this one, whatever ends it."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    context = get_context("spawn")  # a fork would take half of what threads hold
    pool = ProcessPoolExecutor(processes, context, initializer=_begin)
    try:
        yield pool
    except BaseException:
        for child in active_children():
            child.kill()
        raise
    finally:  # waits for them, or what they share would be reported on stderr
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave signals to the first process, have code print to stderr, and end with the first."""
    import warnings
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore", RuntimeWarning)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    parent = parent_process()
    assert parent is not None

    def follow() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
