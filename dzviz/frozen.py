"""Frozen data that is quick to define: its methods are not compiled for each class.

``dataclass(frozen=True)`` compiles six methods when it defines a class. For seven classes that was
an eighth of what the command for sin(x) took beside NumPy and click. These here do the same by
looking at the fields, which is slower for each that is made: they are for data of which there are a
few. They know no class of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, dataclass_transform

from dzviz.records import signature

if TYPE_CHECKING:
    from inspect import Signature

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(*, kw_only: bool = False, slots: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a class as ``dataclass(frozen=True)`` does, for data of which there are a few."""

    def define(cls: type[T]) -> type[T]:
        make = dataclass(init=False, repr=False, eq=False, kw_only=kw_only, slots=slots)
        made: type[T] = make(cls)
        for name, method in _METHODS.items():
            setattr(made, name, method)
        return made

    return define


def _init(self: Any, /, *values: Any, **named: Any) -> None:
    """Set the fields as given by place or name, and the others to their defaults."""
    options = {option.name: option for option in fields(self) if option.init}
    places = [name for name, option in options.items() if not option.kw_only]
    called = f"{type(self).__qualname__}.__init__()"
    if len(values) > len(places):
        raise TypeError(f"{called} takes {len(places)} positional arguments, not {len(values)}")
    given = dict(zip(places, values, strict=False))
    for name, value in named.items():
        if name in given:
            raise TypeError(f"{called} got multiple values for argument {name!r}")
        if name not in options:
            raise TypeError(f"{called} got an unexpected keyword argument {name!r}")
        given[name] = value
    for name, option in options.items():
        if name not in given and option.default is MISSING:
            raise TypeError(f"{called} missing a required argument: {name!r}")
        object.__setattr__(self, name, given.get(name, option.default))
    if hasattr(self, "__post_init__"):
        self.__post_init__()


def _state(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, option.name) for option in fields(self))


def _set_state(self: Any, state: tuple[Any, ...]) -> None:
    for option, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, option.name, value)


def _equal(self: Any, other: object) -> bool:
    return _state(self) == _state(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_state(self))


def _repr(self: Any) -> str:
    values = (f"{option.name}={getattr(self, option.name)!r}" for option in fields(self))
    return f"{type(self).__qualname__}({', '.join(values)})"


def _set(self: Any, name: str, value: Any) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delete(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


class _Signature:
    """What the class is called with, for those who ask."""

    def __get__(self, _: object, kind: type[Any]) -> Signature:
        return signature(
            (
                f.name,
                f.type,
                {} if f.default is MISSING else {"default": f.default},
                bool(f.kw_only),
            )
            for f in fields(kind)
        ).replace(return_annotation=None)


_METHODS: Mapping[str, object] = {
    "__delattr__": _delete,
    "__eq__": _equal,
    "__getstate__": _state,
    "__hash__": _hash,
    "__init__": _init,
    "__repr__": _repr,
    "__setattr__": _set,
    "__setstate__": _set_state,
    "__signature__": _Signature(),
}
"""What each class made by `frozen` gets."""
