"""The steps of a backward pass: each Function sends gradients back to its inputs.

It knows Variables and Functions, and of an op only that it has rules.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Protocol
from weakref import ref

import numpy as np

from .core import RELEASED, Function, Variable
from .function_queue import Queue
from .local_gradients import (
    apply_backward,
    apply_rules,
    first_gradient,
    fit,
    ones_of,
    owns_memory,
)
from .passes import Pass

ndarray = np.ndarray
float64 = np.float64


class Observer(Protocol):
    """What follows a backward pass step by step.

    Gradients come as NumPy arrays or scalars, under ``create_graph`` as Variables. They are the
    engine's own: an observer that keeps one copies it.

    A `popped` Function has its ``outputs``, each of which takes 80 bytes from then on. An observer
    whose ``needs_outputs`` is False does not look at them; without that attribute it may.
    """

    def seeded(self, y: Variable, gy: Any) -> None:
        """Output ``y`` starts with the gradient ``gy``."""

    def popped(self, function: Function, queue: Queue) -> None:
        """``function`` is next; ``queue`` holds the ones that still wait."""

    def contributed(self, function: Function, index: int, gx: Any) -> None:
        """``function`` sent ``gx`` back to its input number ``index``."""

    def summed(self, x: Variable, gx: Any) -> None:
        """``x`` was sent a further gradient; all it has been sent so far is ``gx``."""

    def settled(self, x: Variable, gx: Any, kept: bool) -> None:
        """``gx`` is the whole gradient of ``x``; without ``kept`` it is released now."""


def run(flow: Flow) -> None:
    """Take one Function after the other, and send back what its rule makes of its gradient."""
    for output in flow.queue.drain():
        flow.step(output)


class Flow:
    """What is under way in one pass: gradients on their way, and Functions that wait for theirs.

    A gradient lives here alone until it is complete, so that an old ``grad`` on an intermediate
    Variable cannot leak in. Those of the ``shared`` Variables may be in the memory of another.
    """

    __slots__ = (
        "create_graph",
        "gradients",
        "merged",
        "needs_outputs",
        "observer",
        "queue",
        "settle",
        "shared",
        "wanted",
    )

    def __init__(
        self,
        settle: Callable[[Variable, Any, bool], None],
        wanted: Collection[Variable] | None,
        create_graph: bool,
        observer: Observer | None,
    ) -> None:
        self.gradients: dict[Variable, Any] = {}
        self.shared: set[Variable] = set()
        self.merged: dict[Any, Variable] | None = None
        self.queue = Queue()
        self.settle = settle
        self.wanted = wanted
        self.create_graph = create_graph
        self.observer = observer
        self.needs_outputs = observer is not None and getattr(observer, "needs_outputs", True)

    def seed(self, y: Variable, gy: Variable | None) -> None:
        """Start from an output, with ones where no gradient was assigned to it."""
        seed = first_gradient(y, gy, self.create_graph)
        if self.observer is not None:
            self.observer.seeded(y, seed)
        if y in self.gradients:
            seed = self.gradients[y] + seed
        elif y._creator is not None:
            self.queue.push(y)
        self.gradients[y] = seed
        if gy is not None:
            self.shared.add(y)

    def step(self, output: Variable) -> None:
        """Run the rule of the Function that waits as this output."""
        function: Any = output.creator if self.needs_outputs else output._creator
        if self.observer is not None:
            self.observer.popped(function, self.queue)
        gy: Any = None
        if function.rules:
            gy = self.gradients.pop(output)
            if self.wanted is None or output in self.wanted:
                self.settle(output, gy, self.is_own(output, gy))
            upstream = ones_of(gy) if self.create_graph and gy.constant else gy
            gxs = apply_rules(function, output, upstream, self.create_graph)
        else:
            gys = list(map(self.take, function.outputs))
            gxs = apply_backward(function, gys, self.create_graph)
        for index, x in enumerate(function.inputs):
            gx = gxs[index]
            if gx is not None:
                self.pass_on(function, index, output, x, gx, gy)

    def pass_on(
        self, function: Function, index: int, output: Any, x: Any, gx: Any, gy: Any
    ) -> None:
        """Send to ``x`` what a rule made of ``gy``, in the shape and dtype of ``x``."""
        if type(gx) is float64 and type(x._data) is float64:  # numbers share nothing, and fit
            self.send(function, index, x, gx, True)
            return
        gx = fit(function, index, x, gx)
        self.send(function, index, x, gx, self.is_fresh(function, output, x, gx, gy))

    def take(self, reference: ref[Variable]) -> Any:
        """Return the whole gradient of one of several outputs, or None where nothing came to it."""
        y = reference()
        gy = None if y is None else self.gradients.pop(y, None)
        if y is not None and gy is not None:
            self.settle(y, gy, self.is_own(y, gy))
        return gy

    def send(self, function: Function, index: int, x: Variable, gx: Any, fresh: bool) -> None:
        """Send a gradient to an input; the first one that comes there makes its creator wait."""
        if self.observer is not None:
            self.observer.contributed(function, index, gx)
        old = self.gradients.get(x)
        if old is None:
            self.gradients[x] = gx
            if not fresh:
                self.shared.add(x)
            if x._creator is not None:
                self.queue.push(x)
        else:
            self.gradients[x] = total = old + gx
            self.shared.discard(x)
            if self.observer is not None:
                self.observer.summed(x, total)

    def is_own(self, x: Variable, gx: Any) -> bool:
        """Tell whether a whole gradient is so; a node that was used again may be another's, too."""
        return x not in self.shared and not (self.merged and gx in self.merged)

    def is_fresh(self, function: Any, output: Variable, x: Variable, gx: Any, gy: Any) -> bool:
        """Tell whether a gradient is in its own memory; under create_graph, a node of its own."""
        if not self.create_graph:
            return gx is not gy and owns_memory(gx)
        if self.wanted is not None and x not in self.wanted:
            return True  # it matters for a gradient that is kept
        if gx is gy or gx is output or not function.rules:
            return False
        return all(gx is not other for other in function.inputs)


def run_in_line(flow: Flow, retain: bool | None, this: Pass | None) -> None:
    """Do what `run` does, in a pass that nobody observes, in half of its time.

    What `Queue` and `Flow` have methods for is written out for ops of one operand or two, here
    where all are numbers, in `step_in_line` for arrays and Variables: a call of Python takes as
    long as a rule. That makes it as long as it is; to call what sends a gradient takes 8 % more,
    to send both gradients by the same lines 6 %.
    """
    gradients, wanted, settle = flow.gradients, flow.wanted, flow.settle
    stacks, push = flow.queue.stacks, flow.queue.push
    output: Any
    for stack in flow.queue.generations():
        while stack:
            output = stack.pop()
            function: Any = output._creator
            inputs, rules = function.inputs, function.vjps
            count = len(inputs)
            if not rules or count > 2:
                flow.step(output)
                continue
            gy = gradients[output]
            if type(gy) is not float64:
                step_in_line(flow, output, retain, this)
                continue
            del gradients[output]
            if retain is not None:
                output._grad = gy if retain else RELEASED
                output._passes = this
            elif wanted is None or output in wanted:
                settle(output, gy, True)
            y = output._data
            if type(y) is not float64:
                y = y[()]
            x = inputs[0]
            a = x._data
            if type(a) is not float64:
                a = a[()]
            rule = rules[0]
            gx = gz = None
            if count == 1:
                if rule is not None:
                    gx = rule(function, gy, y, a)
            else:
                z = inputs[1]
                b = z._data
                if type(b) is not float64:
                    b = b[()]
                if rule is not None and (type(x) is Variable or not x.constant):
                    gx = rule(function, gy, y, a, b)
                rule = rules[1]  # there may be more rules: an operand may be left out
                if rule is not None and (type(z) is Variable or not z.constant):
                    gz = rule(function, gy, y, a, b)
            if gx is None:
                pass
            elif type(gx) is not float64 or type(a) is not float64:
                flow.pass_on(function, 0, output, x, gx, gy)
            elif x in gradients:
                gradients[x] = gradients[x] + gx
            else:
                gradients[x] = gx
                creator = x._creator
                if creator is None:
                    pass
                elif not creator.rules:
                    push(x)
                elif (at := x.generation - 1) in stacks:
                    stacks[at].append(x)
                else:
                    stacks[at] = [x]
            if gz is None:
                pass
            elif type(gz) is not float64 or type(b) is not float64:
                flow.pass_on(function, 1, output, z, gz, gy)
            elif z in gradients:
                gradients[z] = gradients[z] + gz
            else:
                gradients[z] = gz
                creator = z._creator
                if creator is None:
                    pass
                elif not creator.rules:
                    push(z)
                elif (at := z.generation - 1) in stacks:
                    stacks[at].append(z)
                else:
                    stacks[at] = [z]


def run_with_graph(flow: Flow, retain: bool | None, this: Pass | None) -> None:
    """Do what `run` does under create_graph, in a pass that nobody observes, in two thirds.

    It is written out as `run_in_line`.
    """
    gradients, wanted, settle, shared = flow.gradients, flow.wanted, flow.settle, flow.shared
    stacks, push = flow.queue.stacks, flow.queue.push
    output: Any
    for stack in flow.queue.generations():
        while stack:
            output = stack.pop()
            function: Any = output._creator
            inputs, rules = function.inputs, function.vjps
            count = len(inputs)
            if not rules or count > 2:
                flow.step(output)
                continue
            gy = gradients.pop(output)
            if retain is False:
                output._grad = RELEASED
                output._passes = this
            elif wanted is None or output in wanted:
                settle(output, gy, flow.is_own(output, gy))
            x = inputs[0]
            upstream = gy if type(gy) is Variable or not gy.constant else ones_of(gy)
            rule = rules[0]
            gx = gz = None
            if count == 1:
                if rule is not None:
                    gx = rule(function, upstream, output, x)
            else:
                z = inputs[1]
                if rule is not None and (type(x) is Variable or not x.constant):
                    gx = rule(function, upstream, output, x, z)
                rule = rules[1]
                if rule is not None and (type(z) is Variable or not z.constant):
                    gz = rule(function, upstream, output, x, z)
            if gx is not None:
                if type(gx._data) is not float64 or type(x._data) is not float64:
                    gx = fit(function, 0, x, gx)
                if x in gradients:
                    gradients[x] = gradients[x] + gx
                    if shared:
                        shared.discard(x)
                else:
                    gradients[x] = gx
                    if (wanted is None or x in wanted) and not flow.is_fresh(
                        function, output, x, gx, gy
                    ):
                        shared.add(x)
                    creator = x._creator
                    if creator is None:
                        pass
                    elif not creator.rules:
                        push(x)
                    elif (at := x.generation - 1) in stacks:
                        stacks[at].append(x)
                    else:
                        stacks[at] = [x]
            if gz is not None:
                if type(gz._data) is not float64 or type(z._data) is not float64:
                    gz = fit(function, 1, z, gz)
                if z in gradients:
                    gradients[z] = gradients[z] + gz
                    if shared:
                        shared.discard(z)
                else:
                    gradients[z] = gz
                    if (wanted is None or z in wanted) and not flow.is_fresh(
                        function, output, z, gz, gy
                    ):
                        shared.add(z)
                    creator = z._creator
                    if creator is None:
                        pass
                    elif not creator.rules:
                        push(z)
                    elif (at := z.generation - 1) in stacks:
                        stacks[at].append(z)
                    else:
                        stacks[at] = [z]


def step_in_line(flow: Flow, output: Any, retain: bool | None, this: Pass | None) -> None:
    """Do what `Flow.step` does for an op of one operand or two, in an ordinary pass."""
    function: Any = output._creator
    inputs, rules = function.inputs, function.vjps
    gy = flow.gradients.pop(output)
    if retain is False:
        output._grad = RELEASED
        output._passes = this
    elif flow.wanted is None or output in flow.wanted:
        flow.settle(output, gy, output not in flow.shared)
    result, a, b = output._data, inputs[0]._data, inputs[-1]._data
    if type(result) is ndarray and not result.ndim:
        result = result[()]
    if type(a) is ndarray and not a.ndim:
        a = a[()]
    if type(b) is ndarray and not b.ndim:
        b = b[()]
    operands = (a, b) if len(inputs) == 2 else (a,)
    for index, x in enumerate(inputs):
        rule = rules[index]  # there may be more rules: an operand may be left out
        if rule is not None and not x.constant:
            gx = rule(function, gy, result, *operands)
            if gx is not None:
                flow.pass_on(function, index, output, x, gx, gy)
