"""The tools that some tests need and pip does not bring."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

PROGRAMS = {
    "bash": ["bash"],
    "chromium": ["chromium", "chromium-browser", "google-chrome"],
    "dot": ["dot"],
    "fish": ["fish"],
    "git": ["git"],
    "jq": ["jq"],
    "make": ["make"],
    "node": ["node", "nodejs"],
    "zsh": ["zsh"],
}
"""A tool and the names under which it may be installed."""

MODULES = ["pygraphviz", "reportlab", "svglib"]


def find_tool(name: str) -> str | None:
    """Return the path of a program, the name of a module; None where it is missing."""
    if name in MODULES:
        return name if find_spec(name) else None
    return next(filter(None, map(shutil.which, PROGRAMS[name])), None)
