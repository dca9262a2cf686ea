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
from dzviz.errors import DzvizError, UsageError
from dzviz.files import FilePath, keyed, named
from dzviz.streams import part_from_users_code, stdout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from click.core import ParameterSource

    from dzviz.arguments.values import Named
    from dzviz.pipeline import Given
    from dzviz.sources import Subject
    from dzviz.sources.backends import Settings

    Usual: TypeAlias = dict[str, tuple[Any, ParameterSource]]


class SubjectCommand(WithHelp):
    """A command whose arguments are ``operands``, ``[--NAME VALUE]...`` and its own options.

    What it computes, of which the variables are, is ``ctx.meta["subject"]``; the files that it
    reads are ``ctx.meta["reads"]``. The parameters of a context are those of the callback; where
    there is none, whoever asked for the context lets `settle` make them once it has looked at it.
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
        self._before: tuple[Mapping[str, Any], Usual | None] | None = None

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read a command line."""
        ctx = super().make_context(*args, **extra)
        if self.callback is not None and not ctx.resilient_parsing:
            with ctx.scope(cleanup=False):
                self.settle(ctx)
        return ctx

    def settle(self, ctx: click.Context) -> None:
        """Put what the callback takes among the parameters, instead of what it came from."""
        raise NotImplementedError

    def read_options(self, ctx: click.Context, rest: list[str]) -> list[str]:
        """Let click read what is left of a command line."""
        if self._read_mentioned(ctx, rest):
            return []
        with redirect_stdout(stdout()):  # for --help
            return super().parse_args(ctx, rest)

    def _read_mentioned(self, ctx: click.Context, rest: Sequence[str]) -> bool:
        """Read a line like one before it, in a fifth of the time: most options are in no line.

        click sees only those that are, and the others have the values of a line without options.
        What it finds fault with is left for click to read with all of them.
        """
        settings = ctx.default_map or {}
        if self._before is None or self._before[0] != settings:
            self._before = settings, None
            return False
        usual = self._before[1]
        if usual is None:
            usual = self._usual(settings)
            self._before = settings, usual
        words = {word.partition("=")[0] for word in rest if word.startswith("-")}
        ctx.meta["mentioned"] = [
            param
            for param in self.params
            if param.name not in usual or not words.isdisjoint(param.opts)
        ]
        try:
            super().parse_args(ctx, list(rest))
        except (click.ClickException, DzvizError):
            ctx.params.clear()
            return False
        finally:
            del ctx.meta["mentioned"]
        for name, (value, source) in usual.items():
            if name not in ctx.params:
                ctx.params[name] = value
                ctx.set_parameter_source(name, source)
        return True

    def _usual(self, settings: Mapping[str, Any]) -> Usual:
        """Return the values of options in a line without any, and where they come from.

        Those that the environment may set, or that do something, are read each time.
        """
        empty = click.Context(self, default_map=dict(settings), help_option_names=[])
        try:
            with empty.scope(cleanup=False):
                super().parse_args(empty, [])
        except click.ClickException:  # what a line without options says, others need not
            return {}
        found: Usual = {}
        for param in self.params:
            source = empty.get_parameter_source(str(param.name))
            read_each_time = param.envvar or param.callback or param.required
            if source is not None and not read_each_time:
                found[str(param.name)] = empty.params[str(param.name)], source
        return found

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
        params: list[click.Parameter] | None = ctx.meta.get("mentioned")
        if params is None:
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
