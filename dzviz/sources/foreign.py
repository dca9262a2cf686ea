"""Functions of the user's own files that another engine computes.

The file's engine is the class ``Variable`` that it defines or imports, where that is not ours. Its
own ``backward`` is run, and watched.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import Variable as OurVariable
from dzviz.errors import EvaluationError
from dzviz.files import absolute
from dzviz.graph.model import Graph
from dzviz.language.evaluation import Evaluation, name_outputs
from dzviz.language.reach import Reach
from dzviz.sources import book, book_passes
from dzviz.sources.book_recorder import BookRecorder
from dzviz.sources.outputs import left_out, outputs_in
from dzviz.text.phrases import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Foreign:
    """Another engine, by its class ``variable``; what its passes do is recorded."""

    variable: type[Any]
    recorder: BookRecorder = field(default_factory=BookRecorder)

    @property
    def name(self) -> str:
        """Its package and where that is: ``dezero (dezero/__init__.py)``."""
        module = self.variable.__module__
        top = module.partition(".")[0]
        file = getattr(sys.modules.get(top, sys.modules.get(module)), "__file__", None)
        if file is None:
            return top
        path = os.path.relpath(file, absolute(os.curdir))
        return f"{top} ({file if path.startswith(os.pardir) else path})"

    def variables(self, values: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        """Make its Variables of values."""
        made = {}
        for name, value in values.items():
            x = made[name] = self.variable(np.array(value))
            with suppress(AttributeError):  # where it has slots, and no names
                x.name = name
        return made

    def watching(self) -> AbstractContextManager[None]:
        """Record the passes that run within a ``with`` block."""
        return self.recorder.watching()

    def backward(self, ys: Sequence[Any], *, retain_grad: bool = False) -> None:
        """Run its own pass from each output."""
        with self.watching():
            for y in ys:
                known = retain_grad and "retain_grad" in inspect.signature(y.backward).parameters
                start(y, **({"retain_grad": True} if known else {}))

    def graph(self, ys: Sequence[Any]) -> Graph:
        """Return the graph that computed these, with what the last pass did."""
        return book_passes.graph(self.recorder, list(ys))

    def gradient(self, x: Any) -> Any:
        """Return the gradient of a Variable, zeros where there is none."""
        gradient = book.gradient_of(x)
        return 0.0 * x.data if gradient is None else gradient

    def clear(self, x: Any) -> None:
        """Forget the gradient of a Variable that was made here."""
        x.grad = None


def start(y: Any, **options: Any) -> None:
    """Run the pass of an engine, from ones also where it does not begin with them, as in step 7."""
    try:
        y.backward(**options)
    except Exception:
        if y.grad is not None:
            raise
        y.grad = np.ones_like(y.data)
        y.backward(**options)


def engine_of(module: ModuleType) -> Foreign | None:
    """Return the engine with which a module computes, None where that is ours, or there is none."""
    for cls in _candidates(module):
        if isinstance(cls, type) and hasattr(cls, "backward"):
            if issubclass(cls, OurVariable):
                return None
            with suppress(Exception):  # something else that is called so
                make: Any = cls
                if book.is_variable(make(np.array(1.0))):
                    return Foreign(cls)
    return None


def _candidates(module: ModuleType) -> Iterator[Any]:
    """Find what is called Variable: in a module, then in packages of what it has imported."""
    yield getattr(module, "Variable", None)
    seen = {module.__name__}
    for value in list(vars(module).values()):
        name = value.__name__ if isinstance(value, ModuleType) else _home(value)
        top = name.partition(".")[0]
        if top not in seen:
            seen.add(top)
            yield vars(sys.modules[top]).get("Variable") if top in sys.modules else None


def _home(value: Any) -> str:
    home = getattr(value, "__module__", None) if callable(value) else None
    return home if isinstance(home, str) else ""


def outputs_of(foreign: Foreign, target: str, result: Any) -> tuple[list[Any], tuple[str, ...]]:
    """Return what a function returned as a list of Variables, and what is odd about it.

    Raises:
        EvaluationError: It is something else.
    """
    outputs, names, others, wrong = outputs_in(result, book.is_variable)
    if wrong:
        parts = result if isinstance(result, list | tuple) else [result]
        kind = type(next((y for y in parts if not book.is_variable(y)), result)).__name__
        raise EvaluationError(
            f"{target} returned something that is not a Variable of {foreign.name} ({kind}): it "
            "left the graph"
        )
    with suppress(AttributeError):  # where it has slots, and no names
        for y, name in zip(outputs, names, strict=True):
            y.name = getattr(y, "name", None) or name
    return outputs, (left_out(others),) if others else ()


def evaluation(
    foreign: Foreign,
    target: str,
    outputs: Sequence[Any],
    inputs: dict[str, Any],
    odd: Sequence[str] = (),
) -> Evaluation:
    """Name what a function computed, and say what is odd, besides what is known."""
    with suppress(AttributeError):
        for y in outputs:
            y.name = getattr(y, "name", None)
        name_outputs(outputs, inputs)
    names = listed([str(getattr(y, "name", "") or "the output") for y in outputs], ", ")
    lost = _unreached(inputs, outputs)
    warnings = [
        f"'{name}' does not reach {'the' if len(outputs) == 1 else 'any'} output" for name in lost
    ]
    return Evaluation(
        tuple(outputs),
        inputs,
        f"{names} = {target.rpartition(':')[2]}({', '.join(inputs)})",
        warnings=(*odd, *warnings),
        engine=foreign,
        notes=(f"{target} is computed by {foreign.name}",),
        reach=Reach(dict.fromkeys(lost, ()), {}, len(outputs), {}),
    )


def _unreached(inputs: Mapping[str, Any], outputs: Sequence[Any]) -> list[str]:
    seen = {id(y) for y in outputs}
    pending = list(outputs)
    while pending:
        function = pending.pop().creator
        for x in book.operands_of(function) if function is not None else ():
            if id(x) not in seen:
                seen.add(id(x))
                pending.append(x)
    return [name for name, x in inputs.items() if id(x) not in seen]
