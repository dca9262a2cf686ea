"""The bundled engine of the package pygraphviz, when that is installed.

It runs in a child process: a layout in this one could be neither timed nor interrupted.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

from dzviz.errors import LayoutError, pip_install
from dzviz.layout import process


def json0(dot: str, timeout: float) -> str:
    """Lay ``dot`` out and return Graphviz's ``json0``. Raises LayoutError or TimeoutError."""
    if not find_spec("pygraphviz"):
        raise LayoutError("it is not installed", hint=_INSTALL)
    try:
        # -P: a file pygraphviz.py in the current folder is not the package.
        command = [sys.executable, "-P", "-c", _CHILD]
        return process.run(command, dot.encode(), timeout).decode(errors="replace")
    except LayoutError as error:
        raise LayoutError(str(error), hint=_INSTALL) from None


_INSTALL = pip_install('"dzviz[native]"')
_CHILD = """
import sys
import pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format="json0", prog="dot"))
"""
