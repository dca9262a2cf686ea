"""What a function returned as a flat list of outputs, each with its name.

It knows no engine: who asks says what a Variable is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from dzviz.records import NamedTuple
from dzviz.text.phrases import listed

MOST_DEEP = 20
"""Structures in structures beyond this are none that a person reads."""


class Outputs(NamedTuple):
    """The Variables that were returned; ``names`` has those that the structure gives.

    ``others`` are the places of what is none. A structure in which none is is ``wrong``.
    """

    variables: list[Any]
    names: list[str | None]
    others: list[str]
    wrong: bool


def outputs_in(result: Any, is_variable: Callable[[Any], bool]) -> Outputs:
    """Find the Variables in a result: a dict, list, tuple or dataclass of them, or in one another.

    A key or a field is a name, and what lies deeper has all on the way there: ``aux.mean``,
    ``aux[0]``; it counts once. What stands in a mere list or tuple has none.
    """
    flat = type(result) in (list, tuple) and not any(map(_is_structure, result))
    found: list[tuple[Any, str | None]] = []
    others = []
    seen = set()
    for path, value in _leaves(result, "", 0):
        if not is_variable(value):
            others.append(path or "out")
        elif flat or id(value) not in seen:
            seen.add(id(value))
            found.append((value, None if flat else path or None))
    values, names = [value for value, _ in found], [name for _, name in found]
    return Outputs(values, names, others, wrong=not found)


def leaves(result: Any) -> list[Any]:
    """Return all that is no structure in a result."""
    return [value for _, value in _leaves(result, "", 0)]


def left_out(others: list[str]) -> str:
    """Say that these are not drawn."""
    names = listed([f"'{name}'" for name in others], ", ")
    what = "is not a Variable" if len(others) == 1 else "are not Variables"
    return f"{names} of what it returned {what}, and not drawn"


def _is_structure(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple) or (
        is_dataclass(value) and not isinstance(value, type)
    )


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if not _is_structure(value) or depth > MOST_DEEP:
        yield path, value
        return
    for key, part in _parts(value):
        yield from _leaves(part, name_within(path, key), depth + 1)


def name_within(path: str, key: Any) -> str:
    """Name a part of a structure by where the structure is, and its key, field or number."""
    if isinstance(key, int):
        return f"{path or 'out'}[{key}]"
    return f"{path}.{key}" if path else str(key)


def _parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """Return the parts of a structure, each with its key, its field or its number."""
    if isinstance(value, Mapping):
        return iter(
            [(key if isinstance(key, int) else str(key), part) for key, part in value.items()]
        )
    if isinstance(value, list | tuple):
        names = getattr(value, "_fields", None)
        return iter(list(zip(names, value, strict=False)) if names else list(enumerate(value)))
    return iter([(field.name, getattr(value, field.name)) for field in fields(value)])
