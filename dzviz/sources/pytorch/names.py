"""The names of tensors and modules: those in their modules, or variables of a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch

from dzviz.sources.pytorch.values import tensors_in


class Names:
    """Names of tensors and modules, by their ids; what is named is kept alive.

    ``owned`` are the parameters and buffers of modules.
    """

    def __init__(self) -> None:
        self.tensors: dict[int, str] = {}
        self.modules: dict[int, str] = {}
        self.owned: set[int] = set()
        self.kept: list[Any] = []

    def add(self, name: str, thing: Any, *, prefix: bool = True) -> None:
        """Name a tensor, those in a collection, or a module with all that is in it."""
        self.kept.append(thing)
        if isinstance(thing, torch.nn.Module):
            self.module(name if prefix else "", thing)
        elif isinstance(thing, torch.Tensor):
            self.tensors.setdefault(id(thing), name)
        elif isinstance(thing, Mapping):
            for key, each in thing.items():
                if tensors_in(each) or isinstance(each, torch.nn.Module):
                    self.add(f"{name}[{key!r}]", each)
        elif isinstance(thing, list | tuple):
            for i, each in enumerate(thing):
                if tensors_in(each) or isinstance(each, torch.nn.Module):
                    self.add(f"{name}[{i}]", each)

    def module(self, name: str, module: torch.nn.Module) -> None:
        """Name a module, and all that is in it as it does."""
        dot = f"{name}." if name else ""
        for path, each in module.named_modules():
            self.modules.setdefault(id(each), f"{dot}{path}" if path else name)
        for path, tensor in (*module.named_parameters(), *module.named_buffers()):
            self.tensors.setdefault(id(tensor), f"{dot}{path}")
            self.owned.add(id(tensor))

    def of_function(self, function: Callable[..., Any]) -> None:
        """Name what a function uses of its module and of those around it."""
        for name, thing in used_by(function):
            self.add(name, thing)

    def leaves(self) -> dict[str, torch.Tensor]:
        """Return the tensors that no op made, by their names."""
        found = {}
        for thing in self.kept:
            inside = thing.parameters() if isinstance(thing, torch.nn.Module) else tensors_in(thing)
            for tensor in inside:
                if tensor.is_leaf and id(tensor) in self.tensors:
                    found[self.tensors[id(tensor)]] = tensor
        return found

    def roots(self, modules: Iterable[tuple[Any, str | None]]) -> None:
        """Name modules that were called and have no name yet: one alone needs none."""
        unnamed = [(m, name) for m, name in modules if id(m) not in self.modules]
        for module, name in unnamed:
            word = name or type(module).__name__
            taken = word in self.modules.values()
            self.add(word if not taken else f"{word}{len(self.kept)}", module,
                     prefix=len(unnamed) > 1 or bool(self.modules))  # fmt: skip
            self.modules[id(module)] = word


def used_by(function: Callable[..., Any]) -> list[tuple[str, Any]]:
    """Return the modules and tensors that a function uses by a name, from around it."""
    code = getattr(function, "__code__", None)
    if code is None:
        return []
    found: list[tuple[str, Any]] = []
    cells = zip(code.co_freevars, getattr(function, "__closure__", None) or (), strict=False)
    for name, cell in cells:
        try:
            found.append((name, cell.cell_contents))
        except ValueError:  # it has none yet
            continue
    around: Mapping[str, Any] = getattr(function, "__globals__", {})
    names = [*code.co_names]
    for constant in code.co_consts:  # functions within it
        names += getattr(constant, "co_names", ())
    found += [(name, around[name]) for name in names if name in around]
    kinds = (torch.nn.Module, torch.Tensor, list, tuple, dict)
    return [(name, thing) for name, thing in found if isinstance(thing, kinds)]
