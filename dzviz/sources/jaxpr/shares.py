"""What flows back along each operand of a program: one reverse pass over a zero added at each.

The zeros are negative, as ``x + -0.0`` is ``x`` for every x. It knows no graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from dzviz.graph.rules import RULES
from dzviz.records import NamedTuple
from dzviz.sources.jaxpr import internals
from dzviz.sources.jaxpr.program import Program, Step

REFUSAL = "Reverse-mode differentiation does not work"
"""What JAX says about loops that it cannot run backwards."""


class Shares(NamedTuple):
    """The result of a pass.

    ``sent`` has by step and operand what flowed back, ``totals`` the gradient of each number that
    the pass reached. ``seeds`` are what it started from. What a step that is not differentiable in
    reverse (``stops``, by its step) hides is in ``hidden``: nobody knows its gradient, and of which
    step that is.
    """

    sent: Mapping[tuple[int, int], Any]
    totals: Mapping[int, Any]
    seeds: Mapping[int, Any]
    hidden: Mapping[int, str]


def shares(program: Program, outputs: Sequence[int]) -> Shares:
    """Run the pass from all outputs that are real, from ones.

    Raises:
        Exception: A rule of the user's own fails.
    """
    ys = [i for i in dict.fromkeys(outputs) if i in program.live]
    used = _used(program, ys)
    stops: dict[int, str] = {}
    try:
        sent = _pass(program, ys, used, stops)
    except (TypeError, ValueError, NotImplementedError):
        stops = {k: program.steps[k].label for k in used if not _has_reverse(program, k)}
        if not stops:
            raise
        sent = _pass(program, ys, used, stops)
    hidden = _hidden(program, used, stops)
    for k in used:
        if hidden.keys() & program.steps[k].results:
            for j in range(len(program.steps[k].operands)):
                sent.pop((k, j), None)
    seeds = {i: jnp.ones_like(program.values[i]) for i in ys}
    totals: dict[int, Any] = dict(seeds)
    for (k, j), share in sorted(sent.items(), key=lambda item: (-item[0][0], item[0][1])):
        number = program.steps[k].operands[j]
        totals[number] = totals[number] + share if number in totals else share
    for number in program.leaves:
        if number in program.live:
            totals.setdefault(number, jnp.zeros_like(program.values[number]))
    for number in hidden:
        totals.pop(number, None)
    return Shares(sent, totals, seeds, hidden)


def _used(program: Program, ys: Sequence[int]) -> list[int]:
    """Return the steps through which something can flow back from the outputs."""
    needed = set(ys)
    used = []
    for k in range(len(program.steps) - 1, -1, -1):
        step = program.steps[k]
        if needed.intersection(step.results) and program.live.intersection(step.results):
            used.append(k)
            needed.update(i for i in step.operands if i in program.live)
    return used[::-1]


def _pass(
    program: Program, ys: Sequence[int], used: Sequence[int], stops: Mapping[int, str]
) -> dict[tuple[int, int], Any]:
    """Return what flows back along each operand of the used steps but the stops."""
    taps = {
        (k, j): -np.zeros(jnp.shape(program.values[i]), jnp.result_type(program.values[i]))
        for k in used
        if k not in stops
        for j, i in enumerate(program.steps[k].operands)
        if i in program.live
    }

    def run(taps: Mapping[tuple[int, int], Any]) -> list[Any]:
        values: dict[int, Any] = {}
        for k in used:
            if k in stops:
                continue
            step = program.steps[k]
            given = [values.get(i, program.values[i]) for i in step.operands]
            given = [
                jax.lax.add(x, taps[k, j]) if (k, j) in taps else x for j, x in enumerate(given)
            ]
            values.update(zip(step.results, step.apply(*given), strict=True))
        return [values.get(i, program.values[i]) for i in ys]

    results, back = jax.vjp(run, taps)
    (sent,) = back([jnp.ones_like(y) for y in results])
    return dict(sent)


def _has_reverse(program: Program, k: int) -> bool:
    """Tell whether a step alone can be differentiated in reverse."""
    step = program.steps[k]
    live = [j for j, i in enumerate(step.operands) if i in program.live]
    values = [program.values[i] for i in step.operands]

    def alone(xs: Sequence[Any]) -> Any:
        given = list(values)
        for j, x in zip(live, xs, strict=True):
            given[j] = x
        return [y for y in step.apply(*given) if internals.has_tangent(y)]

    def both(xs: Sequence[Any]) -> Any:
        ys, back = jax.vjp(alone, xs)
        return back([jnp.ones_like(y) for y in ys])

    try:
        jax.eval_shape(both, [values[j] for j in live])
    except (TypeError, ValueError, NotImplementedError) as error:
        # What a rule of the user's raises is no fact about JAX, unless JAX says so.
        return step.op in RULES and REFUSAL not in str(error)
    return True


def _hidden(program: Program, used: Sequence[int], stops: Mapping[int, str]) -> dict[int, str]:
    """Find what a gradient would have to reach through a stop."""
    hidden: dict[int, str] = {}
    for k in reversed(used):
        step: Step = program.steps[k]
        by = stops.get(k) or next((hidden[i] for i in step.results if i in hidden), None)
        if by is not None:
            hidden.update((i, by) for i in step.operands if i in program.live)
    return hidden
