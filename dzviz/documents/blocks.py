"""How results are written into a document: blocks of text and references to pictures, by markup.

It knows Markdown, reStructuredText and AsciiDoc as lines of text. It does not know where markers
are, nor what is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from dzviz.errors import DocumentError, UsageError
from dzviz.records import NamedTuple

MEDIA: Mapping[str, str] = {
    "light": "(prefers-color-scheme: light)",
    "dark": "(prefers-color-scheme: dark)",
    "print": "print",
}
"""When a browser shows which of several themes."""


class Picture(NamedTuple):
    """A file with a picture, by its path from the document, and its theme."""

    path: str
    theme: str


SITES: Mapping[str, str] = {
    "": "the reader's screen chooses, in HTML",
    "material": "the switch of Material for MkDocs, by the part after # in the address",
    "sphinx": "the switch of a theme of Sphinx, by a class, in MyST",
}
"""What chooses between several themes in Markdown."""


UNDIMMED: Mapping[str, tuple[str, ...]] = {"dark": ("dark-light",), "auto": ("dark-light",)}
"""The class by which the theme of pydata knows that a picture need not be dimmed in the dark."""


class Shown(NamedTuple):
    """How pictures are shown: their alternative text, a caption if any, and a name of `SITES`."""

    alt: str
    caption: str = ""
    site: str = ""


class Writer(NamedTuple):
    """How one markup language writes a block of text, and pictures of which one is shown."""

    block: Callable[[str, Sequence[str]], list[str]]
    pictures: Callable[[Sequence[Picture], Shown], list[str]]


def block(markup: str, language: str, text: str) -> list[str]:
    """Return the lines of a block that shows a text as it is, with empty lines around."""
    return ["", *WRITERS[markup].block(language, text.rstrip("\n").split("\n")), ""]


def pictures(markup: str, files: Sequence[Picture], shown: Shown) -> list[str]:
    """Return the lines that show a picture, in the theme of its reader where there are several.

    Raises:
        DocumentError: There is no telling when to show a theme, or a name cannot be referred to.
    """
    if len(files) > 1:
        for file in files:
            if file.theme not in MEDIA:
                raise DocumentError(
                    f"the theme {file.theme} cannot be combined with others",
                    hint=f"these can: {', '.join(MEDIA)}",
                )
    return ["", *WRITERS[markup].pictures(files, shown), ""]


def _markdown_block(language: str, lines: Sequence[str]) -> list[str]:
    fence = _longer("`", lines)
    return [f"{fence}{language}", *lines, fence]


def _markdown_pictures(files: Sequence[Picture], shown: Shown) -> list[str]:
    """Write images, or HTML of several; a caption is a line in emphasis below."""
    if shown.site == "sphinx":
        return _myst_pictures(files, shown)
    caption = ["", f"*{_plain_words(shown.caption)}*"] if shown.caption else []
    if len(files) > 1 and not shown.site:
        return [*_html_pictures(files, shown.alt), *caption]
    only = [f"#only-{file.theme}" if len(files) > 1 else "" for file in files]
    text = _plain_words(shown.alt)
    images = (f"![{text}]({quote(f.path)}{mark})" for f, mark in zip(files, only, strict=True))
    return [*images, *caption]


def _plain_words(text: str) -> str:
    """Quote a text for Markdown."""
    return _DIALECTS.sub(_reference, re.sub(r"[\\`*_\[\]]", r"\\\g<0>", text))


# What Markdown's dialects do not all let a backslash quote: it is written as references to
# characters. Jekyll and Quarto read braces, emoji (:a:), citations (@a) and bare addresses.
_DIALECTS = re.compile(r"[<>&~$|{^]|@(?=\w)|:(?=[\w/])|\bw(?=ww\.)", re.IGNORECASE)

# Within HTML Python-Markdown, as MkDocs has it, finds code and emphasis even in an attribute.
_IN_HTML = re.compile(rf"[\\`*_\[\]\"]|{_DIALECTS.pattern}", re.IGNORECASE)


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def _html_pictures(files: Sequence[Picture], alt: str) -> list[str]:
    """Write HTML; the first picture is also for readers without a preference."""
    alt_text = _IN_HTML.sub(_reference, alt)
    return [
        "<picture>",
        *(
            f'  <source media="{MEDIA[file.theme]}" srcset="{quote(file.path)}">'
            for file in files[1:]
        ),
        f'  <img alt="{alt_text}" src="{quote(files[0].path)}">',
        "</picture>",
    ]


def _rst_block(language: str, lines: Sequence[str]) -> list[str]:
    # Mermaid has no highlighting, of which docutils and Sphinx would warn; the extension draws it.
    head = ".. mermaid::" if language == "mermaid" else f".. code-block:: {language}"
    return [head, "", *(f"   {line}" if line else "" for line in lines)]


def _rst_pictures(files: Sequence[Picture], shown: Shown) -> list[str]:
    """Write images; of several, themes such as Furo's show the one whose class says so."""
    lines = []
    directive = "figure" if shown.caption else "image"
    caption = re.sub(r"^|[\\`*_|]", r"\\\g<0>", shown.caption) if shown.caption else ""
    for file, classes in zip(files, _classes(files, shown), strict=True):
        lines += ["", f".. {directive}:: {_plain(file.path)}", f"   :alt: {shown.alt}"]
        lines += [f"   :{option}: {value}" for option, value in classes.items()]
        lines += ["", f"   {caption}"] if caption else []
    return lines[1:]


def _classes(files: Sequence[Picture], shown: Shown) -> Iterator[dict[str, str]]:
    """Yield the options of a directive by which a theme of Sphinx shows each picture, or not."""
    for file in files:
        only = [f"only-{file.theme}"] if len(files) > 1 else []
        classes = " ".join([*([] if shown.caption else only), *UNDIMMED.get(file.theme, ())])
        options = {"class": classes, "figclass": " ".join(only) if shown.caption else ""}
        yield {option: value for option, value in options.items() if value}


def _myst_pictures(files: Sequence[Picture], shown: Shown) -> list[str]:
    """Write directives of MyST, whose options are YAML."""
    lines = []
    caption = [_plain_words(shown.caption)] if shown.caption else []
    for file, classes in zip(files, _classes(files, shown), strict=True):
        alt = re.sub(r'["\\]', r"\\\g<0>", shown.alt)
        lines += [f"```{{{'figure' if caption else 'image'}}} {_plain(file.path)}"]
        lines += [f':alt: "{alt}"']
        lines += [f":{option}: {value}" for option, value in classes.items()]
        lines += [*(["", *caption] if caption else []), "```"]
    return lines


def _asciidoc_block(language: str, lines: Sequence[str]) -> list[str]:
    # A directive of the preprocessor would be followed even here.
    safe = [re.sub(r"^\\*(include|ifn?def|ifeval|endif)::", r"\\\g<0>", line) for line in lines]
    if language == "mermaid":
        fence = _longer(".", lines, 4)
        return ["[mermaid]", fence, *safe, fence]
    fence = _longer("-", lines, 4)
    return [f"[source,{language}]", fence, *safe, fence]


def _asciidoc_pictures(files: Sequence[Picture], shown: Shown) -> list[str]:
    """Write an image; of several, HTML shows the one for its reader, and paper the first."""
    title = re.sub(r"[^\w ,;()-]", _reference, shown.caption).replace("_", "&#95;")
    caption = [f".{{empty}}{title}"] if title else []
    text = shown.alt.replace('"', "&#34;").replace("{", "&#123;").replace("\\", "&#92;")
    image = f'image::{_plain(files[0].path)}["{text}"]'
    if len(files) == 1:
        return [*caption, image]
    return [
        *caption,
        "ifdef::basebackend-html[]",
        "++++",
        *_html_pictures(files, shown.alt),
        "++++",
        "endif::[]",
        "ifndef::basebackend-html[]",
        image,
        "endif::[]",
    ]


WRITERS: Mapping[str, Writer] = {
    "markdown": Writer(_markdown_block, _markdown_pictures),
    "rst": Writer(_rst_block, _rst_pictures),
    "asciidoc": Writer(_asciidoc_block, _asciidoc_pictures),
}
"""Every markup language of `dzviz.documents.markers.MARKUPS` by its name."""


def _longer(character: str, lines: Sequence[str], least: int = 3) -> str:
    """Return a fence that is longer than any in the lines."""
    runs = [len(run) for line in lines for run in re.findall(f"{re.escape(character)}+", line)]
    return character * max(least, max(runs, default=0) + 1)


def _plain(path: str) -> str:
    """Return a path that can be written as it is; there is no quoting it there.

    Raises:
        DocumentError: It has characters that mean something.
    """
    if not re.fullmatch(r"[\w./+@%,=~-]+", path):
        raise DocumentError(
            f"this document cannot refer to a picture named '{path}'",
            hint="use letters, digits, dots and hyphens",
        )
    return path


Lines = list[str]

FORMULAS: Mapping[str, Mapping[str, Callable[[Sequence[str]], Lines]]] = {
    "markdown": {
        "markdown": list,
        "tex": lambda lines: ["```math", *lines, "```"],
        "html": lambda lines: ["<div>", *lines, "</div>"],
    },
    "rst": {
        "tex": lambda lines: [".. math::", "   :nowrap:", "", *_indented(lines)],
        "html": lambda lines: [".. raw:: html", "", *_indented(lines)],
    },
    "asciidoc": {
        "tex": lambda lines: ["[latexmath]", "++++", *lines, "++++"],
        "html": lambda lines: ["++++", *lines, "++++"],
    },
}
"""By markup and form how the lines of a derivation stand in a document."""

FORMS = frozenset(form for forms in FORMULAS.values() for form in forms)
"""The forms that are formulas; what else there is is a block of text."""


def formulas(markup: str, form: str, text: str) -> Lines:
    """Return the lines that show formulas in a document, with empty lines around.

    Raises:
        UsageError: Formulas do not stand there in this form.
    """
    writers = FORMULAS[markup]
    if form not in writers:
        raise UsageError(
            f"a document of this kind cannot contain {form}",
            hint=f"-T is one of text, {', '.join(writers)}",
        )
    shown = element(text) if form == "html" else text
    return ["", *writers[form](shown.rstrip("\n").split("\n")), ""]


def element(page: str) -> str:
    """Return the formulas of a page without the page."""
    found = re.search(r"<math\b.*</math>", page, re.DOTALL)
    return found[0] if found else ""


def _indented(lines: Sequence[str]) -> Lines:
    return [f"   {line}" if line else "" for line in lines]
