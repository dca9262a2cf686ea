"""Tuples whose items have names, quick to define: they compile nothing before many are made.

A `typing.NamedTuple` compiles its constructor and the type of each field when it is defined. For 57
classes that was a fifth of what the command for sin(x) took beside NumPy and click. These do the
same in all else. They know no class of ours.
"""

from __future__ import annotations

from operator import itemgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from inspect import Signature
    from typing import Any, Self
    from typing import NamedTuple as NamedTuple


FEW = 10
"""So many of a class are made before it is worth to compile its constructor."""


def signature(facts: Iterable[tuple[str, Any, dict[str, Any], bool]]) -> Signature:
    """Return what a class is called with; a fact is a name, a type, a default, and if by name."""
    from inspect import Parameter, Signature

    kinds = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    parameters = [
        Parameter(name, kinds[by_name], annotation=kind, **default)
        for name, kind, default, by_name in facts
    ]
    return Signature(sorted(parameters, key=lambda parameter: parameter.kind))


if not TYPE_CHECKING:

    class _Definition(type):
        """Makes a class with a NamedTuple's fields of one that is written so."""

        def __new__(kind, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(kind, name, bases, body)
            names = tuple(body.get("__annotations__", ()))
            defaults = {name: body[name] for name in names if name in body}
            if tuple(defaults) != names[len(names) - len(defaults) :]:
                raise TypeError(f"in {name}, a field without a default follows one that has one")
            getters = {field: property(itemgetter(place)) for place, field in enumerate(names)}
            facts = {
                "_fields": names,
                "_field_defaults": defaults,
                "__match_args__": names,
                "_made": 0,
            }
            return type(name, (_Tuple,), {**body, **getters, **facts, "__slots__": ()})

    class _Signature:
        """What a class is called with, for those who ask."""

        def __get__(self, _: object, kind: Any) -> Signature:
            given = {name: {"default": value} for name, value in kind._field_defaults.items()}
            types = kind.__annotations__
            return signature((n, types[n], given.get(n, {}), False) for n in kind._fields)

    class _Tuple(tuple):
        """What all of them can do; `collections.namedtuple` gives each its own."""

        __slots__ = ()
        __signature__ = _Signature()

        def __new__(cls, /, *values: Any, **named: Any) -> Self:
            # Only for the first few. It then compiles what makes the others, four times as fast,
            # which takes as long as 20 of these; that also knows what to say of what is wrong.
            fields, defaults = cls._fields, cls._field_defaults
            cls._made += 1
            given = {**defaults, **dict(zip(fields, values, strict=False)), **named}
            right = len(values) <= len(fields) and given.keys() == {*fields}
            if right and cls._made <= FEW and named.keys().isdisjoint(fields[: len(values)]):
                return tuple.__new__(cls, map(given.__getitem__, fields))
            cls._compile()
            return cls.__new__(cls, *values, **named)

        @classmethod
        def _compile(cls) -> None:
            """Compile what makes all others."""
            names = ", ".join(cls._fields)
            source = f"lambda _cls, {names}: _new(_cls, ({names},))"
            made = eval(source, {"_new": tuple.__new__, "__builtins__": {}})
            made.__defaults__ = tuple(cls._field_defaults.values())
            made.__name__, made.__qualname__ = "__new__", f"{cls.__name__}.__new__"
            cls.__new__ = staticmethod(made)

        @classmethod
        def _make(cls, values: Iterable[Any]) -> Self:
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **named: Any) -> Self:
            made = self._make(map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"Got unexpected field names: {list(named)!r}")
            return made

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            values = zip(self._fields, self, strict=True)
            return f"{type(self).__name__}({', '.join(f'{name}={v!r}' for name, v in values)})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

    class NamedTuple(metaclass=_Definition):
        """`typing.NamedTuple`; its constructor is compiled when a few were made."""
