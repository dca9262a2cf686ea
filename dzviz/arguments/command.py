"""What commands share whose options are also the variables of what they compute."""

from __future__ import annotations

import sys
import unicodedata
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.help import WithHelp
from dzviz.arguments.options import write_below_headings
from dzviz.arguments.values import VariableOption, give, own_options, read_assignment, variables_of
from dzviz.errors import UsageError
from dzviz.files import FilePath, keyed, named
from dzviz.streams import part_from_users_code, stdout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dzviz.arguments.values import Named
    from dzviz.pipeline import Given
    from dzviz.sources import Subject
    from dzviz.sources.backends import Settings


class SubjectCommand(WithHelp):
    """A command whose arguments are ``operands``, ``[--NAME VALUE]...`` and its own options.

    What it computes, of which the variables are, is ``ctx.meta["subject"]``; the files that it
    reads are ``ctx.meta["reads"]``.
    """

    def __init__(
        self, name: str, operands: str, shared: Sequence[click.Parameter], **attributes: Any
    ) -> None:
        attributes.setdefault("context_settings", {}).update(
            token_normalize_func=lambda token: unicodedata.normalize("NFKC", token),
            help_option_names=["-h", "--help"],
        )
        super().__init__(
            name, options_metavar=f"{operands} [--NAME VALUE]... [OPTIONS]", **attributes
        )
        self.params = [*shared, *self.params]

    def read_options(self, ctx: click.Context, rest: list[str]) -> list[str]:
        """Let click read what is left of a command line."""
        with redirect_stdout(stdout()):  # for --help
            return super().parse_args(ctx, rest)

    def refuse(self, ctx: click.Context, rest: list[str], what: str, hint: str) -> None:
        """Print the help where it is asked for; else refuse a command line without operands.

        Raises:
            UsageError: No help is asked for.
        """
        try:
            super().parse_args(ctx, rest)
        except click.NoSuchOption as error:
            if error.possibilities:  # a typo that may have eaten an operand
                raise
        raise UsageError(what, hint=f"as in: dzviz {self.name} {hint}")

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Add an option for each variable that has no such option yet."""
        params = super().get_params(ctx)
        subject: Named | None = ctx.meta.get("subject")
        if subject is None:
            return params
        taken = own_options(self)
        variables: list[click.Parameter] = [
            VariableOption(name, optional=name not in subject.names)
            for name in variables_of(subject)
            if f"--{name}" not in taken
        ]
        return [*variables, *params]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options below their headings."""
        write_below_headings(self.get_params(ctx), ctx, formatter)

    def assigned(self, ctx: click.Context) -> dict[str, tuple[str, str]]:
        """Take the variables' values from the parameters, each with the words that gave it.

        Raises:
            UsageError: A value is given twice, or there is no such variable.
        """
        given: dict[str, tuple[str, str]] = {}
        for key in list(ctx.params):
            if key.startswith(VariableOption.PREFIX):
                name = key.removeprefix(VariableOption.PREFIX)
                for value in ctx.params.pop(key):
                    give(given, name, value, f"--{name} {value}")
        for assignment in ctx.params.pop("assignments"):
            give(given, *read_assignment(assignment, ctx.meta["subject"]), f"--set {assignment}")
        return given


def with_files(
    ctx: click.Context, values: Mapping[str, str | FilePath]
) -> dict[str, str | FilePath]:
    """Take ``@FILE`` for a file, and note which files are read."""
    found = {
        name: keyed(value[1:]) if isinstance(value, str) and value.startswith("@") else value
        for name, value in values.items()
    }
    ctx.meta["reads"] += [value for value in found.values() if not isinstance(value, str)]
    return found


def load_function(
    ctx: click.Context, target: str, file: FilePath | None, settings: Settings
) -> Subject | Given:
    """Load a function of a Python file, or the graph of a Variable that the file made.

    Raises:
        DzvizError: There is none, or its code is wrong.
    """
    from dzviz.pipeline import Given
    from dzviz.sources.function import Made, load

    part_from_users_code()
    ctx.meta["modules"] = frozenset(sys.modules)  # those after it are the user's, or theirs
    loaded = load(target, file, settings)
    ctx.meta["reads"] += [loaded.file] if loaded.file else []
    return Given(loaded.graph) if isinstance(loaded, Made) else loaded


def load_graph(ctx: click.Context, file: FilePath | str) -> Given:
    """Read the graph of a file.

    Raises:
        UsageError: It holds none.
    """
    from dzviz.pipeline import Given
    from dzviz.sources import read_graph

    file = named(file) if isinstance(file, str) else file
    read = Given(read_graph(file))
    ctx.meta["reads"].append(file)
    return read
