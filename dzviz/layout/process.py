"""Run a program on a text, with limits on time and output, and leave nothing of it behind.

It does not know which program, and knows nothing of graphs.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from dzviz.budget import memory as allowed_memory
from dzviz.errors import LayoutError

if TYPE_CHECKING:
    import subprocess

#: More is no layout (10 000 nodes are 4 MiB) but a program that prints without end.
OUTPUT_LIMIT = 64 << 20

#: What the program may take, where the system can say so (Linux). dot takes 6 GiB and more for a
#: graph of 2 000 nodes that share three others.
MEMORY_LIMIT = 4 << 30


def run(command: list[str], data: bytes, timeout: float) -> bytes:
    """Return what the program prints when it reads ``data``.

    Raises LayoutError, in the program's own words where it has any, or TimeoutError. However this
    ends, Ctrl-C included, the program has ended too, and so have the processes that it started (but
    on Windows, which has no groups of processes).
    """
    import subprocess

    try:
        # A session of its own is a process group of its own, which can be killed as a whole.
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise LayoutError(f"{command[0]} cannot be started ({error.strerror})") from None
    try:
        _limit(process, timeout)
        output, errors = _converse(process, data, timeout)
    except (subprocess.TimeoutExpired, TimeoutError):
        raise TimeoutError from None
    except RuntimeError as error:
        raise LayoutError(f"{command[0]} needs a thread here ({error})") from None
    except OSError as error:
        reason = error.strerror or error
        raise LayoutError(f"the answer of {command[0]} cannot be read ({reason})") from None
    finally:
        kill(process)  # After its end, too: it may have left others behind.
    check_size(len(output), command[0])
    if process.returncode:
        raise LayoutError(f"{command[0]} {_how_it_ended(process.returncode, errors)}")
    return bytes(output)


def find(name: str) -> str | None:
    """Return the program of this name on the PATH; never one in the current folder.

    `shutil.which` would take that: where the PATH says so by ``.``, by an empty entry or by the
    folder's own name, and on Windows always.
    """
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
            with suppress(OSError):
                if os.path.samefile(folder, os.curdir):
                    continue
            return path
    return None


def check_size(size: int, name: str) -> None:
    """Raise LayoutError where ``name`` printed more bytes than any layout has."""
    if size > OUTPUT_LIMIT:
        raise LayoutError(f"{name} printed more than {OUTPUT_LIMIT >> 20} MiB")


def _limit(process: subprocess.Popen[bytes], timeout: float) -> None:
    if sys.platform == "linux":
        import resource

        # The time is for when this process itself is killed and cannot end the other one.
        memory, seconds = allowed_memory(MEMORY_LIMIT), int(timeout) + 5
        limits = {resource.RLIMIT_AS: memory, resource.RLIMIT_CPU: seconds}
        for kind, limit in limits.items():
            with suppress(OSError, ValueError):  # It has ended, or its own limit is lower.
                resource.prlimit(process.pid, kind, (limit, limit))


def _converse(
    process: subprocess.Popen[bytes], data: bytes, timeout: float
) -> tuple[bytearray, bytearray]:
    """Feed the program and read both its outputs at once, so that no full pipe stops it.

    Popen.communicate does that too, but without a limit to what it keeps.
    """
    import threading

    assert process.stdin
    assert process.stdout
    assert process.stderr
    deadline = time.monotonic() + timeout
    output, errors = bytearray(), bytearray()
    failures: list[OSError] = []
    readers = [
        threading.Thread(target=_read, args=(process.stdout, output, failures), daemon=True),
        threading.Thread(target=_read, args=(process.stderr, errors, failures), daemon=True),
    ]
    writer = threading.Thread(target=_write, args=(process.stdin, data), daemon=True)
    for thread in (*readers, writer):
        thread.start()
    for thread in readers:
        thread.join(max(0, deadline - time.monotonic()))
        if thread.is_alive():
            raise TimeoutError
    if failures:  # Half of an answer must not be taken for one.
        raise failures[0]
    process.wait(max(0, deadline - time.monotonic()))
    return output, errors


def _write(pipe: IO[bytes], data: bytes) -> None:
    with suppress(OSError), pipe:  # A program that does not read its input says why itself.
        pipe.write(data)


def _read(pipe: IO[bytes], into: bytearray, failures: list[OSError]) -> None:
    try:
        with pipe:  # Closing it early ends a program that prints without end.
            while len(into) <= OUTPUT_LIMIT and (chunk := pipe.read(1 << 16)):
                into += chunk
    except OSError as error:
        failures.append(error)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program that leads a group of its own, and all that it has started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _how_it_ended(code: int, errors: bytearray) -> str:
    end = f"ended with exit code {code}"
    if code < 0:
        with suppress(ValueError):
            end = f"was killed by {signal.Signals(-code).name}"
    lines = errors.decode(errors="replace").strip().splitlines()
    words = "".join(char if char.isprintable() else "?" for char in lines[-1]) if lines else ""
    return f"{end}: {words[:200]}" if words else end
