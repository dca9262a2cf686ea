"""Records do what `typing.NamedTuple` does."""

from __future__ import annotations

import copy
import inspect
import pickle
import typing
from typing import Any

import pytest

from dzviz import records


def make(base: Any) -> Any:
    class Edge(base):
        """An edge."""

        source: str
        target: str
        index: int | None = None
        label: str = "a"

        @property
        def ends(self) -> tuple[str, str]:
            return (self.source, self.target)

        def __str__(self) -> str:
            return f"{self.source} -> {self.target}"

    return Edge


Ours, Theirs = make(records.NamedTuple), make(typing.NamedTuple)


class Named(records.NamedTuple):
    """One that pickle finds."""

    name: str
    number: int = 0


def both(act: Any) -> Any:
    """Do the same with both; return what came of it, which is the same."""
    results = []
    for kind in (Ours, Theirs):
        try:
            results.append(act(kind))
        except (TypeError, ValueError, AttributeError) as error:
            results.append((type(error), str(error)))
    assert results[0] == results[1]
    return results[0]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("x", "y"), {}),
        (("x", "y", 3, "b"), {}),
        (("x",), {"target": "y"}),
        ((), {"target": "y", "source": "x", "label": "c"}),
        ((), {}),
        (("x",), {}),
        (("x", "y", 3, "b", 5), {}),
        (("x", "y"), {"target": "z"}),
        (("x", "y"), {"colour": "red"}),
        (("x",), {"cls": "y", "_cls": "z"}),
    ],
)
def test_what_they_are_made_of(values, named):
    fresh = [make(records.NamedTuple), make(typing.NamedTuple)]
    results = []
    for kind in fresh:  # the first and the last are made in different ways
        for _ in range(records.FEW + 2):
            try:
                results.append(tuple(kind(*values, **named)))
            except TypeError as error:
                results.append(str(error).replace("make.<locals>.", ""))
    assert len(set(results)) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda kind: repr(kind("x", "y", 2)),
        lambda kind: str(kind("x", "y")),
        lambda kind: kind("x", "y").ends,
        lambda kind: kind("x", "y").label,
        lambda kind: (kind("x", "y")._replace(index=4), kind("x", "y")._asdict()),
        lambda kind: kind("x", "y")._replace(colour="red"),
        lambda kind: kind._make("abcd"),
        lambda kind: (kind._fields, kind._field_defaults, kind.__match_args__, kind.__slots__),
        lambda kind: (kind.__name__, kind.__doc__, kind.__module__, kind.__qualname__),
        lambda kind: (hash(kind("x", "y")), kind("x", "y") == ("x", "y", None, "a")),
        lambda kind: kind("x", "y") < kind("x", "z"),
        lambda kind: copy.deepcopy(kind("x", ["y"])),
        lambda kind: hasattr(kind("x", "y"), "__dict__"),
        lambda kind: isinstance(kind("x", "y"), kind) and issubclass(kind, tuple),
        lambda kind: list(inspect.signature(kind).parameters),
        lambda kind: [p.default for p in inspect.signature(kind).parameters.values()],
    ],
)
def test_what_they_do(act):
    both(act)


def test_what_they_refuse():
    with pytest.raises(TypeError, match="Expected 4 arguments, got 2"):
        Ours._make("ab")
    for act in (lambda e: setattr(e, "source", "z"), lambda e: setattr(e, "colour", "z")):
        with pytest.raises(AttributeError):
            act(Ours("x", "y"))
    with pytest.raises(TypeError, match="without a default"):

        class Wrong(records.NamedTuple):
            a: int = 0
            b: int


def test_they_are_matched_and_pickled():
    match Ours("x", "y", 7):
        case Ours(source, _, index=index):
            assert (source, index) == ("x", 7)
    again = pickle.loads(pickle.dumps(Named("a", 2)))
    assert type(again) is Named
    assert again == Named("a", 2)
