"""The backward pass: gradients flow from outputs to leaves, generation by generation.

What happens in each of its steps is `dezero.flow`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

import numpy as np

from . import watching
from .config import Config, remember, using_config
from .core import RELEASED, Constant, Variable, wrap
from .flow import Flow, run, run_in_line, run_with_graph
from .flow import Observer as Observer
from .local_gradients import kept
from .passes import ASSIGNED, Pass, added

float64 = np.float64

# Once an array of some megabytes was freed, as in most programs with NumPy, glibc keeps what a pass
# has freed for the next one (see M_TRIM_THRESHOLD in mallopt(3)). Before, it gives all back to the
# system, which hands it out again page by page: an MLP of 100 layers took a third longer. Who sets
# MALLOC_TRIM_THRESHOLD_ is obeyed, and elsewhere this does nothing.
with suppress(MemoryError):
    np.empty(8 << 20, np.uint8)


def backward(
    ys: Variable | Sequence[Variable],
    *,
    retain_grad: bool = False,
    create_graph: bool = False,
    observer: Observer | None = None,
) -> None:
    """Run one backward pass from all of ``ys``.

    Each output is seeded with ones, unless the user assigned its ``grad`` since the last pass.
    Leaves add what they get to their ``grad``, as a new array. The grads of intermediate Variables
    are replaced under ``retain_grad``; without it they end at None, marked as released. Gradients
    of a first-order pass share no memory with one another or with any data.

    Raises:
        ValueError: A rule returned a wrong number of gradients, or one of a wrong shape.
        TypeError: A rule returned what is no gradient.
    """

    def settle(x: Variable, gx: Any, fresh: bool) -> None:
        leaf = x._creator is None
        made: Any = this
        if observer is not None:
            observer.settled(x, gx, leaf or retain_grad)
        if not (leaf or retain_grad):
            x._grad = RELEASED
        elif leaf and x._grad is not None and x._grad is not RELEASED and x not in assigned:
            old = x._grad if isinstance(x._grad, Variable) else wrap(x._grad)
            total = old + gx if create_graph else old._data + gx
            x._grad = total if isinstance(total, Variable | float64) else wrap(total)
            made = added(x._passes, this)
        else:
            x._grad = gx if type(gx) is float64 else kept(gx, fresh)
        x._passes = made

    observer = Config.observer if observer is None else observer
    seeds = [(y, y._grad if y._passes is ASSIGNED else None) for y in _as_sequence(ys)]
    this = Pass(seeds)
    assigned = {y for y, gy in seeds if gy is not None}
    retain = retain_grad if observer is None else None
    propagate(seeds, settle, retain=retain, this=this, create_graph=create_graph, observer=observer)


def watch_backward(observer: Observer) -> AbstractContextManager[None]:
    """Let an observer follow each `backward` in this thread, within a ``with`` block.

    A pass that is given an observer of its own has that one.
    """
    return using_config("observer", observer)


def grad(
    ys: Variable | Sequence[Variable],
    xs: Variable | Sequence[Variable],
    *,
    create_graph: bool = False,
    observer: Observer | None = None,
) -> Any:
    """Return the gradient of ``ys`` (of their sum) with respect to ``xs``; no ``grad`` is touched.

    One Variable gives one gradient, a sequence a list. Where ``ys`` does not depend on an ``x``,
    its gradient is zeros.
    """
    wanted = _as_sequence(xs)
    found: dict[Variable, Any] = dict.fromkeys(wanted)

    def settle(x: Variable, gx: Any, fresh: bool) -> None:
        if observer is not None:
            observer.settled(x, gx, x in found)
        if x in found:
            found[x] = kept(gx, fresh)

    seeds = [(y, None) for y in _as_sequence(ys)]
    passed = found if observer is None else None
    propagate(seeds, settle, wanted=passed, create_graph=create_graph, observer=observer)
    zeros = Constant if create_graph else Variable
    gxs = [zeros(np.zeros_like(x.data)) if found[x] is None else found[x] for x in wanted]
    return gxs[0] if isinstance(xs, Variable) else gxs


def propagate(
    seeds: Sequence[tuple[Variable, Variable | None]],
    settle: Callable[[Variable, Any, bool], None],
    *,
    retain: bool | None = None,
    this: Pass | None = None,
    wanted: Collection[Variable] | None = None,
    create_graph: bool = False,
    observer: Observer | None = None,
) -> None:
    """Send gradients back from ``seeds``: each output with its gradient, None for ones.

    ``settle(x, gx, fresh)`` is called once for each Variable when its gradient is complete: for an
    intermediate one when its creator is popped, for the leaves at the end. Without ``fresh`` the
    array may be shared with another gradient or with data; under ``create_graph`` the Variable is
    one of the forward graph (the derivative of x * w is w itself).

    Of intermediate ones only the ``wanted`` need that call, if these are given; ``retain`` says
    that they may keep theirs, or be marked as released by ``this`` pass, without it.
    """
    flow = Flow(settle, wanted, create_graph, observer)
    if not create_graph and watching.active:
        watching.tell_detached([y for y, _ in seeds], "a backward pass without create_graph")
    if create_graph and observer is None and not watching.active:
        flow.merged = {}
    before, watchers = Config.state, Config.detach_watchers
    remember((create_graph, flow.merged))
    if watchers:
        Config.detach_watchers = ()
    try:
        for y, gy in seeds:
            flow.seed(y, gy)
        if observer is not None:
            run(flow)
        elif create_graph:
            run_with_graph(flow, retain, this)
        else:
            run_in_line(flow, retain, this)
        for x, gx in flow.gradients.items():
            if retain is not None and type(gx) is float64 and x._grad is None:
                x._grad, x._passes = gx, this  # the first number a leaf gets, in a fourth
            else:
                settle(x, gx, flow.is_own(x, gx))
    finally:
        remember(before)
        if watchers:
            Config.detach_watchers = watchers


def _as_sequence(variables: Variable | Sequence[Variable]) -> list[Variable]:
    return [variables] if isinstance(variables, Variable) else list(variables)
