"""What the html format's page is made of: its skeleton, style and script, and what its panels say.

``page.html``, ``page.css`` and ``page.js`` are read as they are; nothing builds them.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files

from dzviz.errors import LayoutError, pip_install
from dzviz.text.typeset import typeset


def words(text: str) -> str:
    """Write text as HTML, its signs as a typesetter sets them."""
    return escape(typeset(text))


def framed(page: str, title: str, width: str = "100%", height: int = 640) -> str:
    """Return a page as a part of another one: a frame that holds it, and runs its script alone.

    ``width`` is as in CSS, ``height`` in pixels. A page of the theme auto is as dark as the one
    around it.
    """
    return (
        f'<iframe srcdoc="{escape(page)}" title="{escape(title)}" loading="lazy" '
        f'style="width:{width};height:{height}px;border:0" sandbox="allow-scripts allow-downloads">'
        f"</iframe><script>{' '.join(source('framed.js').split())}</script>"
    )


def source(name: str) -> str:
    """Return the text of a file of this package.

    Raises:
        LayoutError: It cannot be read.
    """
    try:
        return files(__name__).joinpath(name).read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        hint = pip_install("--force-reinstall dzviz")
        raise LayoutError(
            f"dzviz's own file {name!r} cannot be read: {reason}", hint=hint
        ) from None
