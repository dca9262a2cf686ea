"""The fence for MkDocs: a block ```` ```dzviz ```` of a Markdown page becomes a picture in it.

`validator` and one of the two fences are what ``pymdownx.superfences`` asks for. The block's body
is a command line as behind ``dzviz``; its header may say what `HEADER` lists. What is wrong stands
in the log, which ends a build with ``--strict``, and in a box in the page.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from dzviz.arguments.config import find_config
from dzviz.documents.bounds import guarded
from dzviz.documents.inline import (
    derived,
    drawn,
    element,
    error_text,
    read_derivation,
    read_inline,
    read_text,
)
from dzviz.documents.trust import Trust
from dzviz.errors import DzvizError, UsageError, did_you_mean
from dzviz.language.carets import visible
from dzviz.results import RESULTS
from dzviz.svg import primitives as pen

__all__ = ["HEADER", "fence", "fence_with_python", "validator"]

HEADER = ("alt", "caption", "width")
"""What the header of a block may say: ```` ```dzviz alt="..." ````."""


def fence(
    source: str,
    language: str,
    css_class: str,
    options: Mapping[str, str],
    md: Any,
    *,
    allow_python: bool = False,
    **_: Any,
) -> str:
    """Draw the picture of a block; what is wrong becomes a box instead of it."""
    try:
        with guarded():
            return _figure(source, options, md, allow_python=allow_python)
    except DzvizError as error:
        words = error_text(error)
        page = _page(md)
        _logger.warning("%s: dzviz: %s", visible(page.file.src_uri) if page else "a page", words)
        return (
            '<div class="admonition danger"><p class="admonition-title">dzviz</p>\n'
            f"<pre>{pen.escape(words)}</pre></div>"
        )


def fence_with_python(*args: Any, **others: Any) -> str:
    """Draw as `fence` does, for pages that are trusted with ``--py-function``."""
    return fence(*args, allow_python=True, **others)


def validator(
    language: str, inputs: dict[str, str], options: dict[str, Any], attrs: dict[str, Any], md: Any
) -> bool:
    """Take every header; `fence` says what is wrong with it, where it can be seen."""
    options.update(inputs)
    return True


_logger = logging.getLogger("mkdocs.dzviz")  # MkDocs counts the warnings below its own name.


def _page(md: Any) -> Any:
    """Return what knows the page's ``file`` and the ``config``; None outside of MkDocs.

    It is what MkDocs resolves relative links by, and all it tells to an extension of Markdown.
    """
    known = md.treeprocessors
    return known["relpath"] if "relpath" in known else None  # noqa: SIM401 -- it has no get()


def _figure(source: str, options: Mapping[str, str], md: Any, *, allow_python: bool) -> str:
    for name in options:
        if name not in HEADER:
            hint = did_you_mean(name, HEADER) or "write options of the picture into the block"
            raise UsageError(f"'{name}' does not work in the header of a block", hint=hint)
    root = folder = project = os.getcwd()
    if page := _page(md):
        root, folder = page.config.docs_dir, os.path.dirname(page.file.abs_src_path)
        project = os.path.dirname(page.config.config_file_path)
    trust = Trust(root, allow_python, "dzviz.mkdocs.fence_with_python")
    first = source.split(None, 1)[0] if source.strip() else ""
    if first == "explain":
        asked = read_derivation(source, folder=folder, trust=trust, config=find_config(project))
        return _captioned(derived(asked, "html"), options)
    if first in RESULTS and source.strip() != first:
        text = read_text(source, folder=folder, trust=trust, config=find_config(project))
        return _captioned(f"<pre><code>{pen.escape(text)}</code></pre>", options)
    request = read_inline(source, folder=folder, trust=trust, config=find_config(project))
    format = request.format.name
    picture = element(
        drawn(request, format), options.get("alt"), options.get("width"), format=format
    )
    return _captioned(picture, options)


def _captioned(shown: str, options: Mapping[str, str]) -> str:
    if caption := options.get("caption"):
        note = f"<figcaption>{pen.escape(caption)}</figcaption>"
        wide = ' style="width:100%"' if shown.startswith("<iframe") else ""  # else as its content
        return f'<figure class="dzviz"{wide}>\n{shown}{note}\n</figure>'
    return f'<div class="dzviz">\n{shown}</div>'
