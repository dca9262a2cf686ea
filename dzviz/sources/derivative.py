"""The graph of the n-th derivative, and which part of it belongs to which order.

It knows neither the language nor pictures.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dzviz.engine import Function, Observer, Queue, Variable, grad, watch_forward
from dzviz.errors import EvaluationError, UsageError
from dzviz.language.limits import MAX_FUNCTIONS, Budget
from dzviz.records import NamedTuple
from dzviz.text.primes import derivative_name


class Derivation(NamedTuple):
    """The n-th derivative.

    ``orders`` says for each Variable and Function of a derivative which one it belongs to (what is
    not in it belongs to order 0); ``origins`` of each such Function the one whose rule made it.
    ``lower`` are the function and its derivatives of lower orders. ``names`` are those of all of
    them and of the next one, where all are ``by`` one variable.
    """

    output: Variable
    order: int
    orders: Mapping[Variable | Function, int]
    origins: Mapping[Function, Function]
    lower: Sequence[Variable] = ()
    names: Sequence[str] = ()
    by: str | None = None


def derivative_of(
    outputs: Sequence[Variable],
    inputs: Mapping[str, Variable],
    order: int,
    wrt: Sequence[str] = (),
    observer: Observer | None = None,
) -> Derivation:
    """Differentiate the one output ``order`` times by the inputs that ``wrt`` names.

    Raises:
        UsageError: There are several outputs; see also `choose`.
        EvaluationError: See `derive`.
    """
    if len(outputs) > 1:
        raise UsageError("--order differentiates one output, but there are several")
    (y,) = outputs
    variables = choose(inputs, order, wrt)
    function, by = str(y.name or "y"), [str(x.name or "x") for x in variables]
    names = [function, *derivative_names(function, [*by, by[-1]])]
    derivation = derive(y, variables, names[1:], observer)
    alone = by[0] if len(set(variables)) == 1 else None
    return derivation._replace(names=names if alone else names[:-1], by=alone)


def derive(
    y: Variable,
    wrt: Sequence[Variable],
    names: Sequence[str] | None = None,
    observer: Observer | None = None,
) -> Derivation:
    """Differentiate ``y`` with respect to each of ``wrt`` in turn, keeping the graph.

    An array counts as the sum of its elements. ``names`` are those of the derivatives. An
    ``observer`` follows the passes.

    Raises:
        EvaluationError: The graphs would have more Functions or elements than
            `dzviz.language.limits` lets them.
    """
    orders: dict[Variable | Function, int] = {}
    origins: dict[Function, Function] = {}
    known: set[Variable | Function] = set()
    meter = Meter()
    for part in _graph(y):
        known.add(part)
        if isinstance(part, Function):
            meter(part)
    lower = []
    for order, x in enumerate(wrt, 1):
        lower.append(y)
        maker = _Maker(known, observer)
        meter.what = f"the derivatives up to order {order}"
        with watch_forward(meter):
            y = grad(y, x, create_graph=True, observer=maker)
        origins.update(maker.origins)
        for part in _graph(y):
            if part not in orders and part not in maker.before:
                orders[part] = order
        known.update(maker.made)
        if names is not None:
            y.name = names[order - 1]
    return Derivation(y, len(wrt), orders, origins, lower)


def choose(inputs: Mapping[str, Variable], order: int, wrt: Sequence[str]) -> list[Variable]:
    """Return the Variable to differentiate by, for each order.

    Raises:
        UsageError: It is not clear which, or there is no such variable.
    """
    listed = ", ".join(inputs)
    wrt = [unicodedata.normalize("NFKC", name) for name in wrt]
    if order > MAX_FUNCTIONS:
        raise EvaluationError(f"order {order} needs more than {MAX_FUNCTIONS} functions")
    if not inputs:
        raise UsageError("there is no variable to differentiate by")
    if not wrt:
        if len(inputs) > 1:
            raise UsageError(
                f"which variable should it differentiate by? there are {listed}",
                hint=f"add --wrt {next(iter(inputs))}",
            )
        wrt = list(inputs)
    for name in wrt:
        if name not in inputs:
            raise UsageError(f"there is no variable '{name}'", hint=f"the variables are {listed}")
    if len(wrt) not in (1, order):
        raise UsageError(
            f"--wrt names {len(wrt)} variables, but the order is {order}",
            hint="name one variable, or as many as the order",
        )
    variables = [inputs[name] for name in wrt]
    return variables * order if len(variables) == 1 else variables


def derivative_names(y: str, wrt: Sequence[str]) -> list[str]:
    """Name the derivatives of ``y``: ``y'`` by a single variable, else ``d2y/dx dz``."""
    if len(set(wrt)) == 1:
        return [derivative_name(y, n) for n in range(1, len(wrt) + 1)]
    return [
        f"d{n if n > 1 else ''}{y}/" + " ".join(f"d{x}" for x in wrt[:n])
        for n in range(1, len(wrt) + 1)
    ]


class Meter:
    """Counts each Function that it is called with, and its elements, against the limits."""

    def __init__(self) -> None:
        self.what = "the derivatives"
        self.restart()

    def restart(self) -> None:
        """Begin to count again."""
        self.functions = 0
        self.budget = Budget()

    def __call__(self, function: Function) -> None:
        """Count a Function.

        Raises:
            EvaluationError: Together they are too many, or have too many elements.
        """
        self.functions += 1
        if self.functions > MAX_FUNCTIONS:
            raise EvaluationError(
                f"{self.what} have more than {MAX_FUNCTIONS} functions",
                hint="choose a smaller --order",
            )
        sizes = [x.size for x in function.inputs]
        sizes += [y.size for reference in function.outputs if (y := reference()) is not None]
        self.budget.spend(0, self.what, cost=max(sizes, default=0))


class _Maker:
    """Notes which Functions each popped one's rule makes; tells a further observer of the pass."""

    def __init__(self, before: set[Any], observer: Observer | None) -> None:
        self.before = frozenset(before)
        self.observer = observer
        self.made: set[Function] = set()
        self.origins: dict[Function, Function] = {}
        self.current: Function | None = None

    def seeded(self, y: Variable, gy: Any) -> None:
        """The seed is a constant of the new graph."""
        if self.observer is not None:
            self.observer.seeded(y, gy)

    def popped(self, function: Function, queue: Queue) -> None:
        """From now on Functions come from the rule of this one."""
        self.current = function
        if self.observer is not None:
            self.observer.popped(function, queue)

    def contributed(self, function: Function, index: int, gx: Variable) -> None:
        """Note the Functions that made ``gx``."""
        self.note(gx)
        if self.observer is not None:
            self.observer.contributed(function, index, gx)

    def summed(self, x: Variable, gx: Variable) -> None:
        """Note the addition."""
        self.note(gx)
        if self.observer is not None:
            self.observer.summed(x, gx)

    def settled(self, x: Variable, gx: Variable, kept: bool) -> None:
        """Nothing new."""
        if self.observer is not None:
            self.observer.settled(x, gx, kept)

    def note(self, gx: Variable) -> None:
        pending = [gx]
        while pending:
            made = pending.pop().creator
            if made is not None and made not in self.made and made not in self.before:
                self.made.add(made)
                if self.current is not None:
                    self.origins[made] = self.current
                pending.extend(made.inputs)


def _graph(y: Variable) -> Iterator[Variable | Function]:
    """Every Variable and Function that ``y`` was computed from, and ``y``."""
    seen: set[Variable] = set()
    functions: set[Function] = set()
    pending = [y]
    while pending:
        x = pending.pop()
        if x in seen:
            continue
        seen.add(x)
        yield x
        if x.creator is not None and x.creator not in functions:
            functions.add(x.creator)
            yield x.creator
            pending.extend(x.creator.inputs)
