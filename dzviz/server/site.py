"""One live page: its server, the process that draws, and the files that are watched."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from dzviz.arguments.expression import read_text
from dzviz.errors import UsageError
from dzviz.fields import written
from dzviz.files import named
from dzviz.page import live, source
from dzviz.server.http import Resource, Server
from dzviz.server.requests import MOST_BYTES
from dzviz.server.start import Start, page_options
from dzviz.server.worker import Worker


class Site:
    """A page that is served until it is closed; ``address`` is where.

    Raises:
        OutputError: The port is taken.
    """

    def __init__(self, start: Start, port: int = 0) -> None:
        self.start = start
        self.files = Files(start.reads)
        self.lock = threading.Lock()
        self.formula = start.formula
        self.worker = Worker(start)
        theme = start.options.get("theme", "auto")
        resources = {
            "": Resource("text/html", lambda: live.page(self.beginning(), "dzviz live", theme)),
            "page.css": Resource("text/css", lambda: live.style(theme)),
            "page.js": Resource("text/javascript", lambda: source("page.js")),
            "live.js": Resource("text/javascript", lambda: source("live.js")),
            "version": Resource("application/json", self.version),
        }
        self.server = Server(port, resources, self.answer, MOST_BYTES)
        self.address = self.server.address
        threading.Thread(target=self.warm, daemon=True).start()

    def beginning(self) -> Mapping[str, Any]:
        """Return what the page's script begins with."""
        from dzviz.engine import OPS

        return {
            "formula": self.formula,
            "values": self.start.values,
            "options": self.start.options,
            "known": [written(option) for _, option in page_options()],
            "functions": [[op.name, op.summary] for op in OPS.values()],
            "version": self.files.version,
            "watches": bool(self.files.paths),
        }

    def answer(self, request: object) -> bytes:
        """Answer a request of the page, in JSON."""
        tab = request.get("tab") if isinstance(request, dict) else None
        return self.worker.ask(tab[:40] if isinstance(tab, str) else "", request)

    def version(self) -> str:
        """Say whether files have changed: the number grows, and a formula of a file is read."""
        with self.lock:
            if self.files.changed():
                self.worker.renew()
                if self.start.file is not None:
                    try:
                        self.formula = read_text(named(self.start.file))
                    except UsageError:  # it is written just now, or gone
                        self.files.version -= 1
            return json.dumps({"version": self.files.version, "formula": self.formula})

    def warm(self) -> None:
        """Load all that drawing needs."""
        self.answer({})

    def close(self) -> None:
        """Serve no more."""
        self.server.close()
        self.worker.close()


class Files:
    """Files that are looked at now and then; ``version`` counts the times that any had changed."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        self.version = 0
        self._seen = self._look()

    def changed(self) -> bool:
        """Whether any was written, made or removed since this was last asked."""
        seen = self._look()
        changed = seen != self._seen
        self._seen = seen
        self.version += changed
        return changed

    def _look(self) -> list[tuple[int, ...] | None]:
        return [_facts(path) for path in self.paths]


def _facts(path: str) -> tuple[int, ...] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev
