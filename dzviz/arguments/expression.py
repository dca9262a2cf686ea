"""Commands over an expression: each of its variables is an option of the command.

The expression is found before click reads the options, since it decides which options there are.
It knows the syntax of expressions but nothing of values; it loads no NumPy.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from dzviz.arguments.shell import quoted
from dzviz.errors import DzvizError, UsageError
from dzviz.files import FilePath, check_apart, keyed, named
from dzviz.files import read as read_file
from dzviz.sources.backends import CHOICES, Settings
from dzviz.sources.expression import read
from dzviz.streams import part_from_users_code, stdout

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dzviz.pipeline import Computation, Given, Values
    from dzviz.sources import Subject

COMPUTING = (
    *("--set", "--random-seed", "--retain-grad", "--order", "--wrt"),
    *(OF_FUNCTIONS := ("--backend", "--dtype")),
)
"""The options of what is computed; some are for functions of Python files."""

MAX_BYTES = 64 * 1024
"""More than any expression may have: what is read of a file before it is refused."""


class ExpressionCommand(click.Command):
    """A command whose arguments are ``EXPR [--NAME VALUE]...`` and its own options.

    With ``--py-function`` there is no EXPR: the variables are the function's parameters. The
    callback gets the `Subject` as ``subject`` and the given values, as text, as ``values``. A
    command that ``computes`` can do nothing with a graph that is there already (``--graph``).
    """

    def __init__(self, name: str, *, computes: bool = False, **attributes: Any) -> None:
        self.computes = computes
        attributes.setdefault("context_settings", {}).update(
            token_normalize_func=lambda token: unicodedata.normalize("NFKC", token),
            help_option_names=["-h", "--help"],
        )
        super().__init__(name, options_metavar="EXPR [--NAME VALUE]... [OPTIONS]", **attributes)
        self.params = [*shared_options(), *self.params]

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
            text = read_text(reads[-1])
        if found.graph is not None:
            self.take_graph(ctx, found)
            return super().parse_args(ctx, found.rest)
        if text is None and found.function is None:
            try:
                super().parse_args(ctx, found.rest)  # prints the help
            except click.NoSuchOption as error:
                if error.possibilities:  # a typo that may have eaten the expression
                    raise
            raise UsageError(
                "there is no expression", hint=f'as in: dzviz {self.name} "sin(x)" --x 1.0'
            )
        if found.function is not None:
            from dzviz.pipeline import Given
            from dzviz.sources.function import Made, load

            part_from_users_code()
            loaded = load(found.function, ctx.obj, settings_of(found.options))
            reads += [loaded.file] if loaded.file else []
            if isinstance(loaded, Made):
                hint = "give a function that computes it"
                self.refuse_computing(found, f"the Variable {found.function}", hint, hint)
                ctx.meta["subject"] = Given(loaded.graph)
                return super().parse_args(ctx, found.rest)
            ctx.meta["subject"] = loaded
        else:
            for option, _ in found.options:
                if option in OF_FUNCTIONS:
                    raise UsageError(f"{option} is for functions of Python files: --py-function")
            spare_threads()
            ctx.meta["subject"] = read(str(text), functions=_function_names)
        refuse_clashes(ctx.meta["subject"], found.options, self)
        with redirect_stdout(stdout()):  # for --help
            return super().parse_args(ctx, found.rest)

    def take_graph(self, ctx: click.Context, found: Found) -> None:
        """Read the graph of a file, which cannot be computed again.

        Raises:
            UsageError: That is asked for, or the file holds no graph.
        """
        self.refuse_computing(
            found,
            "a graph from a file",
            "dzviz draw, dzviz trace and dzviz grad take --graph",
            "give it where the graph is written, and --full JSON keeps the rest",
        )
        from dzviz.pipeline import Given
        from dzviz.sources.json import read_graph

        file = ctx.obj or named(str(found.graph))
        ctx.meta["subject"] = Given(read_graph(file))
        ctx.meta["reads"].append(file)

    def refuse_computing(self, found: Found, what: str, hint: str, otherwise: str) -> None:
        """See that nothing is asked for that would compute a graph again.

        Raises:
            UsageError: It is, by the command or by an option.
        """
        if self.computes:
            raise UsageError(f"dzviz {self.name} computes, and {what} can only be drawn", hint=hint)
        ours = own_options(self)
        for option, _ in found.options:
            if option not in ours or option in COMPUTING:
                raise UsageError(
                    f"{option} is for what is computed, and {what} is there already",
                    hint=otherwise,
                )

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Add an option for each of the expression's variables that has no such option yet."""
        params = super().get_params(ctx)
        subject: Subject | None = ctx.meta.get("subject")
        if subject is None:
            return params
        taken = own_options(self)
        variables: list[click.Parameter] = [
            VariableOption(name, optional=name not in subject.names)
            for name in variables_of(subject)
            if f"--{name}" not in taken
        ]
        return [*variables, *params]

    def invoke(self, ctx: click.Context) -> Any:
        """Call the callback with the subject and its values."""
        self.settle(ctx)
        return super().invoke(ctx)

    def settle(self, ctx: click.Context) -> None:
        """Put the subject and its values among the parameters, instead of what they came from."""
        subject: Subject = ctx.meta["subject"]
        given: dict[str, tuple[str, str]] = {}
        for key in list(ctx.params):
            if key.startswith(VariableOption.PREFIX):
                name = key.removeprefix(VariableOption.PREFIX)
                for value in ctx.params.pop(key):
                    _give(given, name, value, f"--{name} {value}")
        for assignment in ctx.params.pop("assignments"):
            _give(given, *read_assignment(assignment, subject), f"--set {assignment}")
        ctx.params.pop("file")
        ctx.params.pop("py_function")
        ctx.params.pop("graph")
        ctx.params.pop("backend")
        ctx.params.pop("dtype")
        values = {
            name: keyed(value[1:]) if value.startswith("@") else value
            for name, (value, _) in given.items()
        }
        ctx.meta["reads"] += [value for value in values.values() if not isinstance(value, str)]
        ctx.params.update(subject=subject, values=values)


def check_written(*paths: str | None) -> None:
    """See that none of these files is one that the command reads.

    Raises:
        UsageError: One is.
    """
    context = click.get_current_context()
    for path in paths:
        if path not in (None, "-"):
            check_apart(context.meta.get("reads", ()), named(str(path)))


class VariableOption(click.Option):
    """``--NAME VALUE``, a variable's value."""

    PREFIX = "variable "
    """Keeps a variable's name apart from the parameters of the callback."""

    def __init__(self, name: str, *, optional: bool) -> None:
        what = "Another value than usual for" if optional else "The value of"
        super().__init__([f"--{name}"], metavar="VALUE", help=f"{what} {name}.", multiple=True)
        self.name = f"{self.PREFIX}{name}"


def shared_options() -> list[click.Parameter]:
    """Return the options that give the expression and its values."""
    return [
        click.Option(
            ["--set", "assignments"],
            multiple=True,
            metavar="NAME=VALUE",
            help="Give a variable its value; works for every name, now and later.",
        ),
        click.Option(
            ["-f", "--file"],
            metavar="FILE",
            shell_complete=complete_file,
            help="Read the expression from a file; - is standard input.",
        ),
        click.Option(
            ["--py-function"],
            metavar="FILE:NAME",
            shell_complete=complete_file,
            help="Instead of an expression a function of a Python file, whose parameters are the "
            "variables; or a Variable that the file made.",
        ),
        click.Option(
            ["--graph"],
            metavar="FILE",
            shell_complete=complete_file,
            help="Instead of an expression a graph in JSON, of --full or of any engine; - is "
            "standard input.",
        ),
        click.Option(
            ["--random-seed"],
            type=click.IntRange(min=0),
            default=0,
            show_default=True,
            metavar="N",
            help="The seed of rand and randn in values, and of a backend's random numbers.",
        ),
        click.Option(
            ["--backend"],
            type=click.Choice(CHOICES),
            default="auto",
            show_default=True,
            help="What computes the function: auto is NumPy, unless the function meets the arrays "
            "of another one that its file uses.",
        ),
        click.Option(
            ["--dtype"],
            metavar="DTYPE",
            help="What a backend makes of values that are no whole numbers: float64, bfloat16 ... "
            "Else it is as the parameters are, or as the backend's default.",
        ),
    ]


def settings_of(options: Sequence[tuple[str, str]]) -> Settings:
    """Return how a function is computed, by what stands on the command line.

    What is wrong there is for click to say, once the function is known.
    """
    said = dict(options)
    backend, dtype, seed = (said.get(f"--{name}") for name in ("backend", "dtype", "random-seed"))
    known = backend if backend in CHOICES else "auto"
    return Settings(known, dtype, int(seed) if seed and seed.isdecimal() else 0)


def complete_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Let the shell complete the name of a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def taken(
    subject: Subject | Given,
    values: Values,
    random_seed: int = 0,
    retain_grad: bool = False,
    backward: bool = True,
    order: int = 0,
    wrt: str | None = None,
) -> Computation | Given:
    """Return what a command line computes, or the graph that it has."""
    from dzviz.pipeline import Computation, Given

    if isinstance(subject, Given):
        return subject._replace(backward=backward)
    return Computation(
        subject, values, random_seed, retain_grad, backward, order, wrt, option_for, partial=True
    )


def option_for(name: str) -> str:
    """Return how to give a variable its value: by its own option, where that is not one of ours."""
    ours = own_options(click.get_current_context().command)
    return f"--set {name}=VALUE" if f"--{name}" in ours else f"--{name} VALUE"


def own_options(command: click.Command) -> set[str]:
    """Return the options that a command has whatever the expression is."""
    return {option for param in command.params for option in param.opts} | {"-h", "--help"}


def refuse_clashes(
    subject: Subject, options: Sequence[tuple[str, str]], command: click.Command
) -> None:
    """Refuse an option of ours that also is the name of a variable, unless --set has its value.

    Raises:
        UsageError: It may be meant for the variable; the hint gives it to that.
    """
    given = [(unicodedata.normalize("NFKC", option), value) for option, value in options]
    assigned = {value.partition("=")[0].strip() for option, value in given if option == "--set"}
    for name in variables_of(subject):
        for option, value in given:
            if option == f"--{name}" and option in own_options(command) and name not in assigned:
                place = subject.place(name)
                what = "parameter" if place is None else "variable"
                raise UsageError(
                    f"{option} is an option of dzviz {command.name}, and there is a {what} {name}",
                    place=place,
                    hint=f"the {what}'s value is given by {_assignment(name, value)}; "
                    f"beside that, {option} is the option",
                )


def _assignment(name: str, value: str) -> str:
    """Write the option that gives a variable this value, if it can be one."""
    with suppress(DzvizError):
        if value.startswith("@") or not read(value).names:
            return f"--set {quoted(f'{name}={value}')}"
    return f"--set {name}=VALUE"


def _for_variable(text: str, options: Sequence[str], value: str) -> str | None:
    """Return how to give a variable its value, where an option of ours has the name of one."""
    for option in options:
        name = option.removeprefix("--")
        with suppress(DzvizError):
            if name in read(text).names:
                return f"the variable's value is given by {_assignment(name, value)}"
    return None


class Found(NamedTuple):
    """What `split` found: an expression, its file or a function's name, and the other arguments.

    ``options`` are those among them that begin with two minuses, each with its value.
    """

    text: str | None
    file: str | None
    function: str | None
    graph: str | None
    rest: list[str]
    options: list[tuple[str, str]]


def split(args: Sequence[str], params: Sequence[click.Parameter]) -> Found:
    """Find the expression among the arguments.

    It is the first argument that is neither an option nor an option's value, or whatever stands
    behind ``--``. An unknown ``--name`` takes one value. A single
    minus begins an option only when it is one of ours: ``-x**2`` is an expression.
    """
    options = [param for param in params if isinstance(param, click.Option)]
    flags = {opt for option in options if option.is_flag for opt in option.opts}
    flags |= {"-h", "--help"}
    valued = {opt for option in options if not option.is_flag for opt in option.opts}
    text: str | None = None
    file: str | None = None
    function: str | None = None
    graph: str | None = None
    rest: list[str] = []
    long: list[tuple[str, str]] = []
    before: list[str] = []
    pending = list(args)
    while pending:
        arg = pending.pop(0)
        if arg == "--":
            if text is None and pending:
                text = pending.pop(0)
            rest += ["--", *pending] if pending else []
            break
        name, equals, value = arg.partition("=")
        if arg.startswith("--"):  # as click reads it, who takes a full-width letter for a letter
            name = unicodedata.normalize("NFKC", name)
            arg = f"{name}{equals}{value}"
        if name in flags:
            rest.append(arg)
            long.append((name, value))
        elif arg.startswith("--") and len(arg) > 2:
            rest.append(arg)
            follows = pending[0] if pending else ""
            is_option = follows.startswith("--") or follows in flags | valued
            if not equals and pending and (name in valued or not is_option):
                value = pending.pop(0)
                rest.append(value)
            long.append((name, value))
            file = value if name == "--file" else file
            function = value if name == "--py-function" else function
            graph = value if name == "--graph" else graph
        elif arg in valued:
            rest.append(arg)
            if pending:
                value = pending.pop(0)
                rest.append(value)
                file = value if arg == "-f" else file
        elif arg[:2] in valued and len(arg) > 2 and _looks_attached(arg):
            rest.append(arg)
            file = arg[2:] if arg[:2] == "-f" else file
        elif text is None:
            text, before = arg, rest[-1:]
        else:
            hint = _for_variable(arg, before, text) or _for_variable(text, rest[-1:], arg)
            named = re.fullmatch(r"-?(\w+)(=.*)?", arg)
            if hint is None and named and not named[1].isdecimal():
                hint = f"a value is given as --{named[1]} VALUE, and the whole expression in quotes"
            raise UsageError(
                f"one expression at a time: {_short(text)} is one already, what is {_short(arg)}?",
                hint=hint or "put the whole expression in quotes",
            )
    ways = [
        text and "as an argument",
        file and "by --file",
        function and "by --py-function",
        graph and "by --graph",
    ]
    given = [way for way in ways if way]
    if len(given) > 1:
        files = {"--file": file, "--graph": graph} if text else {}
        hints = [_for_variable(str(text), [option], name) for option, name in files.items() if name]
        hint = next(filter(None, hints), None)
        raise UsageError(f"what to compute is given twice: {' and '.join(given)}", hint=hint)
    return Found(text, file, function, graph, rest, long)


def read_text(file: FilePath) -> str:
    """Read an expression from a file, or from standard input for ``-``.

    Raises:
        UsageError: It cannot be read, is far too long, or is not UTF-8.
    """
    from dzviz.encoding import decode

    name = "standard input" if file.name == "-" else file.name
    try:
        if file.name == "-":
            if sys.stdin is None or sys.stdin.closed:
                raise OSError("it is closed")
            data = sys.stdin.buffer.read(MAX_BYTES)
        else:
            data = read_file(file, MAX_BYTES, regular=False)
        return decode(data).rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(f"the expression in {_short(name)} is not UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read the expression from {_short(name)}: {reason}") from None


def _give(given: dict[str, tuple[str, str]], name: str, value: str, words: str) -> None:
    """Note a variable's value and the words that gave it; two of them are one too many."""
    if name in given:
        before = given[name][1]
        raise UsageError(f"{name} is given twice: {_short(before)} and {_short(words)}")
    given[name] = value, words


def read_assignment(assignment: str, subject: Subject) -> tuple[str, str]:
    """Read ``NAME=VALUE``.

    Raises:
        UsageError: It is not of this form, or the expression has no such variable.
    """
    name, equals, value = assignment.partition("=")
    name = unicodedata.normalize("NFKC", name.strip())
    if not equals:
        raise UsageError(
            f"--set takes NAME=VALUE, not {_short(assignment)}",
            hint=f"as in {_assignment('set', assignment)}"
            if "set" in variables_of(subject)
            else "as in --set x=3",
        )
    if name not in variables_of(subject):
        raise UsageError(f"there is no variable {_short(name)}", hint=describe_variables(subject))
    return name, value


def variables_of(subject: Subject) -> tuple[str, ...]:
    """Return all names that may be given a value; those beyond ``subject.names`` need none."""
    return (*subject.names, *subject.optional)


def describe_variables(subject: Subject) -> str:
    """Say which variables there are to give values to."""
    known = variables_of(subject)
    if not known:
        return "there are no variables"
    return f"the variable{'s are' if len(known) > 1 else ' is'} {', '.join(known)}"


def _function_names() -> Collection[str]:
    from dzviz.engine import OPS

    return OPS


def spare_threads() -> None:
    """Have NumPy, not loaded yet, start no threads for matrices, unless the user says so.

    It would start one for each core of the machine, and the matrices of pictures are small.
    """
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def _looks_attached(arg: str) -> bool:
    """Tell ``-osin.svg`` and ``-Tjson`` from an expression like ``-o*2``."""
    return not arg[2:3].isspace() and arg[2] not in "*+-/)@"


def _short(text: str) -> str:
    from dzviz.text.phrases import clean

    return f"'{clean(text, 60)}'"
