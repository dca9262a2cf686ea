"""Events: what happened while a graph was computed and its gradients flowed, as frozen data.

They name nodes by their ids and hold values that cannot be written. `dzviz.sources.passes` takes
them down from what was recorded. Nothing here draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from dzviz.graph.terms import Term

Value = Any  # a NumPy scalar or a read-only ndarray


class EventKind(NamedTuple):
    """What ``happens``, which fields of an event it ``needs``, and how it is told and shown.

    Its ``sentence`` has fields: the names of the ``{function}`` and the ``{variable}``, the
    ``{value}``, the pass as ``{turn}``, ``{what}`` was computed and ``{how}``, the ``{number}`` of
    the generation, and the shares that came as ``{parts}``. It lights up where it happens; what
    else it ``changes`` in a film is a method of `dzviz.graph.states.State`. What is no ``step`` of
    a film goes with what was before; of a long film only what ``begins`` one.
    """

    happens: str
    needs: tuple[str, ...]
    sentence: str
    changes: str = ""
    step: bool = True
    begins: bool = False


KINDS: dict[str, EventKind] = {
    "forward": EventKind(
        "a Function computes a Variable",
        ("function", "variable", "value"),
        "{turn}: {what} is {value}.",
        "compute",
        begins=True,
    ),
    "seed": EventKind(
        "a backward pass starts from an output",
        ("variable", "value"),
        "{turn} starts: {variable} gets seed {value}.",
        "start",
        begins=True,
    ),
    "pop": EventKind(
        "the next Function is taken from the queue",
        ("function",),
        "Taken from the queue: {function}, generation {number}.",
        "take_next",
        begins=True,
    ),
    "rule": EventKind(
        "a Function sends a share back to one of its operands",
        ("function", "variable", "arg", "value"),
        "{function} sends back to {variable}: {how}.",
        "send",
    ),
    "sum": EventKind(
        "shares that arrived on several paths are added up",
        ("variable", "value"),
        "{variable} adds up its shares: {parts} = {value}.",
        "add",
    ),
    "set": EventKind(
        "an engine sets a gradient to something other than the sum of the shares",
        ("variable", "value"),
        "{variable} now has {value}, not the sum of its shares ({parts}).",
        "arrive",
    ),
    "keep": EventKind(
        "a Variable keeps its gradient",
        ("variable", "value"),
        "{variable} keeps its gradient {value}.",
        "keep",
        step=False,
    ),
    "release": EventKind(
        "a Variable's gradient is released, since only the rule of its creator needed it",
        ("variable", "value"),
        "{variable} releases its gradient: grad None (was {value}).",
        "release",
    ),
}
"""Every kind of event."""


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


class Events(Sequence[Event]):
    """Events that there are, and that are made when somebody asks for one of them.

    A picture in which what repeats is folded tells none.
    """

    def __init__(self, make: Callable[[], Iterable[Event]]) -> None:
        self._make = make

    @cached_property
    def all(self) -> tuple[Event, ...]:
        """All of them."""
        return tuple(self._make())

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self.all)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Event, ...]: ...
    def __getitem__(self, index: Any) -> Any:
        return self.all[index]

    def __iter__(self) -> Iterator[Event]:
        return iter(self.all)

    def __reduce__(self) -> Any:
        """Pickle and copy the events themselves: what makes them knows the user's objects."""
        return tuple, (self.all,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self.all == tuple(other)

    def __repr__(self) -> str:
        return repr(self.all)

    __hash__ = None  # type: ignore[assignment]
