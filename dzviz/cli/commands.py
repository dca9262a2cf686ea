"""The commands: ``draw`` and ``grad``. Each computes all of its result before it writes any."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from dzviz.cli.expression import ExpressionCommand, option_for
from dzviz.cli.output import write_file, write_stdout
from dzviz.errors import DzvizError, EvaluationError, UsageError
from dzviz.formats import FORMATS, Layout, format_named, format_of_file
from dzviz.language.syntax import Program
from dzviz.look import Look

if TYPE_CHECKING:
    from dezero import Variable
    from dzviz.derivative import Derivation
    from dzviz.graph import Graph
    from dzviz.language.evaluate import Evaluation
    from dzviz.recording import Recording

ENGINES = ("auto", "wasm", "dot", "pygraphviz")


def look_options() -> list[click.Parameter]:
    """Make an option of every field of `Look`, which checks the values itself."""
    options: list[click.Parameter] = []
    for option in fields(Look):
        choices = option.metadata.get("choices")
        options.append(
            click.Option(
                [f"--{option.name.replace('_', '-')}"],
                type=click.INT if option.type == "int" else click.STRING,
                default=option.default,
                show_default=True,
                metavar="|".join(choices) if choices else "N",
                help=option.metadata["help"],
            )
        )
    return options


QUIET = click.Option(["-q", "--quiet"], is_flag=True, help="No warnings and no hints.")
STRICT = click.Option(
    ["--strict"], is_flag=True, help="Take a NaN or an infinity for an error (exit 4)."
)


def draw(
    program: Program,
    values: Mapping[str, str],
    random_seed: int,
    output: str | None,
    format_name: str | None,
    open_file: bool,
    retain_grad: bool,
    backward: bool,
    order: int,
    wrt: str | None,
    engine: str,
    layout_timeout: float,
    strict: bool,
    quiet: bool,
    **look: Any,
) -> None:
    """Draw the computational graph of an expression.

    EXPR is written as in Python: x**2 + sin(x), with names for parts: a = x**2; a*sin(a). Each of
    its variables is an option. Without -o the result goes to standard output, as DOT.
    """
    if format_name is not None:
        format = format_named(format_name)
    elif output not in (None, "-"):
        format = format_of_file(str(output))
    else:
        format = FORMATS["svg" if open_file and output is None else "dot"]
    shown = Look(**look)
    if wrt is not None and not order:
        raise UsageError("--wrt goes with --order", hint="as in: --order 1 --wrt x")
    names = [name.strip() for name in (wrt or "").split(",") if name.strip()]
    run = compute(program, values, random_seed, order=order, wrt=names)
    if backward:
        run.backward(retain_grad=retain_grad)
    graph = run.graph(program)
    warn(program, graph, strict=strict, quiet=quiet)
    chunks = format.write(graph, shown, Layout(engine, layout_timeout))

    path = output
    if open_file and output is None:
        path = _temporary_path(format.suffixes[0] if format.suffixes else ".txt")
    if path is None or path == "-":
        write_stdout(chunks, binary=format.binary, force=path == "-")
    else:
        write_file(path, chunks)
    if open_file and path not in (None, "-"):
        _show(str(path), quiet)
    elif not quiet and path is None and sys.stdout.isatty() and sys.stderr.isatty():
        sys.stderr.write(f"dzviz: {_counts(graph)}. See it: {_command()} --open\n")


def grad(
    program: Program, values: Mapping[str, str], random_seed: int, strict: bool, quiet: bool
) -> None:
    """Print the gradient of an expression with respect to each of its variables.

    One line a variable: its name, a tab, its gradient at full precision; arrays as lists.
    """
    run = compute(program, values, random_seed)
    run.backward()
    warn(program, run.graph(program), strict=strict, quiet=quiet)
    lines = []
    for name, x in run.evaluation.inputs.items():
        gradient = x.grad.data.tolist() if x.grad is not None else 0.0
        lines.append(f"{name}\t{gradient}\n")
    write_stdout(lines, binary=False)


COMMANDS: dict[str, click.Command] = {
    "draw": ExpressionCommand(
        "draw",
        callback=draw,
        help=draw.__doc__,
        params=[
            click.Option(
                ["-o", "--output"],
                metavar="FILE",
                help="Write to a file; its suffix says the format. - is standard output.",
            ),
            click.Option(
                ["-T", "--format", "format_name"],
                metavar="FORMAT",
                help=f"The format: {', '.join(FORMATS)}.",
            ),
            click.Option(
                ["--open", "open_file"], is_flag=True, help="Show the picture and print its path."
            ),
            click.Option(
                ["--retain-grad"], is_flag=True, help="Keep the gradients of intermediate values."
            ),
            click.Option(
                ["--no-backward", "backward"],
                is_flag=True,
                flag_value=False,
                default=True,
                help="Draw the forward graph alone, without gradients.",
            ),
            click.Option(
                ["--order"],
                type=click.IntRange(min=0),
                default=0,
                metavar="N",
                help="Draw the graph of the N-th derivative, and run backward from it.",
            ),
            click.Option(
                ["--wrt"],
                metavar="NAME[,NAME]",
                help="With respect to which variable, or to which in turn.",
            ),
            *look_options(),
            click.Option(
                ["--engine"],
                type=click.Choice(ENGINES),
                default="auto",
                show_default=True,
                help="What places the nodes of a picture.",
            ),
            click.Option(
                ["--layout-timeout"],
                type=click.FloatRange(min=0, min_open=True),
                default=30.0,
                show_default=True,
                metavar="SECONDS",
                help="How long that may take.",
            ),
            STRICT,
            QUIET,
        ],
    ),
    "grad": ExpressionCommand("grad", callback=grad, help=grad.__doc__, params=[STRICT, QUIET]),
}
"""The commands by their names; every other first argument is an expression."""


class Run(NamedTuple):
    """An expression computed, with the record of its backward pass."""

    evaluation: Evaluation
    recording: Recording
    outputs: Sequence[Variable]
    derivation: Derivation | None

    def backward(self, *, retain_grad: bool = False) -> None:
        """Run the pass; constants have no gradient."""
        import numpy as np

        import dezero

        with np.errstate(all="ignore"):
            ys = [y for y in self.outputs if not isinstance(y, dezero.Constant)]
            dezero.backward(ys, retain_grad=retain_grad, observer=self.recording)

    def graph(self, program: Program) -> Graph:
        """Take the picture's facts."""
        from dzviz.graph import snapshot

        return snapshot(
            self.outputs,
            expression=program.text,
            title=self.evaluation.title,
            spans=self.evaluation.spans,
            recording=self.recording,
            derivation=self.derivation,
        )


def compute(
    program: Program,
    values: Mapping[str, str],
    seed: int,
    *,
    order: int = 0,
    wrt: Sequence[str] = (),
) -> Run:
    """Evaluate an expression, and differentiate it ``order`` times.

    Raises:
        DzvizError: Whatever is wrong with the expression or a value.
    """
    import numpy as np

    from dzviz.derivative import choose, derivative_names, derive
    from dzviz.language.evaluate import evaluate
    from dzviz.recording import Recording

    with np.errstate(all="ignore"):
        arrays = {name: read_value(name, text, seed) for name, text in values.items()}
        evaluation = evaluate(program, arrays, option=option_for)
        if not order:
            return Run(evaluation, Recording(), evaluation.outputs, None)
        if len(evaluation.outputs) > 1:
            raise UsageError("--order differentiates one output, but the expression has several")
        (y,) = evaluation.outputs
        chosen = choose(evaluation.inputs, order, wrt)
        names = derivative_names(y.name or "y", [x.name or "x" for x in chosen])
        derivation = derive(y, chosen, names)
        return Run(evaluation, Recording(), [derivation.output], derivation)


def read_value(name: str, text: str, seed: int) -> Any:
    """Read a variable's value: a formula without variables, or ``@file``.

    Raises:
        UsageError: It is neither.
    """
    from dzviz.language.evaluate import evaluate_value
    from dzviz.language.syntax import parse

    if text.startswith("@"):
        from dzviz.language.files import read_array

        return read_array(text[1:])
    try:
        return evaluate_value(parse(text), (seed, name))
    except DzvizError as error:
        message = f"the value of {name}: {error}"
        raise UsageError(message, place=error.place, hint=error.hint) from None


def warn(program: Program, graph: Graph, *, strict: bool, quiet: bool) -> None:
    """Say on stderr what is odd, though no error.

    Raises:
        EvaluationError: A value or gradient is not finite, under ``strict``.
    """
    from dzviz.words import not_finite

    trouble = not_finite(graph)
    if strict and trouble:
        raise EvaluationError(trouble, hint="without --strict this is a warning")
    if quiet:
        return
    for mention in program.unused:
        sys.stderr.write(f"dzviz: warning: '{mention.name}' is never used\n")
    if trouble:
        sys.stderr.write(f"dzviz: warning: {trouble}\n")


def _temporary_path(suffix: str) -> str:
    import os
    import tempfile

    return os.path.join(tempfile.mkdtemp(prefix="dzviz-"), f"graph{suffix}")


def _show(path: str, quiet: bool) -> None:
    sys.stdout.write(f"{path}\n")
    if click.launch(path) and not quiet:
        sys.stderr.write("dzviz: warning: no program here opens it; the file is written\n")


def _counts(graph: Graph) -> str:
    from dzviz.words import plural

    return f"{plural(len(graph.nodes), 'node')}, {plural(len(graph.edges), 'edge')}"


def _command() -> str:
    """The user's own command, to be completed; in double quotes, which every shell reads."""
    return " ".join(["dzviz", *map(_quoted, sys.argv[1:])])


def _quoted(arg: str) -> str:
    import shlex

    if shlex.quote(arg) == arg:
        return arg
    return f'"{arg}"' if not set('"$`\\!%').intersection(arg) else shlex.quote(arg)
