"""A JAX program computed step by step: each equation once, calls and loops opened, all values kept.

Steps have numbers for their operands and results, and stand in frames. It knows no gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import jax.numpy as jnp

from dzviz.graph.model import LIBRARY
from dzviz.language.user_code import is_users, short_path
from dzviz.records import NamedTuple
from dzviz.sources.jaxpr import internals
from dzviz.sources.jaxpr.labels import label
from dzviz.sources.jaxpr.labels import op as op_of

MOST_OPENED = 500
"""A loop of more primitives, over all its passes, is one step."""


class Frame(NamedTuple):
    """A named part of a program, in the frame ``parent``."""

    name: str
    kind: str
    parent: int | None


class Step(NamedTuple):
    """What is computed at once: numbers of operands and results, and the function between them.

    ``opened`` operands are what the body of a rule made, and no part of the function.
    """

    op: str
    label: str
    apply: Callable[..., Sequence[Any]]
    operands: tuple[int, ...]
    results: tuple[int, ...]
    frame: int | None = None
    source: tuple[str, int] | None = None
    opened: tuple[int, ...] = ()


class Program:
    """Values by their numbers, the steps between them, and their frames.

    ``variable`` are the numbers of what depends on a leaf, ``live`` of them those that have a
    derivative by a leaf. ``within`` names the rule in whose body a number was computed.
    """

    def __init__(self, captured: Callable[[Any], str | None]) -> None:
        self.values: list[Any] = []
        self.steps: list[Step] = []
        self.frames: list[Frame] = []
        self.variable: set[int] = set()
        self.live: set[int] = set()
        self.leaves: dict[int, str] = {}
        self._captured = captured
        self._outer: dict[int, tuple[int, Any]] = {}
        self.within: dict[int, str] = {}
        self._body = 0
        self._line: tuple[str, int] | None = None
        self._broadcasts: dict[int, tuple[Step, tuple[Any, ...]]] = {}

    def add(self, value: Any) -> int:
        """Number a value."""
        self.values.append(value)
        return len(self.values) - 1

    def leaf(self, value: Any, name: str) -> int:
        """Number a value that comes from outside."""
        number = self.add(value)
        self.leaves[number] = name
        self.variable.add(number)
        if internals.has_tangent(value):
            self.live.add(number)
        return number

    def constant(self, value: Any) -> int:
        """Number what a program holds: a leaf where it was captured, the same one each time."""
        if id(value) not in self._outer:
            name = self._captured(value)
            number = self.add(value) if name is None else self.leaf(value, name)
            self._outer[id(value)] = number, value
        return self._outer[id(value)][0]

    def run(
        self,
        program: Any,
        constants: Sequence[Any],
        numbers: Sequence[int],
        frame: int | None = None,
        scope: Nesting | None = None,
        within: tuple[internals.Scope, ...] = (),
    ) -> list[int]:
        """Compute a program from the numbers of its operands, and return those of its results.

        It stands in a ``frame``, or goes on in a ``scope``, ``within`` what its equations are in.
        """
        env = dict(zip(program.constvars, map(self.constant, constants), strict=True))
        env.update(zip(program.invars, numbers, strict=True))

        def read(atom: Any) -> int:
            return self.add(atom.val) if isinstance(atom, internals.Literal) else env[atom]

        scope = scope or Nesting(self, frame)
        for equation in program.eqns:
            operands = [read(atom) for atom in equation.invars]
            results = self._equation(
                equation, operands, scope.frame((*internals.scopes(equation), *within))
            )
            env.update(zip(equation.outvars, results, strict=True))
        return [read(atom) for atom in program.outvars]

    def needed(self, outputs: Iterable[int]) -> dict[int, Step]:
        """Return the steps from which outputs were computed, by their places in order."""
        needed = set(outputs)
        found = {}
        for k in range(len(self.steps) - 1, -1, -1):
            step = self.steps[k]
            if needed.intersection(step.results):
                found[k] = step
                needed.update(step.operands, step.opened)
        return dict(reversed(found.items()))

    def behind(self, outputs: Iterable[int]) -> set[int]:
        """Return the numbers from which outputs were computed, and these."""
        steps = self.needed(outputs := list(outputs)).values()
        return {*outputs, *(i for step in steps for i in (*step.operands, *step.opened))}

    def _equation(self, equation: Any, operands: list[int], frame: int | None) -> list[int]:
        if not self.variable.intersection(operands):
            return self._constants(equation, operands)
        what = internals.kind(equation)
        live = not self.live.isdisjoint(operands) or self._body
        if what == "call" and live:
            return self._call(equation, operands, frame)
        if what == "cond":
            return self._cond(equation, operands, frame)
        if what == "scan" and internals.size_of_loop(equation) <= MOST_OPENED:
            return self._scan(equation, operands, frame)
        if what == "rule" and live:
            return self._rule(equation, operands, frame)
        if (same := self._unchanged(equation, operands)) is not None:
            return [same]
        word = internals.name_of(equation) if what in ("call", "rule") else ""
        word = word or label(equation)
        if what == "scan":
            word = f"scan of {len(internals.loop(equation).passes)} passes"
        if what == "while":
            count = internals.passes_of_while(equation, [self.values[i] for i in operands])
            word = f"while_loop of {count} pass{'' if count == 1 else 'es'}"
        apply = internals.applied(equation)
        if word == "select_n" and _is_where(equation):
            which, no, yes = operands
            return self._where(equation, apply, (which, yes, no), frame)
        if equation.primitive.name in internals.BROADCASTING:
            apply, operands = self._broadcasting(equation, apply, operands)
        results = self._step(equation, word, apply, operands, frame)
        if equation.primitive.name == "broadcast_in_dim":
            site = internals.call_site(equation)
            if site is not None:
                self._broadcasts[results[0]] = self.steps[-1], site
        return results

    def _broadcasting(
        self, equation: Any, apply: Callable[..., Sequence[Any]], operands: list[int]
    ) -> tuple[Callable[..., Sequence[Any]], list[int]]:
        """Take what the same call of the user's has broadcast for an operand as it was before."""
        site = internals.call_site(equation)
        known = [self._broadcasts.get(i, (None, None)) for i in operands]
        before = [step if step and at == site else None for step, at in known]
        if not any(before):
            return apply, operands

        def whole(*values: Any) -> Sequence[Any]:
            given = zip(before, values, strict=True)
            return apply(*(step.apply(x)[0] if step else x for step, x in given))

        given = zip(before, operands, strict=True)
        return whole, [step.operands[0] if step else i for step, i in given]

    def _unchanged(self, equation: Any, operands: Sequence[int]) -> int | None:
        """Return the operand that is the result as it stands, if one is."""
        name = equation.primitive.name
        if name in internals.UNCHANGED and _same_type(equation):
            return operands[0]
        if name == "max":  # what softmax and its like begin with: ``maximum(-inf, x)`` of finite x
            low, x = (self.values[i] for i in operands)
            same = jnp.shape(low) in ((), jnp.shape(x)) and internals.has_tangent(x)
            if same and bool(jnp.all(low == -jnp.inf) & jnp.all(jnp.isfinite(x))):
                return operands[1]
        return None

    def _constants(self, equation: Any, operands: Sequence[int]) -> list[int]:
        """Compute what depends on no leaf, which is no step: its results are constants."""
        results = internals.applied(equation)(*(self.values[i] for i in operands))
        return [self.add(value) for value in results]

    def _where(
        self, equation: Any, apply: Any, operands: Sequence[int], frame: int | None
    ) -> list[int]:
        return self._step(
            equation, "where", lambda which, yes, no: apply(which, no, yes), operands, frame
        )

    def _call(self, equation: Any, operands: Sequence[int], frame: int | None) -> list[int]:
        name = internals.name_of(equation)
        inner, constants = internals.body(equation)
        kind = LIBRARY if internals.is_library(equation) else "call"
        within = self._frame(name, kind, frame) if name else frame
        with self._in_call(equation):
            return self.run(inner, constants, operands, within)

    @contextmanager
    def at(self, place: tuple[str, int] | None) -> Iterator[None]:
        """Take this for the line of all that is computed within a ``with`` block."""
        before = self._line
        self._line = before or (place and (short_path(place[0]), place[1]))
        try:
            yield
        finally:
            self._line = before

    def _in_call(self, equation: Any) -> AbstractContextManager[None]:
        """Name the line of a call for all in it, where that is not the user's.

        JAX traces a function once: what it wrote down then is from where that was.
        """
        library = internals.is_library(equation)
        return self.at(_place(internals.places(equation)) if library else None)

    def _rule(self, equation: Any, operands: Sequence[int], frame: int | None) -> list[int]:
        """Keep a rule one step, and compute its body beside it, for the values in it."""
        kind = internals.RULES[equation.primitive.name]
        word = internals.name_of(equation) or kind
        within = self._frame(word, kind, frame)
        inner, constants = internals.body(equation)
        live, self.live = self.live, set()
        self._body += 1
        before = len(self.steps)
        with self._in_call(equation):
            opened = self.run(inner, constants, operands, within)
        self._body -= 1
        self.live = live
        made = {i for step in self.steps[before:] for i in step.results}
        self.within.update((i, word) for i in made if i not in self.within)
        opened = [i for i in opened if i in made]
        return self._step(
            equation, word, internals.applied(equation), operands, within, op=kind, opened=opened
        )

    def _cond(self, equation: Any, operands: Sequence[int], frame: int | None) -> list[int]:
        index = self.values[operands[0]]
        count = internals.branches(equation)
        word = f"cond: {_branch(int(index), count)}"
        within = self._frame("cond", "cond", frame)
        inner, constants = internals.branch(equation, index)
        results = self.run(inner, constants, operands[1:], within)
        return self._step(
            equation, word, lambda _, *xs: xs, [operands[0], *results], within, op="cond"
        )

    def _scan(self, equation: Any, operands: Sequence[int], frame: int | None) -> list[int]:
        loop = internals.loop(equation)
        count = len(loop.passes)
        within = self._frame(f"scan of {count} pass{'' if count == 1 else 'es'}", "scan", frame)
        fixed = operands[: loop.constants]
        carried = list(operands[loop.constants : loop.constants + loop.carried])
        sequences = operands[loop.constants + loop.carried :]
        rows: list[list[int]] = [[] for _ in equation.outvars[loop.carried :]]
        for at in loop.passes:
            inside = self._frame(f"pass {at}", "pass", within)
            items = [self._item(equation, xs, at, inside) for xs in sequences]
            inner, constants = loop.body
            results = self.run(inner, constants, [*fixed, *carried, *items], inside)
            carried = results[: loop.carried]
            for row, number in zip(rows, results[loop.carried :], strict=True):
                row.append(number)
        if loop.passes.step < 0:
            rows = [row[::-1] for row in rows]
        shapes = [atom.aval for atom in equation.outvars[loop.carried :]]
        stacked = [
            self._stack(equation, row, shape, within)
            for row, shape in zip(rows, shapes, strict=True)
        ]
        return carried + stacked

    def _item(self, equation: Any, sequence: int, at: int, frame: int | None) -> int:
        def item(xs: Any) -> list[Any]:
            return [xs[at]]

        if sequence not in self.variable:
            return self.add(self.values[sequence][at])
        return self._step(equation, f"[{at}]", item, [sequence], frame, op="item")[0]

    def _stack(self, equation: Any, row: Sequence[int], shape: Any, frame: int | None) -> int:
        if not self.variable.intersection(row):
            values = [self.values[i] for i in row]
            return self.add(jnp.stack(values) if row else jnp.zeros(shape.shape, shape.dtype))
        return self._step(equation, "stack", _stacked, row, frame, op="stack")[0]

    def _step(
        self,
        equation: Any,
        word: str,
        apply: Callable[..., Sequence[Any]],
        operands: Sequence[int],
        frame: int | None,
        *,
        op: str | None = None,
        opened: Sequence[int] = (),
    ) -> list[int]:
        values = list(apply(*(self.values[i] for i in operands)))
        results = [self.add(value) for value in values]
        name = op or op_of(equation)
        self.variable.update(results)
        if self.live.intersection(operands) and name not in internals.NO_TANGENT:
            self.live.update(i for i in results if internals.has_tangent(self.values[i]))
        if results:
            self.steps.append(
                Step(
                    name,
                    word,
                    apply,
                    tuple(operands),
                    tuple(results),
                    frame,
                    self._line or _shown(internals.places(equation)),
                    tuple(opened),
                )
            )
        return results

    def is_library(self, frame: int | None) -> bool:
        """Tell whether a frame is a function of JAX's, or lies in one."""
        while frame is not None and self.frames[frame].kind != LIBRARY:
            frame = self.frames[frame].parent
        return frame is not None

    def _frame(self, name: str, kind: str, parent: int | None) -> int:
        self.frames.append(Frame(name, kind, parent))
        return len(self.frames) - 1


class Nesting:
    """The frames of named scopes in a program: the same one as long as equations are in it."""

    def __init__(self, program: Program, frame: int | None) -> None:
        self.program, self.outer = program, frame
        self.open: list[tuple[internals.Scope, int]] = []
        self.known = program.is_library(frame)

    def frame(self, scopes: Sequence[internals.Scope]) -> int | None:
        """Return the frame of an equation in these scopes; a function of JAX's hides its own."""
        if self.known:
            scopes = [scope for scope in scopes if scope.kind != LIBRARY]
        same = 0
        while same < min(len(scopes), len(self.open)) and self.open[same][0] == scopes[same]:
            same += 1
        del self.open[same:]
        for scope in scopes[same:]:
            parent = self.open[-1][1] if self.open else self.outer
            self.open.append((scope, self.program._frame(scope.name, scope.kind, parent)))
        return self.open[-1][1] if self.open else self.outer


def _stacked(*rows: Any) -> list[Any]:
    return [jnp.stack(rows)]


def _branch(index: int, count: int) -> str:
    if count == 2:
        return "true branch" if index else "false branch"
    return f"branch {min(max(index, 0), count - 1)} of {count}"


def _same_type(equation: Any) -> bool:
    (x, *_), (y, *_) = equation.invars, equation.outvars
    return bool(x.aval.dtype == y.aval.dtype and x.aval.shape == y.aval.shape)


def _is_where(equation: Any) -> bool:
    return len(equation.invars) == 3 and str(equation.invars[0].aval.dtype) == "bool"


def _place(places: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    return next((place for place in places if is_users(place[0])), None)


def _shown(places: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    found = _place(places)
    return (short_path(found[0]), found[1]) if found else None
