"""From a subject to a check of its gradients: each beside a numerical one, and each rule alone.

It computes as `dzviz.pipeline` does for a picture, and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dzviz.errors import UsageError
from dzviz.language.carets import visible
from dzviz.pipeline.explanation import NO_GRADIENTS, has_variables
from dzviz.progress import begin
from dzviz.records import NamedTuple
from dzviz.text.phrases import clean
from dzviz.text.table import aligned

if TYPE_CHECKING:
    from dzviz.engine import Comparison, Report, Variable
    from dzviz.graph.model import Graph
    from dzviz.language.evaluation import Evaluation
    from dzviz.sources import Subject
    from dzviz.sources.checked import Places

SEEN = 100
"""In a larger block a mistake in one element counts as one of so many, see `dezero.verdicts`."""

WEIGHTED = (
    "several numbers are differentiated together: the gradients are of a weighted sum of them"
)


class Check(NamedTuple):
    """What was found: the ``report``, sentences about it, and the graph that was checked.

    ``outputs`` are those of the graph that was judged, ``places`` where its Functions come from.
    """

    subject: Subject
    evaluation: Evaluation
    report: Report
    notes: Sequence[str]
    outputs: Sequence[Variable]
    places: Places

    @property
    def names(self) -> list[str]:
        """The variables in the order of their arguments."""
        return list(self.evaluation.inputs)

    def graph(self) -> Graph:
        """Return the graph that was checked, with every wrong rule marked."""
        from dzviz.sources.checked import graph_of

        made = self.evaluation
        called = [getattr(y, "name", None) for y in made.outputs]
        title, text = made.title, self.subject.text
        return graph_of(self.report, self.outputs, self.places, called, title=title, text=text)

    def summary(self) -> str:
        """Count what was compared."""
        states = [str(c.state) for c in self.report.comparisons]
        infinite = states.count("not finite")
        text = f"{len(states)} compared, {states.count('differs')} differ"
        return text + (f", {infinite} not finite" if infinite else "")

    def lines(self, *, local: bool = False, summary: bool = True) -> Iterator[str]:
        """Yield the lines of a table for people, and what is to be said below it."""
        yield from aligned(list(self.rows("{:.10g}", local=local)))
        for note in [*self.notes, *([self.summary()] if summary else [])]:
            yield f"{visible(note)}\n"

    def rows(self, digits: str, *, local: bool = False) -> Iterator[tuple[str, ...]]:
        """Yield a row for each element of each variable, or of a ``local`` one each operand."""
        if not local:
            yield "variable", "gradient", "numerical", ""
            for c in self.report.comparisons:
                yield f"{self.names[c.argument]}{_elements(c)}", *_numbers(c, digits)
            return
        yield "function", "operand", "gradient", "numerical", ""
        for verdict in self.report.verdicts:
            span, source = self.places.get(verdict.function, (None, None))
            place = f" ({source[0]}, line {source[1]})" if source else ""
            if span and self.subject.text:
                place = f" (column {span[0] + 1})"
            label, tried = f"{clean(str(verdict.function.label))}{place}", verdict.comparison
            if tried is None:
                yield label, str(verdict.operand), "", "", f"not tried: {verdict.trouble}"
            else:
                yield label, f"{verdict.operand}{_elements(tried)}", *_numbers(tried, digits)


def check(subject: Subject, evaluation: Evaluation, order: int, rtol: float, atol: float) -> Check:
    """Check what either engine has computed.

    Raises:
        UsageError: It is a backend's, or an order is asked for of another engine.
    """
    begin("checking gradients")
    if evaluation.engine is not None:
        report, notes, outputs = _foreign(subject, evaluation, order, rtol, atol)
    else:
        report, notes, outputs = _ours(subject, evaluation, order, rtol, atol)
    several = sum(np.size(y.data) for y in evaluation.outputs) > 1
    several |= order > 1 and sum(np.size(x.data) for x in evaluation.inputs.values()) > 1
    notes = [*notes, *directions(report, list(evaluation.inputs), rtol), *[WEIGHTED] * several]
    found = Check(subject, evaluation, report, notes, outputs, _places(outputs, evaluation))
    if evaluation.inputs or has_variables(subject, found.graph()):
        return found
    return found._replace(notes=[f"{NO_GRADIENTS} to compare", *notes])


def _ours(
    subject: Subject, evaluation: Evaluation, order: int, rtol: float, atol: float
) -> tuple[Report, list[str], Sequence[Variable]]:
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


def _foreign(
    subject: Subject, evaluation: Evaluation, order: int, rtol: float, atol: float
) -> tuple[Report, list[str], Sequence[Variable]]:
    """Check what another engine computes."""
    from dzviz.sources.foreign import Foreign
    from dzviz.sources.foreign_check import check_foreign

    if not isinstance(evaluation.engine, Foreign):
        raise UsageError(
            f"gradcheck checks rules on NumPy arrays, but {evaluation.notes[0]}",
            hint=f"there is {evaluation.engine.checker}",
        )
    if order > 1:
        raise UsageError("--order only works with dzviz's own engine", hint=evaluation.notes[0])
    values = {name: x.data for name, x in evaluation.inputs.items()}
    with subject.rules():
        return check_foreign(evaluation.engine, subject.apply, values, rtol=rtol, atol=atol)


def _places(outputs: Sequence[Variable], evaluation: Evaluation) -> Places:
    if evaluation.engine is not None:
        return {}
    from dzviz.sources.checked import places_of

    spans, sources = evaluation.spans, evaluation.sources
    known = {f: (spans.get(f), sources.get(f)) for f in (*spans, *sources)}
    return places_of(outputs, evaluation.outputs, known)


def directions(report: Report, names: Sequence[str], rtol: float) -> list[str]:
    """Say for each variable whose elements were compared in blocks how small a mistake shows."""
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


def _elements(c: Comparison) -> str:
    """Return which element it is; of several compared at once, where they begin and how many."""
    place = f"{list(c.place)}" if c.place else ""
    return place + (f" and {c.elements - 1} more" if c.elements > 1 else "")


def _numbers(c: Comparison, digits: str) -> tuple[str, str, str]:
    state = "" if c.state == "agrees" else str(c.state)
    return digits.format(float(c.gradient)), digits.format(float(c.numerical)), state
