"""click's errors about a command line, as dzviz's own errors."""

from __future__ import annotations

import click

from dzviz.arguments.values import describe_variables, variables_of
from dzviz.errors import DzvizError, UsageError, did_you_mean

_SIZE = "--fit slide, --fit 160x90mm, --scale 2 or --font-size 14 set a size;"

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
        likely = _short(error) or ELSEWHERE.get(error.option_name)
        likely = likely or did_you_mean(error.option_name, [*(error.possibilities or ()), *values])
        variables = [describe_variables(subject)] if subject else []
        hint = " ".join([likely, *variables] if likely else variables) or None
        return UsageError(f"no such option {error.option_name}", hint=hint)
    if isinstance(error, click.MissingParameter) and error.ctx and error.param:
        kind = error.param.type
        if isinstance(kind, click.Choice):
            path = error.ctx.command_path
            words = f"{path} takes one of {', '.join(kind.choices)}"
            return UsageError(words, hint=f"as in: {path} {kind.choices[0]}")
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:])


def _short(error: click.NoSuchOption) -> str | None:
    """Return the hint where an option of one letter was written with two minuses, as ``--T``."""
    letter = f"-{error.option_name.lstrip('-')}"
    params = error.ctx.command.params if error.ctx else []
    names = next((param.opts for param in params if letter in param.opts), ())
    return f"did you mean {max(names, key=len)}?" if names and len(letter) == 2 else None
