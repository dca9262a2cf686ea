"""The options of command lines: one for each field of `dzviz.options`, and what commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from dzviz.options import Look, View
from dzviz.styles import STYLES, with_style

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


_TYPES: Mapping[str, click.ParamType[Any]] = {
    "int": click.INT,
    "float": click.FLOAT,
    "bool": click.BOOL,
}


QUIET = click.Option(["-q", "--quiet"], is_flag=True, help="No warnings and no hints.")
STRICT = click.Option(
    ["--strict"], is_flag=True, help="Take a NaN or an infinity for an error (exit 4)."
)

RETAIN_GRAD = click.Option(
    ["--retain-grad"], is_flag=True, help="Keep the gradients of intermediate values."
)
BACKWARD = click.Option(
    ["--no-backward", "backward"],
    is_flag=True,
    flag_value=False,
    default=True,
    help="The forward graph alone, without gradients.",
)
ORDER = click.Option(
    ["--order"],
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="The graph of the N-th derivative, and backward from it.",
)
WRT = click.Option(
    ["--wrt"],
    metavar="NAME[,NAME]",
    help="With respect to which variable, or to which in turn.",
)


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
                is_flag=option.type == "bool",
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


def view_options() -> list[click.Parameter]:
    """Make an option of every field of `View`, which checks the values itself."""
    return [
        click.Option(
            [f"--{option.name.rstrip('_').replace('_', '-')}", option.name],
            type=click.INT if str(option.type).startswith("int") else click.STRING,
            default=option.default,
            show_default=option.default is not None,
            metavar="|".join(option.metadata.get("choices", ()))
            or option.metadata.get("metavar", "N"),
            help=option.metadata["help"],
        )
        for option in fields(View)
    ]


def read_view(given: dict[str, Any]) -> View:
    """Take the options of large graphs out of the options' values.

    Raises:
        UsageError: One of them is not as it should be.
    """
    return View(**{option.name: given.pop(option.name) for option in fields(View)})
