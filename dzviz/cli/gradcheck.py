"""``dzviz gradcheck``: every gradient beside a numerical one."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from dzviz.cli.expression import ExpressionCommand, Subject, option_for
from dzviz.cli.output import write_stdout
from dzviz.cli.running import QUIET, read_value, rules_told
from dzviz.columns import aligned
from dzviz.language.carets import visible
from dzviz.language.syntax import Program

if TYPE_CHECKING:
    from dezero import Variable

FAILS = 1
"""The exit code where a gradient differs or is not finite, or a rule is wrong."""


def gradcheck(
    subject: Subject,
    values: Mapping[str, str],
    random_seed: int,
    order: int,
    rtol: float,
    atol: float,
    strict: bool,
    quiet: bool,
) -> int:
    """Compare the gradients of an expression with numerical ones, and each rule by itself.

    One line for each element of each variable: its gradient by the rules, by differences, and how
    they compare, if they do not agree: they differ, the gradient is not finite, there is no
    derivative here (a kink, a jump, the end of a domain), or rounding makes the differences too
    noisy. Of several numbers a weighted sum is checked, and large arrays in blocks of elements.
    The rule of each Function is tried at the operands and the upstream gradient that it had; the
    wrong ones are named below. The exit code is 1 where a gradient differs or is not finite, or a
    rule is wrong.
    """
    import numpy as np

    from dezero.core import watch_forward
    from dezero.numeric import check
    from dezero.verdicts import State
    from dzviz import pyfunction
    from dzviz.derivative import Meter
    from dzviz.language import evaluate as language

    arrays = {name: read_value(name, text, random_seed) for name, text in values.items()}
    with np.errstate(all="ignore"):
        if isinstance(subject, Program):
            inputs = language.evaluate(subject, arrays, option=option_for).inputs
        else:
            inputs = pyfunction.evaluate(subject, arrays, option=option_for).inputs
    names = list(inputs)
    meter = Meter()

    def function(*xs: Variable) -> list[Variable]:
        meter.restart()  # of every time that it is computed and differentiated
        variables = dict(zip(names, xs, strict=True))
        if isinstance(subject, Program):
            return language.apply(subject, variables)
        return pyfunction.apply(subject, variables)

    with rules_told(subject), watch_forward(meter):
        report = check(function, *inputs.values(), order=order, rtol=rtol, atol=atol)
    rows = [("variable", "gradient", "numerical", "")]
    for c in report.comparisons:
        place = f"{list(c.place)}" if c.place else ""
        more = f" and {c.elements - 1} more" if c.elements > 1 else ""
        state = "" if c.state is State.AGREES else str(c.state)
        numbers = (f"{c.gradient:.10g}", f"{c.numerical:.10g}")
        rows.append((f"{names[c.argument]}{place}{more}", *numbers, state))
    notes = report.notes()
    if not quiet:
        counts = Counter(c.state for c in report.comparisons)
        told = f"{len(report.comparisons)} compared, {counts[State.DIFFERS]} differ"
        told += f", {counts[State.NOT_FINITE]} not finite" if counts[State.NOT_FINITE] else ""
        notes.append(told)
    write_stdout([*aligned(rows), *(f"{visible(note)}\n" for note in notes)], binary=False)
    if not quiet:
        for doubt in report.doubts:
            sys.stderr.write(f"dzviz: warning: {visible(doubt)}\n")
    return FAILS if report.fails or (strict and report.doubts) else 0


command = ExpressionCommand(
    "gradcheck",
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
            help="How far they may be apart near 0, beside the error of the differences.",
        ),
        click.Option(
            ["--strict"], is_flag=True, help="Take what cannot be judged for a failure (exit 1)."
        ),
        QUIET,
    ],
)
