"""How a site publishes a document, and where HTML in it cannot find files.

MkDocs gives each page a folder, ``guide/`` for ``guide.md``, unless its settings say otherwise, and
follows it in Markdown, but not in HTML. Sphinx takes along the pictures of Markdown, and of HTML
none. It knows no markup.
"""

from __future__ import annotations

import os
import re

from dzviz.errors import DocumentError

NAMES = ("mkdocs.yml", "mkdocs.yaml")
MOST = 1 << 20


def check_html(path: str, root: str) -> None:
    """See that HTML in a document finds the files beside it where its site shows it.

    Raises:
        DocumentError: It does not, since MkDocs shows the document in a folder of its own, or
            Sphinx does not take the files along.
    """
    _check_sphinx(path, root)
    settings = next(filter(None, (_read(os.path.join(root, name)) for name in NAMES)), None)
    if settings is None or re.search(r"^use_directory_urls:\s*(false|no|off)\b", settings, re.M):
        return
    found = re.search(r"^docs_dir:\s*[\"']?([^\"'#\n]+)", settings, re.MULTILINE)
    folder = os.path.join(root, found[1].strip() if found else "docs")
    inside = os.path.relpath(path, folder)
    alone = os.path.splitext(os.path.basename(path))[0].lower() in ("index", "readme")
    if inside.startswith(os.pardir) or os.path.isabs(inside) or alone:
        return
    raise DocumentError(
        "MkDocs publishes this page in a folder of its own, where the HTML of several themes does "
        "not find the pictures",
        hint="use --theme auto, one file that follows the site; or --site material, which uses "
        "the switch of Material; or use_directory_urls: false",
    )


def _check_sphinx(path: str, root: str) -> None:
    folder = os.path.dirname(path)
    while os.path.commonpath([folder, root]) == root:
        if re.search(r"^extensions\b", _read(os.path.join(folder, "conf.py")) or "", re.MULTILINE):
            raise DocumentError(
                "Sphinx does not copy pictures that are part of HTML",
                hint="--theme auto is one file that follows the site; --site sphinx writes two",
            )
        if folder == root:
            return
        folder = os.path.dirname(folder)


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(MOST)
    except OSError:
        return None
