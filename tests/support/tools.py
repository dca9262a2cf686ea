"""The tools that some tests need and pip does not bring."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

PROGRAMS = {
    "bash": ["bash"],
    "chromium": ["chromium", "chromium-browser", "google-chrome"],
    "dot": ["dot"],
    "fish": ["fish"],
    "git": ["git"],
    "jq": ["jq"],
    "make": ["make"],
    "pdflatex": ["pdflatex"],
    "node": ["node", "nodejs"],
    "zsh": ["zsh"],
}
"""A tool and the names under which it may be installed."""

MODULES = ["docutils", "markdown_it", "mkdocs", "pygraphviz", "reportlab", "svglib"]

SCRIPTS = {"axe": "axe-core-*.js", "mermaid": "mermaid-*.js"}
"""What `make` fetches into the environment for a browser to run."""

BACKENDS = {"jax": "jaxpr", "torch": "pytorch"}
"""Packages in environments of their own, and the folders of tests and sources that need them."""


def importable(module: str) -> bool:
    """Tell whether a module of ours has all that it imports."""
    return all(
        find_spec(package) or not module.startswith(f"dzviz.sources.{folder}.")
        for package, folder in BACKENDS.items()
    )


def find_tool(name: str) -> str | None:
    """Return the path of a program or script, the name of a module; None where it is missing."""
    if name in MODULES:
        return name if find_spec(name) else None
    if name in SCRIPTS:
        return next(map(str, Path(sys.prefix).glob(SCRIPTS[name])), None)
    return next(filter(None, map(shutil.which, PROGRAMS[name])), None)
