"""What happens in backward passes of a reader's own DeZero, watched from outside.

Python tells a profiler (`sys.setprofile`) of each call in this thread. Those of methods
``backward`` of what `dzviz.sources.book` takes for a Variable or a Function are looked into: what
they get, what they return, and which gradients are there then. No class is changed. Of the last
pass all is kept, with weak references to what is theirs, so that no graph lives longer.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import CO_VARARGS
from types import FrameType
from typing import Any
from weakref import ref

import numpy as np

from dzviz.engine import MAX_QUEUE
from dzviz.sources.book import (
    array_of,
    gradient_of,
    is_function,
    is_variable,
    operands_of,
    results_of,
)
from dzviz.sources.facts import frozen

Reference = Callable[[], Any]
"""A weak reference, or what gives a thing of which there can be none."""


def reference(thing: Any, callback: Callable[[Any], object] | None = None) -> Reference:
    """Refer to a thing weakly, if it can be."""
    try:
        return ref(thing, callback)
    except TypeError:
        return lambda: thing


@dataclass(slots=True)
class Rule:
    """One call of a Function's ``backward``.

    ``upstream`` are the gradients of its results that it got, ``sent`` those that it returned, one
    for each operand. The operands' gradients ``before`` and ``after`` that were added tell what the
    engine made of it. Of the Functions that waited then, ``queue`` has the last ones of the
    engine's list; ``waiting`` is their number, None where it has no such list. ``released`` tells
    which results had no gradient any more afterwards.
    """

    function: Reference
    upstream: list[Any]
    queue: Sequence[Reference]
    waiting: int | None
    sent: list[Any] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    after: list[Any] = field(default_factory=list)
    released: list[bool] = field(default_factory=list)


@dataclass(slots=True)
class Pass:
    """One pass: from which ``output`` and ``seed``, and its rules in their order.

    The seed was ``assigned`` where the output had a gradient before.
    """

    output: Reference
    name: str | None
    assigned: bool
    seed: Any = None
    rules: list[Rule] = field(default_factory=list)
    by_hand: bool = False


@dataclass(slots=True)
class Note:
    """Which passes a gradient was added up over; None stands for those that nobody watched."""

    x: Reference
    gradient: Reference
    passes: tuple[Pass | None, ...]


MOST = 6
"""At most this many passes are remembered for a gradient that was added up."""


@dataclass(slots=True)
class _Call:
    frame: FrameType
    rule: Rule | None
    is_variable: bool


class BookRecorder:
    """A profiler that records the last pass; ``trouble`` is what kept it from doing so."""

    def __init__(self) -> None:
        self.last: Pass | None = None
        self.notes: dict[int, Note] = {}
        self.trouble: Exception | None = None
        self.calls: list[_Call] = []
        self.pending: Rule | None = None
        self.reached: dict[int, tuple[Reference, tuple[Pass | None, ...]]] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch within a ``with`` block; a profiler that was active before keeps working."""
        before: Any = sys.getprofile()
        chained = before if callable(before) else None

        def profile(frame: FrameType, event: str, arg: Any) -> None:
            if chained is not None:
                chained(frame, event, arg)
            self.observe(frame, event, arg)

        if before is not None and chained is None:  # one that is written in C, as cProfile's
            before.disable()
        sys.setprofile(profile)
        try:
            yield
        finally:
            if sys.getprofile() is profile:
                sys.setprofile(None)
                if chained is not None:
                    sys.setprofile(chained)
                elif before is not None:
                    before.enable()
            self.calls.clear()
            self.guarded(self.end)

    def observe(self, frame: FrameType, event: str, arg: Any) -> None:
        """Look into a call; whatever goes wrong here, the program goes on as if alone."""
        if event == "call":
            if frame.f_code.co_name == "backward" and frame.f_code.co_argcount:
                self.guarded(self.entered, frame)
        elif event == "return" and self.calls and self.calls[-1].frame is frame:
            self.guarded(self.left, self.calls.pop(), arg)

    def guarded(self, action: Callable[..., None], *arguments: Any) -> None:
        """Do something, and keep an error for the caller that asks for the result."""
        try:
            action(*arguments)
        except Exception as error:
            self.trouble = self.trouble or error

    def entered(self, frame: FrameType) -> None:
        """Look at what a ``backward`` gets."""
        names = frame.f_code.co_varnames
        thing = frame.f_locals.get(names[0])
        if is_variable(thing):
            self.settle()
            if not any(call.is_variable for call in self.calls):
                self.begin(thing)
            self.calls.append(_Call(frame, None, True))
        elif is_function(thing):
            inner = bool(self.calls) and not self.calls[-1].is_variable
            self.calls.append(_Call(frame, None if inner else self.rule(thing, frame), False))

    def rule(self, function: Any, frame: FrameType) -> Rule:
        """Begin to record a call of a Function's ``backward``."""
        self.settle()
        results = results_of(function)
        if not self.calls and not (self.last and self.last.by_hand and self.is_new(function)):
            y = next(y for y in results if y is not None)
            self.begin(y)
            self.current.by_hand = True
        current = self.current
        if current.seed is None and (y := current.output()) is not None:
            current.seed = frozen(gradient_of(y))
        given = _arguments(frame)
        if len(given) != len(results):
            given = [None if y is None else y.grad for y in results]
        queue = _queue(frame.f_back)
        rule = Rule(
            reference(function),
            [frozen(array_of(gy)) for gy in given],
            [reference(f) for f in (queue or [])[-MAX_QUEUE:]],
            None if queue is None else len(queue),
        )
        if current.by_hand and current.seed is None:
            current.seed = rule.upstream[0]
        current.rules.append(rule)
        return rule

    @property
    def current(self) -> Pass:
        """The pass that is under way."""
        assert self.last is not None
        return self.last

    def is_new(self, function: Any) -> bool:
        """Whether no rule of this Function was called in the last pass."""
        return all(rule.function() is not function for rule in self.current.rules)

    def left(self, call: _Call, value: Any) -> None:
        """Look at what a ``backward`` returns."""
        if call.is_variable:
            self.settle()
            if not any(other.is_variable for other in self.calls):
                self.end()
            return
        rule = call.rule
        if rule is None:
            return
        function = rule.function()
        operands = operands_of(function)
        gxs = list(value) if isinstance(value, tuple | list) else [value]
        sent = [frozen(array_of(gx)) for gx in gxs[: len(operands)]]
        rule.sent = sent + [None] * (len(operands) - len(sent))
        rule.before = [frozen(gradient_of(x)) for x in operands]
        for x in operands:
            self.reached.setdefault(id(x), (reference(x), self.known(x)))
        self.pending = rule

    def known(self, x: Any) -> tuple[Pass | None, ...]:
        """Return which passes made the gradient that is there."""
        note = self.notes.get(id(x))
        if x.grad is None:
            return ()
        if note is None or note.x() is not x or note.gradient() is not x.grad:
            return (None,)
        return note.passes

    def settle(self) -> None:
        """See what the engine has made of what the last rule sent."""
        rule, self.pending = self.pending, None
        if rule is None:
            return
        function = rule.function()
        if function is None:
            return
        operands = operands_of(function)
        rule.after = [frozen(gradient_of(x)) for x in operands]
        for x, gx, after in zip(operands, rule.sent, rule.after, strict=True):
            if same(gx, after):  # what was there before counts no more
                self.reached[id(x)] = self.reached[id(x)][0], ()
        rule.released = [y is not None and y.grad is None for y in results_of(function)]

    def begin(self, y: Any) -> None:
        """Begin a pass, and forget the one before."""
        self.end()
        name = getattr(y, "name", None)
        self.last = Pass(reference(y), None if name is None else str(name), y.grad is not None)
        self.reached[id(y)] = reference(y), ()

    def end(self) -> None:
        """Note which gradients a pass has left."""
        self.settle()
        last = self.last
        if last is None or not self.reached:
            return
        y = last.output()
        if last.seed is None and y is not None:
            last.seed = frozen(gradient_of(y))
        light = Pass(last.output, last.name, last.assigned, last.seed)  # without its rules
        for key, (refer, passes) in self.reached.items():
            x = refer()
            self.notes.pop(key, None)
            if x is not None and x.grad is not None:
                kept = (*passes, light)[-MOST:]
                self.notes[key] = Note(self.mortal(x, key), reference(x.grad), kept)
        self.reached.clear()

    def mortal(self, x: Any, key: int) -> Reference:
        """Refer to a Variable whose note goes when it goes."""
        return reference(x, lambda _: self.notes.pop(key, None))


def same(a: Any, b: Any) -> bool:
    """Whether two gradients are the same, except for rounding."""
    if a is None or b is None or np.shape(a) != np.shape(b):
        return a is b
    return bool(np.allclose(a, b, rtol=1e-12, atol=0, equal_nan=True))


def _arguments(frame: FrameType) -> list[Any]:
    """Return the positional arguments of a method, without self."""
    code, values = frame.f_code, frame.f_locals
    given = [values.get(name) for name in code.co_varnames[1 : code.co_argcount]]
    if code.co_flags & CO_VARARGS:
        rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
        given += values.get(rest, ())
    return given


def _queue(frame: FrameType | None) -> list[Any] | None:
    """Return the Functions that wait: the one list of Functions that the caller has."""
    if frame is None:
        return None
    lists = [v for v in frame.f_locals.values() if isinstance(v, list | deque)]
    found = [v for v in lists if all(map(is_function, v))]
    found = [v for v in found if v] or found
    return list(found[0]) if len(found) == 1 else None
