"""The tools that some tests need and pip does not bring."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import lru_cache
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
    "node": ["node", "nodejs"],
    "zsh": ["zsh"],
}
"""A tool and the names under which it may be installed."""

TEX = {"pdflatex": "tikz.sty", "lualatex": "luaotfload.sty"}
"""Programs of TeX, each with a file that it needs, and which not every installation has."""

MODULES = [
    "docutils",
    "furo",
    "ipywidgets",
    "markdown_it",
    "material",
    "mkdocs",
    "nbconvert",
    "pydata_sphinx_theme",
    "pygraphviz",
    "pypandoc",
    "reportlab",
    "svglib",
]

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
    if name in TEX:
        return shutil.which(name) if all(map(_tex_has, {"tikz.sty", TEX[name]})) else None
    return next(filter(None, map(shutil.which, PROGRAMS[name])), None)


@lru_cache
def _tex_has(file: str) -> bool:
    """Tell whether TeX finds a file."""
    finder = shutil.which("kpsewhich")
    if finder is None:
        return False
    return subprocess.run([finder, file], capture_output=True, check=False).returncode == 0
