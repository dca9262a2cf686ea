"""What the html format's page is made of: its skeleton, style and script, and what its panels say.

``page.html``, ``page.css`` and ``page.js`` are read as they are; nothing builds them.
"""

from __future__ import annotations

from importlib.resources import files


def source(name: str) -> str:
    """Return the text of a file of this package."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
