"""The names of a JAX function's inputs: leaves of its arguments, and captured arrays."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import jax
import numpy as np

from dzviz.language.user_code import code_is_ours
from dzviz.records import NamedTuple

DEPTH = 4
"""Captured arrays are searched this many functions deep."""


class Leaf(NamedTuple):
    """A value among arguments, by its name; one that is not ``traced`` stays as it is."""

    name: str
    value: Any
    traced: bool


def is_array(value: object) -> bool:
    """Tell whether a value is traced: an array, or a number that has a derivative."""
    if isinstance(value, bool | int | complex):
        return False
    return isinstance(value, float | jax.Array | np.ndarray | np.generic)


def leaves_of(name: str, value: Any) -> tuple[list[Leaf], Any]:
    """Return the leaves of an argument, ``params['w']``, and how it is put together again."""
    found, tree = jax.tree_util.tree_flatten_with_path(value)
    return [
        Leaf(f"{name}{jax.tree_util.keystr(path)}", leaf, is_array(leaf)) for path, leaf in found
    ], tree


class Captured:
    """Arrays that a function takes from outside, by the names that its code has for them."""

    def __init__(
        self, f: Callable[..., Any], named: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self.arrays: dict[int, tuple[str, Any]] = {}
        self._seen: set[int] = set()
        for name, value in named.items():
            self._put(name, value, DEPTH)
        self._search(f, 0)

    def name(self, value: Any) -> str | None:
        """Return the name of an array that was captured; None for any other."""
        if id(value) in self.arrays:
            return self.arrays[id(value)][0]
        if not isinstance(value, np.ndarray | jax.Array):
            return None
        # NumPy's arrays, and those of another precision, were copied on their way in.
        alike = [
            name
            for name, array in self.arrays.values()
            if isinstance(array, np.ndarray) and _same(array, value)
        ]
        return alike[0] if len(alike) == 1 else None

    def _search(self, f: Any, depth: int) -> None:
        f = inspect.unwrap(f) if callable(f) else f
        if id(f) in self._seen or depth > DEPTH:
            return
        self._seen.add(id(f))
        if not isinstance(f, types.FunctionType | types.MethodType | type):
            call = vars(type(f)).get("__call__")
            if isinstance(call, types.FunctionType):  # an instance of the user's class
                f = types.MethodType(call, f)
        if isinstance(f, types.MethodType):
            self._put("self", f.__self__, depth)
            f = f.__func__
        inner = getattr(f, "func", None)
        if callable(inner) and hasattr(f, "keywords"):  # functools.partial
            self._search(inner, depth)
        if not isinstance(f, types.FunctionType) or code_is_ours(f.__code__.co_filename):
            return
        for name, value in _outside(f):
            self._put(name, value, depth)

    def _put(self, name: str, value: Any, depth: int) -> None:
        if callable(value) and not isinstance(value, type):
            self._search(value, depth + 1)
        if isinstance(value, types.ModuleType):
            return
        try:
            leaves, _ = leaves_of(name, value)
        except (TypeError, ValueError):  # a tree whose keys have no order
            return
        if len(leaves) == 1 and leaves[0].value is value:
            leaves = [
                leaf
                for key, member in getattr(value, "__dict__", {}).items()
                for leaf in leaves_of(f"{name}.{key}", member)[0]
            ] or leaves
        for leaf in leaves:
            if isinstance(leaf.value, jax.Array | np.ndarray):
                self.arrays.setdefault(id(leaf.value), (leaf.name, leaf.value))


def _outside(f: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """Find what a function's code takes from around it."""
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    codes = [f.__code__]
    while codes:
        code = codes.pop()
        codes += [each for each in code.co_consts if isinstance(each, types.CodeType)]
        yield from ((n, f.__globals__[n]) for n in code.co_names if n in f.__globals__)


def _same(array: Any, constant: Any) -> bool:
    if array.shape != constant.shape:
        return False
    with np.errstate(all="ignore"):
        return np.array_equal(array.astype(constant.dtype), np.asarray(constant), equal_nan=True)
