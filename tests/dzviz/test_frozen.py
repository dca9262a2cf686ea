"""Frozen classes do what ``dataclass(frozen=True)`` does."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any, ClassVar

import pytest

from dzviz.frozen import frozen
from dzviz.options import Layout, Look, Passes, View


def make(base: Any, more: Any) -> tuple[Any, Any]:
    @base
    class Base:
        """A base."""

        heading: ClassVar = "a heading"
        order: int = 0
        wrt: str | None = field(default=None, metadata={"help": "by what"})

        def __post_init__(self) -> None:
            if self.order < 0:
                raise ValueError("less than none")

    @more
    class More(Base):
        """More than that."""

        subject: str
        names: tuple[str, ...] = ()

    return Base, More


PAIRS = [
    (
        make(frozen(kw_only=True), frozen(slots=slots)),
        make(dataclass(frozen=True, kw_only=True), dataclass(frozen=True, slots=slots)),
    )
    for slots in (False, True)
]


def outcome(act: Any, kinds: Any) -> Any:
    try:
        return act(*kinds)
    except FrozenInstanceError as error:
        return FrozenInstanceError, str(error)
    except (TypeError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(
    "act",
    [
        lambda base, more: repr(more("x", ("y",), order=2)),
        lambda base, more: repr(more(subject="x")),
        lambda base, more: repr(base()),
        lambda base, more: base(1),
        lambda base, more: base(order=-1),
        lambda base, more: more(),
        lambda base, more: more("x", subject="y"),
        lambda base, more: more("x", (), 1),
        lambda base, more: more("x", colour="red"),
        lambda base, more: (more("x") == more("x"), more("x") == more("y"), base() == more("x")),
        lambda base, more: hash(more("x", order=3)) == hash(more("x", (), order=3)),
        lambda base, more: len({base(), base(order=0), base(order=1)}),
        lambda base, more: setattr(more("x"), "subject", "y"),
        lambda base, more: delattr(more("x"), "subject"),
        lambda base, more: repr(replace(more("x"), order=4)),
        lambda base, more: replace(more("x"), colour=4),
        lambda base, more: [(f.name, f.default, f.kw_only, f.type) for f in fields(more)],
        lambda base, more: repr(copy.deepcopy(more("x", ("y", "z")))),
        lambda base, more: more.__match_args__,
        lambda base, more: inspect.signature(more),
        lambda base, more: inspect.signature(base),
        lambda base, more: (more.heading, more.__doc__, more.__qualname__),
    ],
)
def test_what_they_do(act, pair):
    ours, theirs = pair
    assert outcome(act, ours) == outcome(act, theirs)


@pytest.mark.parametrize("kind", [Look, View, Layout, Passes])
def test_options_are_pickled(kind):
    (option, *_) = fields(kind)
    changed = replace(kind(), **{option.name: option.default})
    assert pickle.loads(pickle.dumps(changed)) == changed == kind()


def test_a_mistake_is_told_in_pythons_words():
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'colour'"):
        Look(colour="red")
