"""The derivation of gradients, as equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dzviz.arguments.expression import taken
from dzviz.arguments.options import (
    LANG,
    STRICT,
    Option,
    field_options,
    named_format_option,
    order_option,
    read_options,
)
from dzviz.equations.derivation import derivation_of
from dzviz.equations.writers import DETAILS, FORMS, form_of_file
from dzviz.errors import UsageError
from dzviz.options import Look
from dzviz.pipeline import Given, Values, take
from dzviz.pipeline.explanation import refuse_without_variables
from dzviz.results import Result, check_format

if TYPE_CHECKING:
    from dzviz.sources import Subject

FORMATS = FORMS


def result(
    subject: Subject | Given,
    values: Values,
    order: int = 1,
    wrt: str | None = None,
    detail: str = "steps",
    format_name: str | None = None,
    strict: bool = False,
    **options: Any,
) -> Result:
    """Write the derivation of the gradients of an expression as equations.

    First come the values, then the derivatives in the order of the backward pass, in symbols and in
    numbers. Shares that meet are added up in one line. Products of arrays are written as in a
    textbook: dL/dW = x^T (dL/dz). The equations are the rules of the ops themselves. The derivative
    of a Function that you wrote appears as a name, such as Cube'(x).
    """
    name = format_name or "text"
    check_format(name, FORMATS, "a derivation")
    look = read_options(Look, options)
    names = [part.strip() for part in (wrt or "").split(",") if part.strip()]
    given = {**options, **_before_the_last(order, names)}
    computation = taken(subject, values, given)
    found = take(computation, events=True, strict=strict)
    if found.failed is not None:  # then no pass ran
        raise found.failed
    refuse_without_variables(computation, found.graph, "there is nothing to derive")
    derivation = derivation_of(found.graph, names[-1:])
    lines = list(FORMATS[name].write(derivation, look, detail))
    return Result(lines, found.warnings, found.notes, graph=lambda: found.graph)


def _before_the_last(order: int, wrt: list[str]) -> dict[str, Any]:
    """Return what is computed for a derivative: the one before it, and then backward.

    Raises:
        UsageError: It is not clear by what.
    """
    if len(wrt) not in (0, 1, order):
        raise UsageError(
            f"--wrt names {len(wrt)} variables, but the order is {order}",
            hint="name one variable, or as many as the order",
        )
    if order == 1:
        return {"order": 0, "wrt": None}
    return {"order": order - 1, "wrt": ",".join(wrt[: order - 1]) or None}


OPTIONS: list[click.Parameter] = [
    order_option("The derivatives up to the N-th, each computed from the one before."),
    Option(
        ["--wrt"],
        metavar="NAME[,NAME]",
        documents=True,
        help="Only the derivative by this variable; x,w means first by x, then by w.",
    ),
    Option(
        ["--detail"],
        type=click.Choice(list(DETAILS)),
        default="steps",
        show_default=True,
        documents=True,
        help="; ".join(f"{name}: {text}" for name, text in DETAILS.items()) + ".",
    ),
    named_format_option(FORMATS),
    *field_options(Look, "precision", "max_elements"),
    LANG,
]

PARAMS = [STRICT]
FORMAT_OF = form_of_file
