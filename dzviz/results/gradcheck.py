"""A check of gradients as a table, as TSV or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.options import Option, format_option, order_option
from dzviz.arguments.values import option_for
from dzviz.pipeline import Computation, Values, evaluate
from dzviz.pipeline.checking import check
from dzviz.results import Result
from dzviz.text.records import comma_separated, document, plain, tsv

if TYPE_CHECKING:
    from dzviz.engine import Comparison, Verdict
    from dzviz.pipeline.checking import Check
    from dzviz.sources import Subject

SCHEMA = "dzviz/gradcheck/1"


def result(
    subject: Subject,
    values: Values,
    random_seed: int = 0,
    order: int = 1,
    rtol: float = 1e-4,
    atol: float = 0.0,
    local: bool = False,
    format_name: str | None = None,
    strict: bool = False,
    quiet: bool = False,
    **others: Any,
) -> Result:
    """Compare the gradients of an expression with numerical gradients.

    Each line is for one element of a variable: its gradient by the rules, its numerical gradient,
    and, if they do not agree, the reason: they differ, one is not finite, or they cannot be
    compared, because there is no derivative or because rounding hides it. If the result has several
    numbers, a weighted sum of them is checked. Each Function is also checked alone, on its own
    operands; the output names the Functions whose rule is wrong, and the picture of -o marks them.
    The exit code is 1 if a gradient differs or is not finite, or if a rule is wrong; a file of -o
    is written nevertheless. With -q and without -T, only the exit code gives the answer.
    """
    evaluation = evaluate(Computation(subject, values, option_for, random_seed=random_seed))
    checked = check(subject, evaluation, order, rtol, atol)
    report = checked.report
    fails = report.fails or (strict and bool(report.doubts))
    lines = FORMATS[format_name or "text"](checked, local, quiet)
    warnings = (*evaluation.warnings, *report.doubts)
    return Result(lines, warnings, evaluation.notes, fails, checked.graph)


def _table(checked: Check, local: bool) -> list[Sequence[Any]]:
    heads, *rows = checked.rows("{}", local=local)
    return [(*heads[:-1], "state"), *rows]


def _json(checked: Check, local: bool, quiet: bool) -> Iterable[str]:
    report = checked.report
    facts = {
        "fails": report.fails,
        "variables": [
            {"variable": checked.names[c.argument], **_facts(c)} for c in report.comparisons
        ],
        "functions": [
            {
                "function": str(v.function.label),
                **_place(checked, v),
                "operand": v.operand,
                **(_facts(v.comparison) if v.comparison else {"state": v.state}),
                **({"trouble": v.trouble} if v.trouble else {}),
            }
            for v in report.verdicts
        ],
        "notes": [*checked.notes],
        "doubts": [*report.doubts],
    }
    return [document(SCHEMA, facts)]


FORMATS: dict[str, Callable[[Check, bool, bool], Iterable[str]]] = {
    "text": lambda checked, local, quiet: checked.lines(local=local, summary=not quiet),
    "json": _json,
    "tsv": lambda checked, local, quiet: tsv(_table(checked, local)),
    "csv": lambda checked, local, quiet: comma_separated(_table(checked, local)),
}


def _facts(c: Comparison) -> dict[str, Any]:
    return {
        "index": list(c.place),
        "elements": c.elements,
        "gradient": plain(float(c.gradient)),
        "numerical": plain(float(c.numerical)),
        "state": str(c.state),
    }


def _place(checked: Check, verdict: Verdict) -> dict[str, Any]:
    span, source = checked.places.get(verdict.function, (None, None))
    return {"span": span and list(span), "source": source and list(source)}


OPTIONS: list[click.Parameter] = [
    order_option("Also check the rules of the N-th derivative."),
    Option(
        ["--rtol"],
        type=click.FloatRange(min=0),
        default=1e-4,
        show_default=True,
        metavar="T",
        documents=True,
        help="The largest allowed difference, relative to the larger gradient.",
    ),
    Option(
        ["--atol"],
        type=click.FloatRange(min=0),
        default=0.0,
        show_default=True,
        metavar="T",
        documents=True,
        help="The largest allowed difference near 0.",
    ),
    Option(
        ["--local"],
        is_flag=True,
        documents=True,
        help="Print a line for each operand of each Function instead of each variable. JSON has "
        "both.",
    ),
    format_option(
        FORMATS,
        "The format: text, JSON, or a table with tabs (tsv) or commas (csv). The default is text.",
        None,
    ),
    Option(
        ["--strict"],
        is_flag=True,
        documents=True,
        help="Also exit with code 1 if a gradient cannot be judged.",
    ),
]

DRAWS = "Draw the graph, and mark each wrong rule with both numbers."
COMPUTES = SILENT = True
