"""Differences between two graphs, as data; `dzviz.comparison.report` finds it."""

from __future__ import annotations

from typing import Any

import numpy as np

from dzviz.comparison.matching import Matching
from dzviz.comparison.regions import Place
from dzviz.comparison.tolerance import Tolerance, Unequal
from dzviz.graph.model import Value, VariableNode
from dzviz.graph.ranges import Range
from dzviz.options import ENGLISH
from dzviz.records import NamedTuple
from dzviz.text.labels import gradient_of
from dzviz.text.languages import say
from dzviz.text.numbers import number, span


class Difference(NamedTuple):
    """One difference: its kind, where it is, and what stands there in either graph.

    The kinds are those of ``dzviz/formats/diff.schema.json``, which describes them.
    Of an array ``element`` is the one that differs most, and how many more do. ``a`` and ``b`` are
    the ids of nodes of either graph, of a share those of its operand and its Function. ``texts``
    are for people, ``values`` the numbers of the element that differs most.
    """

    kind: str
    where: str
    texts: tuple[str, str]
    a: tuple[str, ...] = ()
    b: tuple[str, ...] = ()
    place: Place = (0.0, 0, 0)
    values: tuple[Any, Any] | None = None
    element: str = ""

    @property
    def backward(self) -> bool:
        """Whether it is of the backward pass."""
        return self.kind in ("gradient", "share")


class Counts(NamedTuple):
    """How many were compared, how many of them differ, and of how many one is not known."""

    compared: int = 0
    unequal: int = 0
    unknown: int = 0


class Report(NamedTuple):
    """The comparison of two graphs; ``remarks`` are reported but do not count as differences.

    ``lang`` is what its texts are said in.
    """

    differences: tuple[Difference, ...]
    remarks: tuple[Difference, ...]
    values: Counts
    gradients: Counts
    shares: Counts
    tolerance: Tolerance
    matching: Matching
    notes: tuple[str, ...] = ()
    lang: str = ENGLISH

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def settings_differ(label: str, other: str) -> bool:
    """Whether what stands behind the op in its label differs, such as an axis."""
    if label.startswith("[") and other.startswith("["):
        return label != other
    word, _, rest = label.partition(" ")
    same, _, more = other.partition(" ")
    return word == same and rest != more


UNKNOWN = "unknown"
"""What a gradient is that is not told."""


def gradient_state(node: VariableNode) -> str:
    """Say why a value has no gradient; ``UNKNOWN`` where it has one that is not told."""
    if gradient_of(node) is not None:
        return ""
    return {"none": "None", "constant": "constant"}.get(node.grad_state, UNKNOWN)


def is_unknown(value: Value | None) -> bool:
    """Whether nothing is known about a value."""
    if isinstance(value, Range):
        return value.low is None and not value.kind
    return value is None


def shaped(value: Value) -> Value:
    """Return what has the shape of a value."""
    return np.empty(value.shape) if isinstance(value, Range) else value


def briefly(value: Value, lang: str = ENGLISH) -> str:
    """Write a value in short: of an array its shape and its largest element."""
    if isinstance(value, Range):
        return span(value, 4)
    array = np.asarray(value)
    if not array.ndim:
        return number(array[()])
    most = number(_most(array))
    return say(lang, "{shape}, largest {value}", shape=str(array.shape), value=most)


def _most(array: Any) -> Any:
    return array.flat[int(np.argmax(np.abs(array)))]


def difference_of(
    kind: str, where: str, found: Unequal, lang: str = ENGLISH, **ids: Any
) -> Difference:
    """Tell the element that differs most, with as many digits as it takes to see it."""
    element = f"[{', '.join(map(str, found.place))}]" if found.place else ""
    if found.bad > 1:
        element = say(lang, "{name} and {count} more", name=element, count=found.bad - 1)
    if isinstance(found.a, Range):
        texts = span(found.a, 4), span(found.b, 4)
        return Difference(kind, where, texts, **ids)
    for digits in range(4, 18):
        texts = number(found.a, digits), number(found.b, digits)
        if texts[0] != texts[1]:
            break
    return Difference(kind, where, texts, values=(found.a, found.b), element=element, **ids)
