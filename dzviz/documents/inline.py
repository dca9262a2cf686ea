"""A picture that becomes a part of a page: asked for by a document, drawn, put into HTML.

It has what all tools for documents need that place pictures themselves, and knows none of them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import click

from dzviz.budget import timed
from dzviz.documents.blocks import element as formulas_of
from dzviz.documents.requests import Request, TextRequest, command, read_any, read_request
from dzviz.documents.trust import Trust
from dzviz.errors import DzvizError, UsageError
from dzviz.formats import FORMATS
from dzviz.language.carets import explain
from dzviz.page import framed
from dzviz.results import RESULTS, kind_of
from dzviz.svg import primitives as pen
from dzviz.text.phrases import clean

WIDTH = r"\d+(\.\d+)?(px|pt|em|rem|ex|cm|mm|in|%)"
"""How wide a picture may be in a page, as CSS says it."""


PAGES_OWN = "it is an option of the block or directive itself"


PAGE = "html"
"""The format that stands in a page as a page of its own."""


def read_inline(
    words: str | list[str], *, folder: str, trust: Trust, config: Mapping[str, Any]
) -> Request:
    """Read a command line, or its arguments, for one picture that gets no file of its own.

    Raises:
        DzvizError: It cannot be read, or asks for what is not allowed.
    """
    request = read_request(words, folder=folder, trust=trust, config=config)
    params = request.context.params
    if params["output"] is not None:
        raise UsageError("--output does not work in a page", hint="the page selects the format")
    if params["format_name"] not in (None, PAGE):
        raise UsageError(
            f"--format {params['format_name']} does not work in a page",
            hint=f"the page selects the format; {PAGE} shows all steps, with a slider",
        )
    for option in ("alt", "caption", "site"):
        if params[option]:
            raise UsageError(f"--{option} does not work in a page", hint=PAGES_OWN)
    if len(request.themes) > 1:
        raise UsageError(
            "a picture in a page has a single theme", hint="auto follows the reader's screen"
        )
    return request


def read_derivation(
    words: str, *, folder: str, trust: Trust, config: Mapping[str, Any]
) -> TextRequest:
    """Read a command line that begins with ``explain``, for formulas in a page.

    Raises:
        DzvizError: It cannot be read, or asks for what is not allowed.
    """
    request = read_any(words, folder=folder, trust=trust, config=config)
    if not isinstance(request, TextRequest):
        raise UsageError(
            "there is no expression to explain", hint='as in: explain "sin(x)" --x 1.0'
        )
    if request.context.params["format_name"] is not None:
        raise UsageError(
            "--format does not work for formulas in a page", hint="the page selects the format"
        )
    return request


def read_text(words: str, *, folder: str, trust: Trust, config: Mapping[str, Any]) -> str:
    """Compute a result that is text, such as a trace, for a block of a page.

    Raises:
        DzvizError: It cannot be read, asks for what is not allowed, or whatever else is wrong.
    """
    request = read_any(words, folder=folder, trust=trust, config=config)
    if not isinstance(request, TextRequest):
        raise UsageError("there is no expression", hint='as in: trace "sin(x)" --x 1.0')
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return "".join(timed(request.result().lines))


def derived(request: TextRequest, form: str) -> str:
    """Write the formulas of a derivation in a form of `dzviz.equations.writers.FORMS`."""
    request.context.params["format_name"] = form
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        text = "".join(timed(request.result().lines))
    return formulas_of(text) if form == "html" else text


def arguments(expression: str | None, options: Iterable[tuple[str, str | None]]) -> list[str]:
    """Write options by their names, and an expression, as the arguments of a command line."""
    known = [*command.params, *(param for name in RESULTS for param in kind_of(name).options)]
    params = [param for param in known if isinstance(param, click.Option)]
    flags = {option for param in params if param.is_flag for option in param.opts}
    args = [
        f"--{name}" if not value and f"--{name}" in flags else f"--{name}={value or ''}"
        for name, value in options
    ]
    return args if expression is None else [*args, "--", expression]


def drawn(request: Request, format: str) -> str:
    """Draw what is asked for, in a format that is text."""
    with warnings.catch_warnings():
        # The picture shows what NumPy would say about an overflow.
        warnings.simplefilter("ignore", RuntimeWarning)
        (drawing,) = request._replace(format=FORMATS[format]).drawings()
        return "".join(map(str, timed(drawing.chunks())))


def element(
    drawing: str, alt: str | None = None, width: str | None = None, *, format: str = "svg"
) -> str:
    """Return an SVG of ours as an element of a page: never wider than that, with its alt text.

    Without ``alt`` its own title and description tell what it shows. One of all steps is a page in
    a frame.

    Raises:
        UsageError: ``width`` is not a width.
    """
    if width and not re.fullmatch(WIDTH, width):
        raise UsageError(f"'{width}' is not a width", hint="as in 300px, 20em or 50%")
    if format == PAGE:
        return framed(drawing, clean(alt, len(alt or "")) or "All steps", width or "100%")
    label = f'aria-label="{pen.quote(clean(alt, len(alt)))}" ' if alt else ""
    wide = f"width:{width};" if width else ""
    return drawing.replace("<svg ", f'<svg {label}style="{wide}max-width:100%;height:auto" ', 1)


def error_text(error: DzvizError) -> str:
    """Explain an error to who reads the log of a build."""
    return explain(error).removeprefix("dzviz: error: ")
