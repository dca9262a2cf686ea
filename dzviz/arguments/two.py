"""Commands over two operands: files of graphs, functions of Python files, or expressions.

A variable's value is for whichever of both has it; ``--set-a`` and ``--set-b`` are for one alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.command import SubjectCommand, load_function, load_graph, with_files
from dzviz.arguments.expression import function_names, settings_of, spare_threads
from dzviz.arguments.options import QUIET, Option, field_options
from dzviz.arguments.split import split
from dzviz.arguments.values import (
    give,
    option_for,
    read_assignment,
    refuse_clashes,
    variables_of,
)
from dzviz.errors import DzvizError, UsageError
from dzviz.options import Layout, Look, Passes
from dzviz.pipeline.beside import DRAWN, LOOKS
from dzviz.records import NamedTuple
from dzviz.sources import is_graph_file
from dzviz.sources.backends import CHOICES, Settings
from dzviz.sources.expression import read

if TYPE_CHECKING:
    from dzviz.files import FilePath
    from dzviz.pipeline import Given, Taken, Values
    from dzviz.sources import Subject

SIDES = ("a", "b")

FUNCTION = re.compile(r".+\.py:\w+", re.DOTALL)
"""What an operand is that names a function of a file."""


class Operand(NamedTuple):
    """One of two operands: what the user wrote, what it is, and the values of its variables."""

    text: str
    subject: Subject | Given
    values: Values

    @property
    def name(self) -> str:
        """What it is called: a file without its folder, else its text."""
        return re.split(r"[/\\]", self.text)[-1] if is_file(self.text) else self.text


def is_file(text: str) -> bool:
    """Whether an operand is a file: a graph, as in ``*.json``, or ``FILE.py:NAME``."""
    return is_graph_file(text) or FUNCTION.fullmatch(text) is not None


class Both(NamedTuple):
    """The variables of two operands together, as far as they are asked for by their names."""

    names: tuple[str, ...]
    optional: tuple[str, ...]


class TwoCommand(SubjectCommand):
    """A command whose arguments are ``A B [--NAME VALUE]...`` and its own options.

    The callback gets both as an `Operand` each, ``a`` and ``b``. ``ctx.obj`` may tell where the
    files of operands are, by what they are called.
    """

    def __init__(self, name: str, **attributes: Any) -> None:
        super().__init__(name, "A B", shared_options(), **attributes)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find both operands and read them, then let click read the options that they make."""
        from dzviz.pipeline import Given

        if ctx.resilient_parsing:  # a shell asks how the line may go on; errors are for later
            rest: list[str] = []
            with suppress(DzvizError):
                rest = split(args, super().get_params(ctx), most=2).rest
            return super().parse_args(ctx, rest)
        found = split(args, super().get_params(ctx), most=2)
        if len(found.texts) < 2:
            missing = "two operands are needed" if not found.texts else "there is one operand"
            self.refuse(ctx, found.rest, missing, '"sin(x)" "cos(x)" --x 1, or a file each')
        ctx.meta["reads"] = []
        subjects = [
            self._read(ctx, side, text, found.options)
            for side, text in zip(SIDES, found.texts, strict=True)
        ]
        ctx.meta["operands"] = tuple(zip(found.texts, subjects, strict=True))
        required = dict.fromkeys(name for subject in subjects for name in subject.names)
        known = dict.fromkeys(name for subject in subjects for name in variables_of(subject))
        optional = tuple(name for name in known if name not in required)
        ctx.meta["subject"] = Both(tuple(required), optional)
        assigned = [
            ("--set" if option in ("--set-a", "--set-b") else option, value)
            for option, value in found.options
        ]
        for subject in subjects:
            if isinstance(subject, Given):
                continue
            refuse_clashes(subject, assigned, self)
        _refuse_idle(found.texts, found.options)
        return self.read_options(ctx, found.rest)

    def _read(
        self, ctx: click.Context, side: str, text: str, options: Sequence[tuple[str, str]]
    ) -> Subject | Given:
        """Read one operand: a graph, a function or an expression."""
        files: Mapping[str, FilePath] = ctx.obj or {}
        if is_graph_file(text):
            return load_graph(ctx, files.get(text, text))
        if FUNCTION.fullmatch(text):
            return load_function(ctx, text, files.get(text), _settings(side, options))
        spare_threads()
        return read(text, functions=function_names)

    def settle(self, ctx: click.Context) -> None:
        """Put both operands among the parameters, instead of what they came from."""
        given = self._given(ctx)
        for name in ("backend", "dtype"):
            for side in ("", "_a", "_b"):
                ctx.params.pop(f"{name}{side}")
        for side, (text, subject) in zip(SIDES, ctx.meta["operands"], strict=True):
            own = variables_of(subject)
            values = {name: value for name, value in given[side].items() if name in own}
            ctx.params[side] = Operand(text, subject, with_files(ctx, values))

    def _given(self, ctx: click.Context) -> dict[str, dict[str, str]]:
        """Return the text of each variable's value for either side; one's own goes before both's.

        Raises:
            UsageError: A value is given twice, or there is no such variable.
        """
        shared = self.assigned(ctx)
        found: dict[str, dict[str, str]] = {}
        for side, (_, subject) in zip(SIDES, ctx.meta["operands"], strict=True):
            own: dict[str, tuple[str, str]] = {}
            for assignment in ctx.params.pop(f"assignments_{side}"):
                words = f"--set-{side}"
                give(
                    own,
                    *read_assignment(assignment, subject, words),
                    f"{words} {assignment}",
                )
            found[side] = {name: value for name, (value, _) in {**shared, **own}.items()}
        return found


def shared_options() -> list[click.Parameter]:
    """Return the options that give both operands their values, and say what computes them."""
    options: list[click.Parameter] = []
    for side, whose in (("", "every operand that has it"), ("a", "A alone"), ("b", "B alone")):
        dash, line = (f"-{side}", f"_{side}") if side else ("", "")
        options.append(
            Option(
                [f"--set{dash}", f"assignments{line}"],
                multiple=True,
                metavar="NAME=VALUE",
                help=f"Set a variable in {whose}.",
                heading=Passes.heading,
                documents=True,
            )
        )
    options += field_options(Passes, "random_seed", "backward")
    for side in ("", "a", "b"):
        dash, line = (f"-{side}", f"_{side}") if side else ("", "")
        whose = f"{side.upper()} alone" if side else "both"
        options += [
            Option(
                [f"--backend{dash}", f"backend{line}"],
                type=click.Choice(CHOICES),
                default=None if side else "auto",
                show_default=not side,
                help=f"The package that computes the function in a Python file, for {whose}.",
                heading=Passes.heading,
            ),
            Option(
                [f"--dtype{dash}", f"dtype{line}"],
                metavar="DTYPE",
                help=f"With PyTorch and JAX: the float type of the values, for {whose}.",
                heading=Passes.heading,
            ),
        ]
    return options


def beside_options() -> list[click.Parameter]:
    """Make the options that the command beside has besides those of both operands."""
    return [
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Write to this file. Its suffix selects the format. - is standard output.",
            heading="What is written",
            documents=True,
        ),
        Option(
            ["-T", "--format", "format_name"],
            metavar="FORMAT",
            words=lambda: DRAWN,
            help=f"The format: {', '.join(DRAWN)}.",
            heading="What is written",
            documents=True,
        ),
        *field_options(Look, *LOOKS),
        *field_options(Layout),
        QUIET,
    ]


def _refuse_idle(texts: Sequence[str], options: Sequence[tuple[str, str]]) -> None:
    """Refuse options of what computes a function where there is none.

    Raises:
        UsageError: One is given.
    """
    functions = {side for side, text in zip(SIDES, texts, strict=True) if FUNCTION.fullmatch(text)}
    for option, _ in options:
        name, _, side = option.removeprefix("--").partition("-")
        if name in ("backend", "dtype") and not ({side} if side else set(SIDES)) & functions:
            whose = f"{side.upper()} is none" if side else "neither operand is one"
            raise UsageError(
                f"{option} is for functions of Python files, and {whose}",
                hint="write an operand as FILE.py:NAME to make it a function",
            )


def _settings(side: str, options: Sequence[tuple[str, str]]) -> Settings:
    """Return how a function of one side is computed: its own options go before those of both."""
    own = [
        (option.removesuffix(f"-{side}"), value)
        for option, value in options
        if option in (f"--backend-{side}", f"--dtype-{side}")
    ]
    return settings_of([*options, *own])


def taken_operands(*operands: Operand, random_seed: int, backward: bool) -> list[Taken]:
    """Compute the operands; what is odd about them names them.

    Raises:
        DzvizError: Whatever is wrong with one of them, which is named.
    """
    found = []
    for side, operand in zip("AB", operands, strict=True):
        made = _taken_operand(operand, side, random_seed=random_seed, backward=backward)
        warnings = tuple(f"{side}: {text}" for text in made.warnings)
        notes = tuple(f"{side}: {text}" for text in made.notes)
        found.append(made._replace(warnings=warnings, notes=notes))
    return found


def _taken_operand(operand: Operand, side: str, *, random_seed: int, backward: bool) -> Taken:
    """Compute one operand, or take the graph that it is.

    Raises:
        DzvizError: Whatever is wrong with it, which is named.
    """
    from dzviz.pipeline import Computation, Given, take

    subject = operand.subject
    try:
        if isinstance(subject, Given):
            return take(subject._replace(backward=backward), events=False)
        computation = Computation(
            subject, operand.values, option_for, random_seed=random_seed, backward=backward
        )
        return take(computation, events=False)
    except DzvizError as error:
        raise type(error)(f"{side}: {error}", place=error.place, hint=error.hint) from None
