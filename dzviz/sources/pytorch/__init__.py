"""Programs of PyTorch as graphs: tensors, modules, and functions that are computed with them.

Nothing here imports torch before something asks for it: who has tensors has imported it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from inspect import Parameter, isfunction, signature
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dzviz.errors import UsageError
from dzviz.sources import loaded

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.sources.backends import Settings


def recognises(thing: object) -> bool:
    """Whether it is a tensor, or a sequence of them."""
    torch = loaded("torch", "Tensor")
    if torch is None:
        return False
    things = list(thing) if isinstance(thing, list | tuple) else [thing]
    return bool(things) and all(isinstance(x, torch.Tensor) for x in things)


def graph(thing: Any, *, words: bool = True) -> Graph:
    """Return the graph of a tensor after the fact: what its nodes of autograd still know."""
    from dzviz.sources.pytorch.afterwards import graph_of

    return graph_of(thing)


def function_of(thing: object, settings: Settings) -> Callable[..., Any] | None:
    """Return a module, or the one that a class or a function without parameters makes.

    Random numbers are seeded before. A function that makes something else is none of ours; whether
    it does is seen when it is called, if its module uses torch.
    """
    import torch

    if isinstance(thing, torch.nn.Module):
        return thing
    made: Any = None
    if isinstance(thing, type) and issubclass(thing, torch.nn.Module):
        missing = [p.name for p in signature(thing).parameters.values() if _is_needed(p)]
        if missing:
            raise UsageError(
                f"{thing.__name__} takes {', '.join(missing)}, but dzviz calls a class without "
                "arguments",
                hint="write a function that returns the module, and name that function",
            )
        torch.manual_seed(settings.seed)
        made = thing()
    elif isfunction(thing) and not signature(thing).parameters:
        around = {getattr(value, "__name__", "").partition(".")[0] for value in _around(thing)}
        if "torch" in around:
            torch.manual_seed(settings.seed)
            made = thing()
    return made if isinstance(made, torch.nn.Module) else None


def signed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what tells the parameters of a function: of a module, its ``forward``."""
    import torch

    return function.forward if isinstance(function, torch.nn.Module) else function


def _is_needed(parameter: Parameter) -> bool:
    various = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return parameter.default is Parameter.empty and parameter.kind not in various


def _around(function: Any) -> list[Any]:
    return [value for value in function.__globals__.values() if isinstance(value, ModuleType)]


def meets(thing: object) -> bool:
    """Whether it is a tensor or a module, or an exception that mentions tensors."""
    torch = loaded("torch", "Tensor")
    if torch is None:
        return False
    if isinstance(thing, list | tuple):
        return any(map(meets, thing))
    if isinstance(thing, Mapping):
        return any(map(meets, thing.values()))
    if not isinstance(thing, BaseException):
        return isinstance(thing, torch.Tensor | torch.nn.Module)
    if isinstance(thing, AttributeError) and thing.name and hasattr(torch.Tensor, thing.name):
        return True
    trace = thing.__traceback__
    while trace is not None:
        if str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] == "torch":
            return True
        trace = trace.tb_next
    return "ensor" in str(thing)


@contextmanager
def noticing(note: Callable[[], None]) -> Iterator[None]:
    """Tell whether an op of torch runs within a ``with`` block."""
    from torch.overrides import TorchFunctionMode

    class Noticing(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            note()
            return func(*args, **(kwargs or {}))

    with Noticing():
        yield


def engine(settings: Settings) -> Any:
    """Return what computes functions with tensors."""
    from dzviz.sources.pytorch.calls import TorchEngine

    return TorchEngine(settings)


def watch(things: Sequence[Any], named: Mapping[str, Any]) -> AbstractContextManager[Any]:
    """Watch what runs in a ``with`` block; the modules and tensors among things have names."""
    from dzviz.sources.pytorch.tape import watching

    return watching(things, named)


def record(f: Callable[..., Any], *given: Any, **how: Any) -> Graph:
    """Call ``f`` on tensors, run backward, and return the Graph; see `dzviz.record`."""
    from dzviz.sources.pytorch.calls import recorded

    return recorded(f, *given, **how)
