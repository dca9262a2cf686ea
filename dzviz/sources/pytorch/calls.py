"""Functions and modules run by PyTorch, recorded, and their backward pass."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from dzviz.errors import DzvizWarning, EvaluationError, UsageError, did_you_mean
from dzviz.graph.model import Graph
from dzviz.language.evaluation import Evaluation
from dzviz.language.reach import Reach
from dzviz.sources.backends import BACKENDS, Settings
from dzviz.sources.pytorch.graphs import Options, graph_of, reached
from dzviz.sources.pytorch.names import Names, used_by
from dzviz.sources.pytorch.notes import Seen
from dzviz.sources.pytorch.recorder import Recorder
from dzviz.sources.pytorch.values import MOST, tensors_in
from dzviz.sources.pytorch.ways import History
from dzviz.sources.signatures import first_names, name_of

NOT_SHOWN = {
    "vmap": "what ran within vmap or torch.func is shown as the ops of autograd",
    "trace": "what torch.jit.trace ran is shown as the ops of autograd",
    "checkpoint": "no edge shows the gradients of parameters within a reentrant checkpoint",
}
"""What is said of what could not be looked into."""


class TorchEngine:
    """Computes one function with tensors; see `dzviz.sources.backends.Engine`."""

    checker = BACKENDS["torch"].checker

    def __init__(self, settings: Settings, most: int = MOST) -> None:
        self.settings, self.most = settings, most
        self.recorder = Recorder(most)
        self.names = Names()
        self.title: str | None = None
        self.retained = False
        self.outputs: list[Seen] = []

    @property
    def name(self) -> str:
        """The package and its version."""
        return f"PyTorch {torch.__version__.partition('+')[0]}"

    def evaluate(
        self, target: str, function: Callable[..., Any], values: Mapping[str, Any]
    ) -> Evaluation:
        """Call a function, or a module, on tensors of values.

        Raises:
            UsageError: There is no such dtype.
            EvaluationError: It returned no tensor.
        """
        torch.manual_seed(self.settings.seed)
        dtype = self.dtype(function)
        inputs = {
            name: value if isinstance(value, torch.Tensor) else tensor_of(value, dtype)
            for name, value in values.items()
        }
        self.recorder.history = History()
        result = self.call(function, (), inputs)
        outputs = outputs_of(result, target)
        word = target.rpartition(":")[2]
        title = self.name_outputs(outputs, word, list(inputs), function)
        reach = self.reach()
        given = {name: why for name, why in reach.lost.items() if name in inputs}
        odd = reach._replace(lost=given).sentences()
        if not any(y.requires_grad for y in outputs):
            odd = [
                f"{target} returned a tensor with requires_grad False, so there is no backward pass"
            ]
        return Evaluation(
            tuple(outputs),  # type: ignore[arg-type]
            inputs,  # type: ignore[arg-type]
            title,
            warnings=tuple(odd),
            engine=self,
            notes=self.notes(),
            reach=reach,
        )

    def partial(self, target: str, error: EvaluationError) -> Evaluation | None:
        """Return what was computed before an op raised an error, and say which op that was."""
        if self.recorder.failure is None:
            return None
        call, raised = self.recorder.failure
        shapes = ", ".join(str(x.contents.shape) for x in call.operands)
        self.names.roots(self.recorder.scopes.roots.values())
        self.outputs = [x for x in call.operands if x.call is not None] or call.operands
        what = f"{call.label} of shapes {shapes} raised {type(raised).__name__}"
        line = f" ({call.source[0]}, line {call.source[1]})" if call.source else ""
        call.label = f"{call.label}: {type(raised).__name__}"
        self.title = f"{target.rpartition(':')[2]}: {what}{line}"
        failed = EvaluationError(str(error), hint=f"{what}; the picture shows what was before it")
        return Evaluation((), {}, self.title, engine=self, notes=self.notes(), failed=failed)

    def dtype(self, function: Callable[..., Any]) -> torch.dtype:
        """Return the dtype that floats get: the one asked for, that of parameters, or the usual."""
        if self.settings.dtype is not None:
            return dtype_named(self.settings.dtype)
        things = [function, *(thing for _, thing in used_by(function))]
        for thing in things:
            found = thing.parameters() if isinstance(thing, torch.nn.Module) else tensors_in(thing)
            for tensor in found:
                if tensor.is_floating_point():
                    return tensor.dtype  # type: ignore[no-any-return]
        return torch.get_default_dtype()

    def call(
        self, function: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a function while it is recorded; what it uses has names."""
        for name, thing in named.items():
            self.names.add(name, thing)
        if isinstance(function, torch.nn.Module):
            self.names.add(type(function).__name__, function, prefix=False)
            self.names.modules[id(function)] = type(function).__name__
        else:
            self.names.of_function(function)
        with self.recorder.recording():
            return function(*args, **named)

    def name_outputs(
        self, outputs: Sequence[torch.Tensor], word: str, names: Sequence[str], function: Any
    ) -> str:
        """Name what was computed, and say how."""
        self.outputs = [self.recorder.seen(y) for y in outputs]
        self.names.roots(self.recorder.scopes.roots.values())
        taken = {*names, *self.names.tensors.values()}
        base = next(b for b in ("y", "out", "output", "result", "y_") if b not in taken)
        for i, (y, seen) in enumerate(zip(outputs, self.outputs, strict=True)):
            if id(y) not in self.names.tensors:
                seen.entry.name = base if len(outputs) == 1 else f"{base}{i}"
        called = [
            seen.entry.name or self.names.tensors[id(y)]
            for y, seen in zip(outputs, self.outputs, strict=True)
        ]
        modes = {m.training for m, _ in self.recorder.scopes.roots.values()}
        mode = f", {'train' if modes == {True} else 'eval'} mode" if len(modes) == 1 else ""
        mode = ", some modules in train mode, some in eval" if len(modes) > 1 else mode
        self.title = f"{', '.join(called)} = {word}({', '.join(names)}){mode}"
        return self.title

    def reach(self) -> Reach:
        """Say for named leaves that reach no output where their ways end."""
        history, self.recorder.history = self.recorder.history, None
        assert history is not None
        leaves = {name: self.recorder.seen(x) for name, x in self.names.leaves().items()}
        known = {seen.entry for seen in reached(self.outputs)}
        lost = {n: x for n, x in leaves.items() if x.requires_grad and x.entry not in known}
        return history.reach(lost, len(self.outputs))

    def notes(self) -> tuple[str, ...]:
        """Say what could not be looked into."""
        return tuple(NOT_SHOWN[word] for word in self.recorder.unseen)

    def backward(self, ys: Sequence[Any], *, retain_grad: bool = False) -> None:
        """Run the pass from all outputs that have gradients, from ones."""
        self.retained = retain_grad
        roots = [y for y in ys if y.requires_grad]
        if roots:
            self.recorder.expected = tuple(map(self.recorder.seen, roots))
            with self.recorder.watching():
                torch.autograd.backward(roots, [torch.ones_like(y) for y in roots])

    def graph(self, ys: Sequence[Any], *, beside: Sequence[Any] = ()) -> Graph:
        """Return the graph that computed these, with what the pass did, and what is beside it."""
        failure = self.recorder.failure
        failed = failure[0] if failure and not ys else None
        options = Options(self.names, self.title, self.retained, self.most, failed, tuple(beside))
        return graph_of(self.outputs, options)

    def gradient(self, x: Any) -> Any:
        """Return the gradient of an input, zeros where none came; None of integers."""
        if not x.requires_grad:
            return None
        found = torch.zeros_like(x) if x.grad is None else x.grad
        return (found.float() if found.dtype is torch.bfloat16 else found).cpu().numpy()

    def clear(self, x: Any) -> None:
        """Forget the gradient of an input that was made here."""
        x.grad = None


def recorded(
    f: Callable[..., Any],
    args: Sequence[Any],
    named: Mapping[str, Any],
    settings: Settings,
    *,
    retain_grad: bool = False,
) -> Graph:
    """Call ``f`` on tensors, run the backward pass of what it returns, and return the Graph.

    What is no tensor yet becomes one, if it is numbers. Gradients that leaves have are added to.
    """
    engine = TorchEngine(settings)
    dtype = engine.dtype(f)
    words = first_names(f.forward if isinstance(f, torch.nn.Module) else f, len(args))
    given = [tensor_of(x, dtype) if is_numbers(x) else x for x in args]
    for name, thing in (*named.items(), *zip(words, given, strict=True)):
        engine.names.add(name, thing)
    result = engine.call(f, given, {})
    word = name_of(f)
    outputs = outputs_of(result, word)
    engine.name_outputs(outputs, word, words, f)
    engine.backward(outputs, retain_grad=retain_grad)
    for note in engine.notes():
        warnings.warn(f"{word}: {note}", DzvizWarning, stacklevel=4)
    return engine.graph(outputs)


def is_numbers(x: Any) -> bool:
    """Whether it is a number, or an array of NumPy's, or lists of numbers."""
    if x is None or isinstance(x, bool | str | bytes):
        return False
    if isinstance(x, list | tuple):
        return bool(x) and all(map(is_numbers, x))
    return isinstance(x, int | float) or type(x).__module__ == "numpy"


def tensor_of(value: Any, dtype: torch.dtype) -> torch.Tensor:
    """Make a tensor of numbers: whole ones stay so, others want a gradient."""
    import numpy as np

    array = np.array(value)
    if array.dtype.kind in "biu":
        return torch.tensor(array)
    return torch.tensor(array, dtype=dtype, requires_grad=True)


def dtype_named(name: str) -> torch.dtype:
    """Return the dtype of a name.

    Raises:
        UsageError: There is none, or none of floats.
    """
    found = getattr(torch, name.removeprefix("torch."), None)
    if isinstance(found, torch.dtype) and found.is_floating_point:
        return found
    names = sorted(n for n in vars(torch) if isinstance(getattr(torch, n), torch.dtype))
    floats = [n for n in names if getattr(torch, n).is_floating_point and "float" in n]
    hint = did_you_mean(name, floats) or "as in --dtype float64"
    raise UsageError(f"PyTorch has no dtype '{name}' of floats", hint=hint)


def outputs_of(result: Any, target: str) -> list[torch.Tensor]:
    """Return the tensors that a function returned.

    Raises:
        EvaluationError: There is none.
    """
    found = tensors_in(result) or tensors_in(list(getattr(result, "__dict__", {}).values()))
    if not found:
        raise EvaluationError(
            f"{target} returned {type(result).__name__}, not a tensor: it left the graph",
            hint="return the tensor: loss, not loss.item()",
        )
    return found
