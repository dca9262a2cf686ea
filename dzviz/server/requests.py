"""What a page may ask for: a formula, values, options, all as text of a limited length.

A request may come from anybody who found the address. It is read through a closed list of fields,
names no file, and asks for nothing larger than a document may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from dzviz.arguments.errors import in_our_words
from dzviz.arguments.options import field_options, read_options
from dzviz.documents.bounds import check_sizes
from dzviz.errors import UsageError
from dzviz.fields import written
from dzviz.options import Look, Passes, View
from dzviz.server.start import page_options

MOST_BYTES = 256 << 10
"""The longest request."""

MOST_NAMES = 200
"""The largest number of values and options in a request."""

WANTED = ("moment", "whole", "page")
"""What may be wanted: one step of a picture, all that the page says, or a page for a file."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request of one ``tab``.

    ``structure`` is that of the picture which it shows, ``step`` the step.
    """

    tab: str
    want: str
    step: int
    structure: str
    formula: str | None
    values: Mapping[str, str]
    options: Mapping[str, str]


def read_request(data: object) -> Request:
    """Read what a page sent.

    Raises:
        UsageError: It is not of the form that pages send, or names a file.
    """
    if not isinstance(data, dict) or set(data) != set(Request.__annotations__):
        raise UsageError("this is not a request of a page")
    formula = None if data["formula"] is None else _text(data["formula"], "formula", MOST_BYTES)
    want, step = data["want"], data["step"]
    if want not in WANTED or isinstance(step, bool) or not isinstance(step, int) or step < 0:
        raise UsageError("this is not a request of a page")
    values = _texts(data["values"], "values")
    for name, text in values.items():
        if text.lstrip().startswith("@"):
            raise UsageError(
                f"the value of {name}: a page cannot read a file",
                hint=f"read it when you start the page: dzviz live ... --{name} {text.strip()}",
            )
    return Request(
        tab=_text(data["tab"], "tab", 40),
        want=want,
        step=step,
        structure=_text(data["structure"], "structure", 80),
        formula=formula,
        values=values,
        options=_texts(data["options"], "options"),
    )


def _texts(data: object, what: str) -> dict[str, str]:
    if not isinstance(data, dict) or len(data) > MOST_NAMES:
        raise UsageError(f"the {what} are at most {MOST_NAMES} texts by their names")
    return {_text(name, what, 200): _text(text, what, MOST_BYTES) for name, text in data.items()}


def _text(data: object, what: str, most: int) -> str:
    if not isinstance(data, str) or len(data) > most or not _encodes(data):
        raise UsageError(f"the {what} of a request is text of at most {most} characters")
    return data


def _encodes(text: str) -> bool:
    """Whether it is text: half of a character that takes two codes is none."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


_command = click.Command(
    "live",
    params=[
        option
        for kind in (Passes, Look, View)
        for option in field_options(kind, *(o.name for k, o in page_options() if k is kind))
    ],
)


def read_given(options: Mapping[str, str]) -> tuple[dict[str, Any], Look, View]:
    """Read options of a page, by their names as they are written on a command line.

    Raises:
        UsageError: One is none of a page, not as it should be, or too large.
    """
    known = {written(option): option for _, option in page_options()}
    for name in options:
        if name not in known:
            raise UsageError(
                f"--{name} is not an option of a page", hint=f"there are {', '.join(known)}"
            )
    args = option_words(options)
    try:
        context = _command.make_context("live", args, help_option_names=[])
    except click.ClickException as error:
        raise in_our_words(error) from None
    given = dict(context.params)
    check_sizes(given, "live page")
    return given, read_options(Look, given), read_options(View, given)


def option_words(options: Mapping[str, str]) -> list[str]:
    """Write options as words of a command line."""
    flags = {written(option) for _, option in page_options() if option.type == "bool"}
    return [
        f"--{name}" if name in flags else f"--{name}={value}" for name, value in options.items()
    ]
