"""click's errors about a command line, as dzviz's own errors."""

from __future__ import annotations

import re
from typing import Any

import click

from dzviz.arguments.values import describe_variables, variables_of
from dzviz.errors import DzvizError, UsageError, did_you_mean

_SIZE = "--fit slide, --fit 160x90mm, --scale 2 or --font-size 14 set a size;"

FLOAT = click.types.FloatParamType

NO_NUMBER = re.compile(r"(.*) is not (?:a valid |in the range ).*", re.DOTALL)
"""What click says of a number that is none, or of one that is too small or large."""

ELSEWHERE = {
    "--width": _SIZE,
    "--height": _SIZE,
    "--size": _SIZE,
    "--json": "-T json writes JSON;",
    "--tsv": "-T tsv writes TSV;",
    "--values-only": "dzviz value prints only the value;",
}
"""What options are called elsewhere, and what does the same here."""


def in_our_words(error: click.ClickException) -> DzvizError:
    """Say what click says as an error of ours."""
    if isinstance(error, click.NoSuchOption):
        subject = error.ctx and error.ctx.meta.get("subject")
        values = [f"--{name}" for name in variables_of(subject)] if subject else []
        likely = (
            _short(error)
            or ELSEWHERE.get(error.option_name)
            or did_you_mean(error.option_name, values)
            or _part(error)
            or did_you_mean(error.option_name, error.possibilities or ())
        )
        variables = [describe_variables(subject)] if subject else []
        hint = " ".join([likely, *variables] if likely else variables) or None
        return UsageError(f"no such option {error.option_name}", hint=hint)
    if isinstance(error, click.MissingParameter) and error.ctx and error.param:
        kind = error.param.type
        if isinstance(kind, click.Choice):
            path = error.ctx.command_path
            words = f"{path} takes one of {', '.join(kind.choices)}"
            return UsageError(words, hint=f"as in: {path} {kind.choices[0]}")
    if isinstance(error, click.BadParameter) and (said := _in_numbers(error)) is not None:
        return said
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:])


def _part(error: click.NoSuchOption) -> str | None:
    """Return the hint where one word of an option was written, as ``--seed``."""
    params = error.ctx.command.params if error.ctx else []
    names = [name for param in params for name in param.opts if name.startswith("--")]
    word = error.option_name.lstrip("-")
    found = [name for name in names if word and word in name[2:].split("-")]
    return f"did you mean {found[0]}?" if len(found) == 1 else None


def _in_numbers(error: click.BadParameter) -> UsageError | None:
    """Say which numbers an option takes that got another, or something else."""
    name, kind = error.param and max(error.param.opts, key=len), error.param and error.param.type
    given = NO_NUMBER.fullmatch(error.message)
    if not (name and given and isinstance(kind, (click.types.IntParamType, FLOAT))):
        return None
    whole = isinstance(kind, click.types.IntParamType)
    takes = "a whole number" if whole else "a number"
    low, high = (getattr(kind, end, None) for end in ("min", "max"))
    if low is not None:
        takes += (
            f", {_short_number(low)} or more"
            if high is None
            else f" from {_short_number(low)} to {_short_number(high)}"
        )
    default = error.param and error.param.default
    usual = default if type(default) in (int, float) else None
    example = usual or low or (1 if whole else 0.1)
    return UsageError(
        f"{name} takes {takes}, not {given[1]}", hint=f"as in: {name} {_short_number(example)}"
    )


def _short_number(number: Any) -> str:
    return str(number) if isinstance(number, int) else f"{number:g}"


def _short(error: click.NoSuchOption) -> str | None:
    """Return the hint where an option of one letter was written with two minuses, as ``--T``."""
    letter = f"-{error.option_name.lstrip('-')}"
    params = error.ctx.command.params if error.ctx else []
    names = next((param.opts for param in params if letter in param.opts), ())
    return f"did you mean {max(names, key=len)}?" if names and len(letter) == 2 else None
