"""Which leaves of a traced program reach none of its outputs, and where their paths end."""

from __future__ import annotations

from collections.abc import Sequence

from dzviz.language.reach import ENDS_AT, Reach
from dzviz.language.user_code import in_words
from dzviz.sources.jaxpr.program import Step
from dzviz.sources.jaxpr.tracing import Trace


def reach_of(made: Trace) -> Reach:
    """Say for each leaf of the arguments that no output was computed from where its way ends."""
    reached = made.program.behind(made.outputs.values())
    lost: dict[str, Sequence[str]] = {}
    beside: dict[int, None] = {}
    for name, number in made.inputs.items():
        if number not in reached:
            last = _last(made.program.steps, number)
            lost[name] = [_place(made, last)]
            beside.update(dict.fromkeys((number, *(last.results if last else ()))))
    return Reach(lost, {}, len(made.outputs), {}, tuple(beside))


def _last(steps: Sequence[Step], number: int) -> Step | None:
    """Return what was computed last of a number."""
    found, last = {number}, None
    for step in steps:
        if not found.isdisjoint((*step.operands, *step.opened)):
            found.update(step.results)
            last = step
    return last


def _place(made: Trace, last: Step | None) -> str:
    if last is None:
        return "no op takes it"
    line = in_words(last.source) if last.source else ""
    dtypes = {str(made.program.values[i].dtype) for i in last.results}
    if made.asked and dtypes == {"bool"}:
        return f"{ENDS_AT}a condition{line}"
    return f"{ENDS_AT}{last.label}{line}, whose result is not used"
