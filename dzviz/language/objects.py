"""Numbers out of JSON and TOML: nested lists, or the part of an object that a key names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dzviz.language.contents import MAX_DIMENSIONS, Unusable, check_size, listed, short, text_of
from dzviz.language.limits import MAX_ELEMENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_LISTS: Final = 2 * MAX_ELEMENTS + MAX_DIMENSIONS
"""The largest number of brackets in a .json: each becomes a list, which takes 80 bytes."""


def read_json(contents: bytes, key: str | None) -> NDArray[np.floating[Any]]:
    """Return the numbers of a .json."""
    return _array_of(parse_json(contents), key)


def parse_json(contents: bytes) -> Any:
    """Parse JSON, whose whole numbers become floats."""
    text = text_of(contents)
    # An array of n numbers holds n - 1 commas however it is nested.
    check_size(text.count(",") + 1, "it has")
    if text.count("[") + text.count("{") > MAX_LISTS:
        raise Unusable(f"it has more than {MAX_LISTS} lists")
    try:
        return json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Unusable(f"it is not JSON ({place}: {error.msg})") from None
    except RecursionError:
        raise Unusable(f"its lists are nested more than {MAX_DIMENSIONS} deep") from None


def read_toml(contents: bytes, key: str | None) -> NDArray[np.floating[Any]]:
    """Return the numbers of a .toml."""
    return _array_of(parse_toml(contents), key)


def parse_toml(contents: bytes) -> Any:
    """Parse TOML."""
    import tomllib

    text = text_of(contents)
    check_size(text.count(",") + 1, "it has")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Unusable(f"it is not TOML ({error})") from None


def _array_of(value: Any, key: str | None) -> NDArray[np.floating[Any]]:
    """Return the array at a key of an object, or the whole."""
    if key is not None:
        value = _member_of(value, key)
    if isinstance(value, dict):
        names = listed(value) or "nothing"
        part = f"{key}." * (key is not None) + next(iter(value), "x")
        hint = f"name one of its parts, as in @FILE:{part}"
        raise Unusable(f"it contains {names}", hint)
    _shape(value, ())
    return np.array(value, dtype=np.float64)


def _member_of(value: Any, key: str) -> Any:
    """Follow a key, and one of several parts with dots between them, into objects."""
    if isinstance(value, dict) and key in value:
        return value[key]
    for part in key.split("."):
        if not isinstance(value, dict):
            raise Unusable(f"it has no named parts, such as '{short(part)}'")
        if part not in value:
            raise Unusable(f"it contains {listed(value) or 'nothing'}, but no '{short(part)}'")
        value = value[part]
    return value


def _shape(value: Any, place: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of nested lists, all of whose parts must have one shape."""
    if isinstance(value, (float, int)):
        return ()
    if not isinstance(value, list):
        kinds = {str: "text", dict: "an object", type(None): "null"}
        at = f" (at {_index(place)})" if place else ""
        raise Unusable(f"{kinds.get(type(value), 'a date')} is not a number{at}")
    if len(place) == MAX_DIMENSIONS:
        raise Unusable(f"its lists are nested more than {MAX_DIMENSIONS} deep")
    shape: tuple[int, ...] = ()
    for number, item in enumerate(value):
        item_shape = _shape(item, (*place, number))
        if number and item_shape != shape:
            here, start = _index((*place, number)), _index((*place, 0))
            raise Unusable(f"{here} has the shape {item_shape}, but {start} has {shape}")
        shape = item_shape
    return len(value), *shape


def _index(place: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in place)
