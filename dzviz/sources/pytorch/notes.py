"""What a recording writes down: tensors, the calls that made them, and the passes that came back.

A call refers to its operands, and what it made refers to the call; nothing here refers to a tensor.
So a record lives as long as a tensor that it leads to, or the recording's last pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

from dzviz.sources.pytorch.values import Contents

Edge = tuple[Any, int]
"""A node of autograd and the number of its output, which a gradient flows into."""


@dataclass(eq=False, slots=True, weakref_slot=True)
class Seen:
    """One tensor in one version.

    ``edge`` is where its gradient flows to, None where none does or for a leaf. ``why`` says in a
    few words why there is no gradient. ``total`` is what reached it in the pass ``reached``.
    """

    number: int
    contents: Contents
    leaf: bool
    requires_grad: bool
    entry: Entry
    call: Call | None = None
    edge: Edge | None = None
    why: str | None = None
    total: Any = None
    reached: Pass | None = None


@dataclass(eq=False, slots=True, weakref_slot=True)
class Entry:
    """A tensor that is alive, as it was ``seen`` last.

    ``added`` are the passes that added to a leaf's gradient since it was None or all zeros;
    ``found`` says that it also has in it what none of them made. ``left`` is what the last pass
    made of it, None where that is not known yet. ``view`` is the op and label that made it a view,
    ``twin`` the tensor whose memory it shares without being a view: that of which it is the data.
    """

    tensor: Callable[[], Any]
    version: int = -1
    seen: Seen | None = None
    name: str | None = None
    added: list[Pass] = field(default_factory=list)
    found: bool = False
    left: Any = None
    view: tuple[str, str] | None = None
    twin: ref[Entry] | None = None
    handles: tuple[Any, ...] = ()
    hooked: int = 0


@dataclass(eq=False, slots=True, weakref_slot=True)
class Call:
    """One op: from ``operands``, with the ``edges`` that their gradients flow into.

    ``inner`` are the nodes of autograd that it made, by their ids, and ``ends`` tells which of them
    made its results. ``sent`` is what flowed to each operand in the pass ``at``. A call that is
    ``unseen`` by autograd wrote into a tensor: what flows to its result flows on as it is.
    """

    number: int
    op: str
    label: str
    operands: list[Seen]
    edges: list[Edge | None]
    scope: Scope | None = None
    source: tuple[str, int] | None = None
    inner: dict[int, Any] = field(default_factory=dict)
    ends: dict[int, list[tuple[int, ref[Seen]]]] = field(default_factory=dict)
    results: list[ref[Seen]] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    at: Pass | None = None
    partial: dict[int, Any] = field(default_factory=dict)
    unseen: bool = False


@dataclass(eq=False, slots=True)
class Scope:
    """One call of a module, or of a function that is made of ops."""

    number: int
    kind: str
    name: str
    parent: Scope | None = None
    module: Any = None


@dataclass(eq=False, slots=True, weakref_slot=True)
class Pass:
    """One backward pass: its number, where it started and from which seeds, its calls in order."""

    number: int
    roots: tuple[ref[Seen], ...] = ()
    seeds: list[Any] = field(default_factory=list)
    order: list[ref[Call]] = field(default_factory=list)
    names: tuple[str, ...] = ()
