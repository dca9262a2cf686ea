"""The display options on the command line: one for each field of `dzviz.look.Look`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import click

from dzviz.look import Look


def look_options(*names: str) -> list[click.Parameter]:
    """Make an option of every field of `Look`, or of those named; it checks the values itself."""
    options: list[click.Parameter] = []
    for option in fields(Look):
        if names and option.name not in names:
            continue
        facts = option.metadata
        metavar = "|".join(facts["choices"]) if "choices" in facts else facts.get("metavar")
        several = "each" in facts
        options.append(
            click.Option(
                [f"--{option.name.replace('_', '-')}"],
                type=click.INT if option.type == "int" else click.STRING,
                default=None if several else option.default,
                show_default=bool(option.default),
                metavar="FACT[,FACT]" if several else metavar or "N",
                help=facts["help"],
            )
        )
    return options


def read_look(given: Mapping[str, Any]) -> Look:
    """Make a `Look` of the options' values.

    Raises:
        UsageError: One of them is not as it should be.
    """
    values = dict(given)
    for option in fields(Look):
        if "each" in option.metadata and option.name in values:
            text = values[option.name] or ""
            values[option.name] = tuple(w.strip() for w in text.split(",") if w.strip())
    return Look(**values)
