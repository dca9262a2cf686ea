"""Tensors as a graph keeps them: small ones copied, of large ones the range, of some the shape.

Nothing of a tensor is changed, and no graph of autograd grows by the look at it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from dzviz.graph.ranges import SAMPLED, Range
from dzviz.records import NamedTuple

MOST = 4096
"""Tensors with more elements are described by their range."""


ROUNDING = {"float64": 1e-12, "float16": 2e-2, "bfloat16": 6e-2}
"""How far sums of numbers of these types may be off, of the size of their terms; those of all
others as sums of float32."""


class Contents(NamedTuple):
    """What is kept of a tensor: its value, shape and dtype.

    Behind the dtype stands why the value is not known: ``float32 sparse_coo``.
    """

    value: Any
    shape: tuple[int, ...]
    dtype: str

    @property
    def is_real(self) -> bool:
        """Whether it could have a gradient."""
        return self.dtype.startswith(("float", "bfloat", "complex"))


def contents(tensor: torch.Tensor, most: int = MOST) -> Contents:
    """Take down a tensor as it is now."""
    shape = shape_of(tensor)
    dtype = str(tensor.dtype).removeprefix("torch.")
    why = opaque(tensor)
    if why is not None:
        word = dtype if why == "complex" else f"{dtype} {why}"
        return Contents(Range(1, shape, None, None), shape, word)
    return Contents(value_of(tensor, most), shape, dtype)


def shape_of(tensor: torch.Tensor) -> tuple[int, ...]:
    """Return the shape of a tensor; none of one whose parts have several."""
    if tensor.is_nested:
        return ()
    return tuple(tensor.shape)


def opaque(tensor: torch.Tensor) -> str | None:
    """Say why no number of a tensor can be shown; None if all can."""
    if is_wrapped(tensor):
        return "within vmap or a transform"
    if tensor.is_meta:
        return "meta"
    if tensor.is_quantized:
        return "quantised"
    if tensor.is_nested:
        return "nested"
    if tensor.layout is not torch.strided:
        return str(tensor.layout).removeprefix("torch.")
    if tensor.is_complex():
        return "complex"
    if not torch._C._has_storage(tensor) or torch._is_functional_tensor(tensor):
        return "without memory of its own"
    return None


def is_wrapped(tensor: torch.Tensor) -> bool:
    """Whether it stands for others within `torch.vmap` or `torch.func`, and has no memory."""
    return bool(torch._C._functorch.is_functorch_wrapped_tensor(tensor))


def value_of(tensor: torch.Tensor | None, most: int = MOST) -> Any:
    """Copy a tensor to a NumPy scalar or an array that cannot be written, or to its range."""
    if tensor is None:
        return None
    if opaque(tensor) is not None:
        return Range(1, shape_of(tensor), None, None)
    flat = tensor.detach()
    if flat.numel() > most:
        return _range(flat)
    if flat.dtype.itemsize < 4 and flat.is_floating_point() and flat.dtype is not torch.float16:
        flat = flat.float()  # NumPy has no bfloat16
    array = flat.cpu().resolve_neg().numpy().copy()
    array.setflags(write=False)
    return array if array.ndim else array[()]


def _range(flat: torch.Tensor) -> Range:
    """Say between which numbers the elements of a large tensor are."""
    shape = tuple(flat.shape)
    sample = _sample(flat)
    if flat.dtype is torch.bool:
        flat = flat.to(torch.uint8)
    low, high = (end.item() for end in torch.aminmax(flat))
    if math.isfinite(low) and math.isfinite(high):
        norm = None
        if flat.is_floating_point():
            norm = _number(torch.linalg.vector_norm(flat, dtype=torch.float64).item())
        return Range(1, shape, _number(low), _number(high), norm=norm, sample=sample)
    sound = flat[torch.isfinite(flat)]
    nans, infs, minus = (int(f(flat).sum()) for f in (torch.isnan, torch.isposinf, torch.isneginf))
    if not sound.numel():
        return Range(1, shape, None, None, nans, infs, minus, sample=sample)
    low, high = (end.item() for end in torch.aminmax(sound))
    ends = _number(low), _number(high)
    return Range(1, shape, *ends, nans, infs, minus, sample=sample)


def _sample(flat: torch.Tensor) -> tuple[Any, ...]:
    """Copy the first elements and the last ones of a large tensor, however it lies in memory."""
    import numpy as np

    if flat.numel() < 2 * SAMPLED:
        return ()
    places = [*range(SAMPLED), *range(flat.numel() - SAMPLED, flat.numel())]
    indices = np.unravel_index(places, tuple(flat.shape))
    found = flat[tuple(torch.from_numpy(each) for each in indices)]
    return tuple(value_of(found))


def _number(value: float) -> Any:
    import numpy as np

    return np.float64(value)


def adds_up(parts: Sequence[Any], total: Any, dtypes: Sequence[str]) -> bool:
    """Whether parts add up to a total, as well as numbers of these types can tell."""
    import numpy as np

    with np.errstate(all="ignore"):
        found = sum(parts[1:], parts[0])
        size = sum((abs(each) for each in parts[1:]), abs(parts[0]))
        near = abs(found - total) <= max(ROUNDING.get(each, 1e-4) for each in dtypes) * size
    return bool(np.all(near | ~np.isfinite(np.asarray(found, float))))


def is_nil(value: Any) -> bool:
    """Whether all elements of a value are 0."""
    import numpy as np

    if isinstance(value, Range):
        return value.low == value.high == 0 and not value.kind
    return not np.any(value)


def is_alike(a: Any, b: Any) -> bool:
    """Whether two values are equal; ranges as far as they can tell, and what is unknown always."""
    import numpy as np

    if a is None or b is None:
        return True
    if not isinstance(a, Range) or not isinstance(b, Range):
        return type(a) is type(b) and bool(np.array_equal(a, b, equal_nan=True))
    if a.norm is not None and b.norm is not None and not math.isclose(a.norm, b.norm, rel_tol=1e-9):
        return False
    same = ((a.low, b.low), (a.high, b.high), *zip(a.sample, b.sample, strict=False))
    counts = a.nans == b.nans and a.infs == b.infs and a.minus_infs == b.minus_infs
    return counts and all(x == y or (x != x and y != y) for x, y in same)


def tensors_in(thing: Any) -> list[torch.Tensor]:
    """Find the tensors in nested lists, tuples and dictionaries, in their order."""
    if isinstance(thing, torch.Tensor):
        return [thing]
    found: list[torch.Tensor] = []
    stack = [thing]
    while stack:
        each = stack.pop()
        if isinstance(each, torch.Tensor):
            found.append(each)
        elif isinstance(each, list | tuple):
            stack += reversed(each)
        elif isinstance(each, dict):
            stack += reversed(list(each.values()))
    return found
