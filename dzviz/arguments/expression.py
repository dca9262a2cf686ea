"""Commands over an expression: each of its variables is an option of the command.

The expression is found before click reads the options, since it decides which options there are.
It knows the syntax of expressions but nothing of values; it loads no NumPy.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.command import SubjectCommand, load_function, load_graph, with_files
from dzviz.arguments.options import (
    Option,
    complete_file,
    field_options,
    read_options,
)
from dzviz.arguments.shell import quoted
from dzviz.arguments.split import Found, split
from dzviz.arguments.values import (
    describe_variables,
    option_for,
    own_options,
    refuse_clashes,
    shortened,
    variables_of,
)
from dzviz.errors import DzvizError, ExpressionError, UsageError
from dzviz.fields import options_of, written
from dzviz.files import FilePath, check_apart, decode, named, read_input
from dzviz.options import Passes
from dzviz.sources.backends import CHOICES, Settings
from dzviz.sources.expression import read

if TYPE_CHECKING:
    from dzviz.pipeline import Computation, Given, Values
    from dzviz.sources import Subject

OF_FUNCTIONS = ("--backend", "--dtype")
"""The options that are for functions of Python files."""

PASSES = tuple(f"--{written(f)}" for f in options_of(Passes) if f.name != "backward")

COMPUTING = ("--set", "--sweep", *PASSES, *OF_FUNCTIONS)
"""The options of what is computed; of a pass that is there, the gradients need not be drawn."""

MAX_BYTES = 64 * 1024
"""More than any expression may have: what is read of a file before it is refused."""


class ExpressionCommand(SubjectCommand):
    """A command whose arguments are ``EXPR [--NAME VALUE]...`` and its own options.

    With ``--py-function`` there is no EXPR: the variables are the function's parameters. The
    callback gets the `Subject` as ``subject`` and the given values, as text, as ``values``. A
    command that ``computes`` can do nothing with a graph that is there already (``--graph``).
    ``ctx.meta["file"]`` is the name of the expression's file.
    """

    def __init__(self, name: str, *, computes: bool = False, **attributes: Any) -> None:
        self.computes = computes
        options = shared_options()
        for option in options:
            if computes and isinstance(option, Option) and option.name == "graph":
                option.hidden = True  # it is there for its error
        super().__init__(name, "EXPR", options, **attributes)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find the expression and read it, then let click read the options that it makes."""
        if ctx.resilient_parsing:  # a shell asks how the line may go on; errors are for later
            rest: list[str] = []
            with suppress(DzvizError):
                found = split(args, super().get_params(ctx))
                rest = found.rest
                if found.text is not None:
                    ctx.meta["subject"] = read(found.text)
            return super().parse_args(ctx, rest)
        found = split(args, super().get_params(ctx))
        reads: list[FilePath] = ctx.meta.setdefault("reads", [])
        text = found.text
        if found.file is not None:
            reads.append(named(found.file))
            with hinting(found.file):
                text = read_text(reads[-1])
        if text == "-":
            hint = "use -f - to read standard input, as in: dzviz -f - --x 2"
            raise UsageError("- is not an expression", hint=hint)
        if found.graph is not None:
            self.take_graph(ctx, found)
            return super().parse_args(ctx, found.rest)
        if text is None and found.function is None:
            self.refuse(ctx, found.rest, "there is no expression", '"sin(x)" --x 1.0')
        if found.function is not None:
            from dzviz.pipeline import Given

            ctx.meta["subject"] = load_function(
                ctx, found.function, ctx.obj, settings_of(found.options)
            )
            if isinstance(ctx.meta["subject"], Given):
                hint = "give a function that computes it"
                self.refuse_computing(found, f"the Variable {found.function}", hint, hint)
                return super().parse_args(ctx, found.rest)
        else:
            spare_threads()
            with hinting(found.file or str(text)):
                ctx.meta["subject"] = subject = read(str(text), functions=function_names)
            for option, _ in found.options:
                if option in OF_FUNCTIONS and option.removeprefix("--") not in subject.names:
                    raise UsageError(f"{option} is for functions of Python files: --py-function")
        refuse_clashes(ctx.meta["subject"], found.options, self)
        return self.read_options(ctx, found.rest)

    def take_graph(self, ctx: click.Context, found: Found) -> None:
        """Read the graph of a file, which cannot be computed again.

        Raises:
            UsageError: That is asked for, or the file holds no graph.
        """
        self.refuse_computing(
            found,
            "a graph from a file",
            "give an expression, or a function with --py-function",
            "give it where the graph is written, and --full JSON keeps the rest",
        )
        ctx.meta["subject"] = load_graph(ctx, ctx.obj or str(found.graph))

    def refuse_computing(self, found: Found, what: str, hint: str, otherwise: str) -> None:
        """See that nothing is asked for that would compute a graph again.

        Raises:
            UsageError: It is, by the command or by an option.
        """
        if self.computes:
            raise UsageError(
                f"dzviz {self.name} computes again with other values, but {what} has been computed "
                "already",
                hint=hint,
            )
        ours = own_options(self)
        for option, _ in found.options:
            if option not in ours or option in COMPUTING:
                raise UsageError(
                    f"{option} is for what is computed, but {what} has been computed already",
                    hint=otherwise,
                )

    def settle(self, ctx: click.Context) -> None:
        """Put the subject and its values among the parameters, instead of what they came from."""
        subject: Subject = ctx.meta["subject"]
        given = self.assigned(ctx)
        files = [named(path) for path in ctx.params.pop("set_files")]
        ctx.meta["file"] = ctx.params.pop("file")
        for name in ("py_function", "graph", "backend", "dtype"):
            ctx.params.pop(name)
        values: dict[str, str | FilePath] = {}
        for file in files:
            values |= values_of(file, subject)
        values |= {name: value for name, (value, _) in given.items()}
        ctx.meta["reads"] += files
        values = with_files(ctx, values)
        ctx.params.update(subject=subject, values=values)


def values_of(file: FilePath, subject: Subject) -> dict[str, str | FilePath]:
    """Return the values that a file holds by the names of a subject's variables.

    Raises:
        UsageError: It cannot be read, or names what is no variable.
    """
    from dzviz.language.files import read_values

    values = {unicodedata.normalize("NFKC", k): v for k, v in read_values(file).items()}
    for name in values:
        if name not in variables_of(subject):
            raise UsageError(
                f"{shortened(file.name)} has {shortened(name)}, which is not a variable",
                hint=describe_variables(subject),
            )
    return values


def check_written(*paths: str | None) -> None:
    """See that none of these files is one that the command reads.

    Raises:
        UsageError: One is.
    """
    context = click.get_current_context()
    for path in paths:
        if path not in (None, "-"):
            check_apart(context.meta.get("reads", ()), named(str(path)))


def shared_options() -> list[click.Parameter]:
    """Return the options that give the expression and its values."""
    return [
        Option(
            ["--set", "assignments"],
            multiple=True,
            metavar="NAME=VALUE",
            help="Set a variable. Works even if an option has the same name.",
            heading=Passes.heading,
            documents=True,
        ),
        Option(
            ["--set-file", "set_files"],
            multiple=True,
            metavar="FILE",
            help="Set variables from a .json or .toml file, by name. Values on the command line "
            "take precedence.",
            heading=Passes.heading,
        ),
        Option(
            ["-f", "--file"],
            metavar="FILE",
            help="Read the expression from a file; - is standard input.",
            heading=Passes.heading,
        ),
        Option(
            ["--py-function"],
            metavar="FILE:NAME",
            shell_complete=complete_file,
            help="Take the function NAME of a Python file instead of an expression. Its "
            "parameters are the variables. NAME can also be a Variable that the file computes.",
            heading=Passes.heading,
        ),
        Option(
            ["--graph"],
            metavar="FILE",
            help="Take a graph from a JSON file instead of an expression. dzviz -T json --full "
            "writes such files, and so can other programs. - is standard input.",
            heading=Passes.heading,
            documents=True,
        ),
        *field_options(Passes, "random_seed"),
        Option(
            ["--backend"],
            type=click.Choice(CHOICES),
            default="auto",
            show_default=True,
            help="The package that computes the function. auto: PyTorch or JAX if the function "
            "computes with their arrays, or else NumPy.",
            heading=Passes.heading,
        ),
        Option(
            ["--dtype"],
            metavar="DTYPE",
            help="With PyTorch and JAX: the float type of the values, such as bfloat16. Values "
            "made by int() stay integers. The default is the type of the parameters of a PyTorch "
            "module, or else the default of the backend.",
            heading=Passes.heading,
        ),
    ]


def settings_of(options: Sequence[tuple[str, str]]) -> Settings:
    """Return how a function is computed, by what stands on the command line.

    What is wrong there is for click to say, once the function is known.
    """
    given = dict(options)
    backend, dtype, seed = (given.get(f"--{name}") for name in ("backend", "dtype", "random-seed"))
    known = backend if backend in CHOICES else "auto"
    return Settings(known, dtype, int(seed) if seed and seed.isdecimal() else 0)


def taken(
    subject: Subject | Given, values: Values, given: Mapping[str, Any]
) -> Computation | Given:
    """Return what a command line computes by its `Passes`, or the graph that it has.

    Raises:
        UsageError: One of these options is not as it should be.
    """
    from dzviz.pipeline import Computation, Given

    passes = read_options(Passes, given)
    if isinstance(subject, Given):
        return subject._replace(backward=passes.backward)
    return Computation(subject, values, option_for, partial=True, **asdict(passes))


def read_text(file: FilePath) -> str:
    """Read an expression from a file, or from standard input for ``-``.

    Raises:
        UsageError: It cannot be read, is far too long, or is not UTF-8.
    """
    name = "standard input" if file.name == "-" else file.name
    try:
        data = read_input(file, MAX_BYTES)
        return decode(data).rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(f"the expression in {shortened(name)} is not UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read the expression from {shortened(name)}: {reason}") from None


@contextmanager
def hinting(text: str) -> Iterator[None]:
    """Hint at ``--py-function`` where the text in an error looks like a Python file."""
    try:
        yield
    except (ExpressionError, UsageError) as error:
        if found := re.fullmatch(r"\s*([\w./\\~ -]+\.py)(:\w+)?\s*", text):
            target = found[1] + (found[2] or ":NAME")
            error.hint = f"take a function from a Python file: --py-function {quoted(target)}"
        raise


def function_names() -> Collection[str]:
    """Return the names of functions that expressions know."""
    from dzviz.engine import OPS

    return OPS


def spare_threads() -> None:
    """Have NumPy, not loaded yet, start no threads for matrices, unless the user says so.

    It would start one for each core of the machine, and the matrices of pictures are small.
    """
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
