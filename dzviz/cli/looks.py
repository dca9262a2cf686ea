"""The display options on the command line: one for each field of `dzviz.options.Look`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from dzviz.options import Look
from dzviz.styles import STYLES, with_style

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


_TYPES: Mapping[str, click.ParamType[Any]] = {"int": click.INT, "float": click.FLOAT}


def look_options(*names: str) -> list[click.Parameter]:
    """Make an option of every field of `Look`, or of those named; it checks the values itself."""
    options: list[click.Parameter] = []
    for option in fields(Look):
        if names and option.name not in names:
            continue
        facts = dict(option.metadata)
        if option.name == "style":
            facts["help"] = (
                "; ".join(f"{style.name}: {style.help}" for style in STYLES.values()) + "."
            )
            facts["choices"] = tuple(STYLES)
        metavar = "|".join(facts["choices"]) if "choices" in facts else facts.get("metavar")
        several = "each" in facts
        options.append(
            click.Option(
                [f"--{option.name.replace('_', '-')}"],
                type=_TYPES.get(str(option.type), click.STRING),
                default=None if several else option.default,
                show_default=bool(option.default),
                metavar="FACT[,FACT]" if several else metavar or "N",
                help=facts["help"],
                shell_complete=choices(facts.get("choices") or facts.get("each") or ()),
            )
        )
    return options


def choices(words: Sequence[str]) -> Callable[..., list[CompletionItem]]:
    """Let the shell complete one of these words."""

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in words if word.startswith(incomplete)]

    return complete


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
    return with_style(Look(**values))
