"""``dzviz gradcheck``: every gradient beside a numerical one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET
from dzviz.arguments.values import option_for
from dzviz.cli.output import write_stdout
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.language.carets import visible
from dzviz.pipeline import Computation, evaluate
from dzviz.text.table import aligned

if TYPE_CHECKING:
    from dzviz.engine import Report, Variable
    from dzviz.language.evaluate import Evaluation
    from dzviz.pipeline import Values
    from dzviz.sources import Subject

FAILS = 1
"""The exit code where a gradient differs or is not finite, or a rule is wrong."""


def gradcheck(
    subject: Subject,
    values: Values,
    random_seed: int,
    order: int,
    rtol: float,
    atol: float,
    strict: bool,
    quiet: bool,
) -> int:
    """Compare the gradients of an expression with numerical ones.

    One line for each element of each variable: its gradient by the rules, by differences, and, if
    they do not agree, whether they differ, are not finite, or cannot be compared: where there is no
    derivative, or where rounding hides it. Of several numbers a weighted sum is checked. Each
    Function is tried alone as well, on its own operands; those whose rule is wrong are named. The
    exit code is 1 where a gradient differs or is not finite, or a rule is wrong.
    """
    from dzviz.engine import check, watch_forward
    from dzviz.sources.derivative import Meter

    evaluation = evaluate(Computation(subject, values, option_for, random_seed=random_seed))
    warn(evaluation.warnings, evaluation.notes, quiet=quiet)
    inputs = evaluation.inputs
    names = list(inputs)
    meter = Meter()

    def function(*xs: Variable) -> Sequence[Variable]:
        meter.restart()  # of every time that it is computed and differentiated
        return subject.apply(dict(zip(names, xs, strict=True)))

    if evaluation.engine is not None:
        report, notes = _foreign(subject, evaluation, order, rtol, atol)
    else:
        with subject.rules(), watch_forward(meter):
            report = check(function, *inputs.values(), order=order, rtol=rtol, atol=atol)
        notes = report.notes()
    rows = [("variable", "gradient", "numerical", "")]
    for c in report.comparisons:
        place = f"{list(c.place)}" if c.place else ""
        more = f" and {c.elements - 1} more" if c.elements > 1 else ""
        numbers = f"{c.gradient:.10g}", f"{c.numerical:.10g}"
        state = "" if c.state == "agrees" else str(c.state)
        rows.append((f"{names[c.argument]}{place}{more}", *numbers, state))
    if not quiet:
        states = [str(c.state) for c in report.comparisons]
        infinite = states.count("not finite")
        told = f"{len(states)} compared, {states.count('differs')} differ"
        notes.append(told + (f", {infinite} not finite" if infinite else ""))
    write_stdout([*aligned(rows), *(f"{visible(note)}\n" for note in notes)], binary=False)
    warn(report.doubts, quiet=quiet)
    return FAILS if report.fails or (strict and report.doubts) else 0


def _foreign(
    subject: Subject, evaluation: Evaluation, order: int, rtol: float, atol: float
) -> tuple[Report, list[str]]:
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
        click.Option(
            ["--order"],
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            metavar="N",
            help="Check the N-th derivative's rules, too.",
        ),
        click.Option(
            ["--rtol"],
            type=click.FloatRange(min=0),
            default=1e-4,
            show_default=True,
            metavar="T",
            help="How far the two may be apart, relative to the larger.",
        ),
        click.Option(
            ["--atol"],
            type=click.FloatRange(min=0),
            default=0.0,
            show_default=True,
            metavar="T",
            help="How far they may be apart besides, near 0.",
        ),
        click.Option(
            ["--strict"],
            is_flag=True,
            help="Take what cannot be judged for an error, too (exit 1).",
        ),
        QUIET,
    ],
)
