"""A pass of JAX's as events: the steps of the program, then these from the last to the first.

That is the order of the reversed program, in which `jax.vjp` asks for the rules. What XLA compiles
of it may run otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dzviz.graph.events import Event
from dzviz.sources.jaxpr.program import Step
from dzviz.sources.jaxpr.shares import Shares
from dzviz.sources.jaxpr.values import graph_value


def events(
    steps: Mapping[int, Step],
    values: Mapping[int, Any],
    shares: Shares | None,
    ids: Mapping[int, str],
    functions: Mapping[int, str],
    kept: frozenset[int],
) -> Iterator[Event]:
    """Tell what happened to the numbers that have ``ids``; the gradients of some were ``kept``."""
    for k, step in steps.items():
        for number in step.results:
            yield Event("forward", 0, functions[k], ids[number], value=values[number])
    if shares is None:
        return
    flowing: dict[int, Any] = {}
    for number, seed in shares.seeds.items():
        if number in ids:
            flowing[number] = seed
            yield Event("seed", 1, variable=ids[number], value=graph_value(seed))
    for k, step in reversed(list(steps.items())):
        sent = {j: shares.sent[k, j] for j in range(len(step.operands)) if (k, j) in shares.sent}
        if sent:
            yield Event("pop", 1, functions[k], waiting=None)
            yield from _sent(step, sent, flowing, ids, functions[k])
        for number in step.operands:  # of what lies behind a loop nobody knows the sum
            if number in shares.hidden:
                flowing.pop(number, None)
    for number in flowing:
        word = "keep" if number in kept else "release"
        yield Event(word, 1, variable=ids[number], value=graph_value(shares.totals[number]))


def _sent(
    step: Step,
    sent: Mapping[int, Any],
    flowing: dict[int, Any],
    ids: Mapping[int, str],
    function: str,
) -> Iterator[Event]:
    """Tell what one step sends to its operands, and where that adds up."""
    came = [flowing[i] for i in step.results if i in flowing]
    upstream = came[0] if len(came) == 1 else None
    for j, share in sent.items():
        number = step.operands[j]
        yield Event(
            "rule",
            1,
            function,
            ids[number],
            j,
            graph_value(share),
            None if upstream is None else graph_value(upstream),
        )
        before = flowing.get(number)
        flowing[number] = share if before is None else before + share
        if before is not None:
            yield Event("sum", 1, variable=ids[number], value=graph_value(flowing[number]))
