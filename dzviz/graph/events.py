"""Events: what happened while a graph was computed and its gradients flowed, as frozen data.

They name nodes by their ids and hold values that cannot be written. `dzviz.sources.passes` takes
them down from what was recorded. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dzviz.graph.terms import Term

Value = Any  # a NumPy scalar or a read-only ndarray

KINDS: Mapping[str, str] = {
    "forward": "a Function computes a Variable",
    "seed": "a backward pass starts from an output",
    "pop": "the next Function is taken from the queue",
    "rule": "a Function sends a share back to one of its operands",
    "sum": "shares that arrived on several paths are added up",
    "set": "an engine sets a gradient to something other than the sum of the shares",
    "keep": "a Variable keeps its gradient",
    "release": "a Variable's gradient is released, since only the rule of its creator needed it",
}
"""Every kind of event, with what happens."""


class Event(NamedTuple):
    """One thing that happened.

    ``kind`` is one of `KINDS`; ``turn`` is 0 while the function is computed, 1 in the first
    backward pass, and so on. ``function`` and ``variable`` are ids of nodes, ``arg`` the number of
    the input to which a rule sends. ``value`` is what was computed, sent, added up, kept or let go.

    A rule's ``value`` is ``upstream``, the gradient of its Function's output, times ``local``,
    element by element; where it is not such a product, ``local`` is None. ``formula`` writes the
    local derivative, or all of the rule where there is none; ``rule`` is all of it as a `Term` of
    ``gy``, ``y``, ``x0`` ..., where it can be read. At a pop so many Functions are
    ``waiting``, of which ``queue`` has the first; None where the engine has no queue.
    """

    kind: str
    turn: int
    function: str | None = None
    variable: str | None = None
    arg: int | None = None
    value: Value | None = None
    upstream: Value | None = None
    local: Value | None = None
    formula: str | None = None
    queue: tuple[str, ...] = ()
    waiting: int | None = 0
    rule: Term | None = None
