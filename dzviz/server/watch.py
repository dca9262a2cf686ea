"""Whether files have changed since somebody looked: by what the system says about them."""

from __future__ import annotations

import os
from collections.abc import Sequence


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
