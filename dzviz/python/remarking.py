"""Python's remarks, those of ``dzviz lint``: what is numerically risky."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dzviz.errors import UsageError
from dzviz.graph.model import Graph
from dzviz.lint import expressions, graphs
from dzviz.lint.remarks import Remark, write_text
from dzviz.pipeline import Computation, compute
from dzviz.python.recording import graph_at
from dzviz.sources.expression import Expression, read


class Remarks:
    """Remarks on what is numerically risky; printed, the answer of ``dzviz lint``.

    ``remarks`` has each of them; ``fails`` says whether there is any.
    """

    def __init__(self, remarks: Sequence[Remark], text: str | None) -> None:
        self.remarks = tuple(remarks)
        self.text = text
        self.fails = bool(remarks)

    def __repr__(self) -> str:
        return "".join(write_text(self.remarks, self.text)).rstrip("\n")


def remarks(y: Any, *xs: Any, values: Mapping[str, Any] | None = None) -> Remarks:
    """Find what is numerically risky in a formula, in a function at ``xs``, or in a graph.

    A formula is text, of which ``values`` gives the variables; without all of them, only its form
    is looked at.

    Raises:
        ExpressionError: The formula is wrong.
        UsageError: There are values, but nothing to compute.
        EvaluationError: It cannot be computed.
    """
    if not isinstance(y, str):
        if values is not None:
            raise UsageError("values is for a formula", hint="as in dzviz.remarks(f, 2.0)")
        return Remarks(list(graphs.remarks(graph_at(y, xs, "remarks"))), None)
    if xs:
        raise UsageError("the values of a formula have names", hint="as in values={'x': 2.0}")
    subject = read(y)
    given = {name: np.array(value, float) for name, value in (values or {}).items()}
    for name in given:
        if name not in subject.names:
            names = ", ".join(subject.names)
            hint = f"the variables are {names}" if names else "it has no variables"
            raise UsageError(f"there is no variable {name!r} in the formula", hint=hint)
    complete = all(name in given for name in subject.names)
    found = list(expressions.remarks(subject.program, given if complete else None))
    if complete:
        spans = {remark.span for remark in found if remark.span is not None}
        found += [r for r in graphs.remarks(_graph(subject, given)) if r.span not in spans]
    return Remarks(found, subject.text)


def _graph(subject: Expression, values: Mapping[str, Any]) -> Graph:
    return compute(Computation(subject, dict(values), "values={{{!r}: ...}}".format)).graph()
