"""``dzviz gradcheck``: every gradient beside a numerical one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import ExpressionCommand, check_written
from dzviz.arguments.options import QUIET, Option
from dzviz.arguments.values import option_for
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.formats import format_of_file
from dzviz.language.carets import visible
from dzviz.pipeline import Computation, drawing_of, evaluate
from dzviz.text.phrases import clean
from dzviz.text.table import aligned

if TYPE_CHECKING:
    from dzviz.engine import Comparison, Report, Variable
    from dzviz.language.evaluate import Evaluation
    from dzviz.pipeline import Values
    from dzviz.sources import Subject
    from dzviz.sources.checked import Places

FAILS = 1
"""The exit code where a gradient differs or is not finite, or a rule is wrong."""


def gradcheck(
    subject: Subject,
    values: Values,
    random_seed: int,
    order: int,
    rtol: float,
    atol: float,
    local: bool,
    output: str | None,
    strict: bool,
    quiet: bool,
) -> int:
    """Compare the gradients of an expression with numerical ones.

    One line for each element of each variable: its gradient by the rules, by differences, and, if
    they do not agree, whether they differ, are not finite, or cannot be compared: where there is no
    derivative, or where rounding hides it. Of several numbers a weighted sum is checked. Each
    Function is tried alone as well, on its own operands; those whose rule is wrong are named, and
    marked in the picture of -o. The exit code is 1 where a gradient differs or is not finite, or a
    rule is wrong; what -o asks for is written all the same.
    """
    check_written(output)
    format = None if output is None else format_of_file(output)
    evaluation = evaluate(Computation(subject, values, option_for, random_seed=random_seed))
    warn(evaluation.warnings, evaluation.notes, quiet=quiet)
    names = list(evaluation.inputs)
    report, notes, outputs = _checked(subject, evaluation, order, rtol, atol)
    places = _places(outputs, evaluation)
    chunks: Any = None
    if format is not None:
        from dzviz.sources.checked import graph_of

        called = [getattr(y, "name", None) for y in evaluation.outputs]
        graph = graph_of(report, outputs, places, called, title=evaluation.title, text=subject.text)
        chunks = drawing_of(graph, format).chunks()
    rows = local_rows(report, places, subject.text) if local else variable_rows(report, names)
    notes += directions(report, names, rtol)
    if not quiet:
        states = [str(c.state) for c in report.comparisons]
        infinite = states.count("not finite")
        told = f"{len(states)} compared, {states.count('differs')} differ"
        notes.append(told + (f", {infinite} not finite" if infinite else ""))
    write_stdout([*aligned(rows), *(f"{visible(note)}\n" for note in notes)], binary=False)
    if chunks is not None:
        write_file(str(output), chunks)
    warn(report.doubts, quiet=quiet)
    return FAILS if report.fails or (strict and report.doubts) else 0


def _checked(
    subject: Subject, evaluation: Evaluation, order: int, rtol: float, atol: float
) -> tuple[Report, list[str], Sequence[Variable]]:
    """Check what either engine computes; return the report, what is to say, and the outputs."""
    if evaluation.engine is not None:
        return _foreign(subject, evaluation, order, rtol, atol)
    from dzviz.engine import check_graph, watch_forward
    from dzviz.sources.derivative import Meter

    inputs, meter = evaluation.inputs, Meter()

    def function(*xs: Variable) -> Sequence[Variable]:
        for x, name in zip(xs, inputs, strict=True):
            x.name = name
        meter.restart()  # of every time that it is computed and differentiated
        return subject.apply(dict(zip(inputs, xs, strict=True)))

    with subject.rules(), watch_forward(meter):
        report, outputs = check_graph(function, *inputs.values(), order=order, rtol=rtol, atol=atol)
    return report, report.notes(), outputs


Row = tuple[str, ...]


def variable_rows(report: Report, names: Sequence[str]) -> list[Row]:
    """Return a row for each element of each variable, or for each direction in a large one."""
    rows: list[Row] = [("variable", "gradient", "numerical", "")]
    for c in report.comparisons:
        rows.append((f"{names[c.argument]}{_elements(c)}", *_numbers(c)))
    return rows


def local_rows(report: Report, places: Places, text: str | None) -> list[Row]:
    """Return a row for each operand of each Function: its worst comparison."""
    rows: list[Row] = [("function", "operand", "gradient", "numerical", "")]
    for verdict in report.verdicts:
        span, source = places.get(verdict.function, (None, None))
        place = f" ({source[0]}, line {source[1]})" if source else ""
        if span and text:
            place = f" (column {span[0] + 1})"
        label, c = f"{clean(str(verdict.function.label))}{place}", verdict.comparison
        if c is None:
            rows.append((label, str(verdict.operand), "", "", f"not tried: {verdict.trouble}"))
        else:
            rows.append((label, f"{verdict.operand}{_elements(c)}", *_numbers(c)))
    return rows


def _elements(c: Comparison) -> str:
    place = f"{list(c.place)}" if c.place else ""
    return place + (f" and {c.elements - 1} more" if c.elements > 1 else "")


def _numbers(c: Comparison) -> Row:
    state = "" if c.state == "agrees" else str(c.state)
    return f"{c.gradient:.10g}", f"{c.numerical:.10g}", state


def directions(report: Report, names: Sequence[str], rtol: float) -> list[str]:
    """Say of each variable whose elements were compared in blocks how small a mistake shows."""
    notes = []
    for argument, name in enumerate(names):
        sizes = [c.elements for c in report.comparisons if c.argument == argument]
        most = max(sizes, default=1)
        if most > 1:
            one, every = rtol * most / min(most, SEEN), rtol / min(most, SEEN)
            notes.append(
                f"{clean(name)}: {sum(sizes)} elements compared along {len(sizes)} directions; "
                f"a mistake in all of them shows from about {100 * every:.2g} %, one in a single "
                f"element from about {100 * one:.2g} % of a usual one"
            )
    return notes


SEEN = 100
"""In a larger block a mistake in one element counts as one of so many, see `dezero.verdicts`."""


def _places(outputs: Sequence[Variable], evaluation: Evaluation) -> Places:
    if evaluation.engine is not None:
        return {}
    from dzviz.sources.checked import places_of

    spans, sources = evaluation.spans, evaluation.sources
    known = {f: (spans.get(f), sources.get(f)) for f in (*spans, *sources)}
    return places_of(outputs, evaluation.outputs, known)


def _foreign(
    subject: Subject, evaluation: Evaluation, order: int, rtol: float, atol: float
) -> tuple[Report, list[str], Sequence[Variable]]:
    """Check what another engine computes."""
    from dzviz.sources.foreign import Foreign
    from dzviz.sources.foreign_check import check_foreign

    if not isinstance(evaluation.engine, Foreign):
        raise UsageError(
            f"gradcheck tries rules of NumPy's arrays, and {evaluation.notes[0]}",
            hint=f"there is {evaluation.engine.checker}",
        )
    if order > 1:
        raise UsageError(
            "--order is for what dzviz's own engine computes", hint=evaluation.notes[0]
        )
    values = {name: x.data for name, x in evaluation.inputs.items()}
    with subject.rules():
        return check_foreign(evaluation.engine, subject.apply, values, rtol=rtol, atol=atol)


command = ExpressionCommand(
    "gradcheck",
    computes=True,
    callback=gradcheck,
    help=gradcheck.__doc__,
    params=[
        Option(
            ["--order"],
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            metavar="N",
            help="Check the N-th derivative's rules, too.",
        ),
        Option(
            ["--rtol"],
            type=click.FloatRange(min=0),
            default=1e-4,
            show_default=True,
            metavar="T",
            help="How far the two may be apart, relative to the larger.",
        ),
        Option(
            ["--atol"],
            type=click.FloatRange(min=0),
            default=0.0,
            show_default=True,
            metavar="T",
            help="How far they may be apart besides, near 0.",
        ),
        Option(
            ["--local"],
            is_flag=True,
            help="A line for each operand of each Function instead of each variable.",
        ),
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Draw the graph, each wrong rule marked with both numbers.",
        ),
        Option(
            ["--strict"],
            is_flag=True,
            help="Take what cannot be judged for an error, too (exit 1).",
        ),
        QUIET,
    ],
)
