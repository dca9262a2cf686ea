"""The system's engine: the program ``dot`` on the PATH.

It knows nothing of the other engines, and of the program only how it is called.
"""

from __future__ import annotations

import os
import sys

from dzviz.errors import LayoutError
from dzviz.layout import process


def json0(dot: str, timeout: float) -> str:
    """Lay ``dot`` out and return Graphviz's ``json0``. Raises LayoutError or TimeoutError."""
    program = _find()
    try:
        printed = process.run([program, "-Tjson0"], dot.encode(), timeout).decode(errors="replace")
    except LayoutError as error:
        raise LayoutError(str(error), hint=_hint()) from None
    if not printed.lstrip().startswith("{"):
        start = " ".join(printed[:60].split())
        raise LayoutError(f"{program} is not Graphviz's dot: it printed {start!r}", hint=_hint())
    return printed


def _find() -> str:
    path = process.find("dot.exe" if os.name == "nt" else "dot")
    if path is None:
        raise LayoutError("there is no program dot on the PATH", hint=_hint())
    return path


def _hint() -> str:
    return _INSTALL.get(sys.platform, "install Graphviz from https://graphviz.org/download")


_INSTALL = {
    "linux": "sudo apt install graphviz",
    "darwin": "brew install graphviz",
    "win32": "winget install graphviz",
}
