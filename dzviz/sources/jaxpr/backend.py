"""JAX as a backend: a function called once, its reverse pass, and the Graph of both."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from dzviz.errors import DzvizWarning
from dzviz.graph.model import Graph
from dzviz.language.evaluation import Evaluation
from dzviz.language.reach import ENDS_AT, Reach
from dzviz.language.user_code import in_words
from dzviz.sources.backends import BACKENDS, Settings
from dzviz.sources.jaxpr import internals
from dzviz.sources.jaxpr.graphs import graph_of
from dzviz.sources.jaxpr.program import Step
from dzviz.sources.jaxpr.shares import Shares, shares
from dzviz.sources.jaxpr.tracing import Trace, errors_of, trace
from dzviz.sources.jaxpr.values import as_array
from dzviz.sources.signatures import name_of


class JaxEngine:
    """What computes one function, see `dzviz.sources.backends`."""

    checker = "jax.test_util.check_grads"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.target = ""
        self.title = ""
        self.made: Trace | None = None
        self.sent: Shares | None = None
        self.retain_grad = False

    @property
    def name(self) -> str:
        """JAX and its version."""
        return f"JAX {jax.__version__}"

    def evaluate(
        self, target: str, function: Callable[..., Any], values: Mapping[str, Any]
    ) -> Evaluation:
        """Call a function on values by their names.

        Raises:
            EvaluationError: It raised an error, or returned what is no array.
        """
        return self.call(target, function, (), values, {})

    def call(
        self,
        target: str,
        function: Callable[..., Any],
        args: Sequence[Any],
        values: Mapping[str, Any],
        named: Mapping[str, Any],
    ) -> Evaluation:
        """Call a function; ``named`` are arrays that it uses beside its arguments.

        Raises:
            EvaluationError: It raised an error, or returned what is no array.
        """
        self.target = target
        made = trace(function, args, values, target, named=named, dtype=self.settings.dtype)
        self.made, self.sent = made, None
        name = target.rpartition(":")[2]
        self.title = f"{', '.join(made.outputs)} = {name}({', '.join(made.arguments)})"
        reach = reach_of(made)
        return Evaluation(
            tuple(made.outputs.values()),  # type: ignore[arg-type]
            dict(made.inputs),  # type: ignore[arg-type]
            self.title,
            warnings=tuple(reach.sentences()),
            engine=self,
            notes=tuple(_precision(made, [*args, *values.values()])),
            reach=reach,
        )

    def backward(self, ys: Sequence[Any], *, retain_grad: bool = False) -> None:
        """Run the pass from all outputs.

        Raises:
            EvaluationError: A rule of the user's own fails.
        """
        assert self.made is not None
        self.retain_grad = retain_grad
        with errors_of(f"the backward pass of {self.target}"):
            self.sent = shares(self.made.program, list(ys))

    def graph(self, ys: Sequence[Any], *, beside: Sequence[Any] = ()) -> Graph:
        """Return the graph of the outputs, with what the pass did, and what is beside it."""
        assert self.made is not None
        return graph_of(
            self.made.program,
            self.made.outputs,
            self.sent,
            title=self.title,
            retain_grad=self.retain_grad,
            beside=beside,
        )

    def gradient(self, x: Any) -> Any:
        """Return the gradient of an input as an array, zeros where there is none."""
        assert self.made is not None
        found = self.sent.totals.get(x) if self.sent else None
        if found is not None:
            return as_array(found)
        return np.zeros(np.shape(as_array(self.made.program.values[x])))

    def clear(self, x: Any) -> None:
        """Forget the gradient of an input: the next pass makes all of them again."""
        self.sent = None


def recorded(
    f: Callable[..., Any],
    args: Sequence[Any],
    named: Mapping[str, Any],
    settings: Settings,
    *,
    retain_grad: bool = False,
) -> Graph:
    """Call ``f`` once, run one reverse pass, and return the Graph.

    Raises:
        EvaluationError: It raised an error, or returned what is no array.
    """
    engine = JaxEngine(settings)
    evaluation = engine.call(_name(f), f, args, {}, named)
    for sentence in (*BACKENDS["jax"].untried(jax.__version__), *evaluation.warnings):
        warnings.warn(sentence, DzvizWarning, stacklevel=4)
    engine.backward(evaluation.outputs, retain_grad=retain_grad)
    return engine.graph(evaluation.outputs)


def _name(f: Any) -> str:
    """Name a function: ``grad(loss)`` what JAX has made of ``loss``, which it calls so, too."""
    made = internals.transformation(f)
    if made is not None:
        return f"{made}({_name(f.__wrapped__)})"
    return name_of(f)


def _precision(made: Trace, given: Sequence[Any]) -> list[str]:
    """Say in which precision it was computed, where what was given had another."""
    wide = any(
        getattr(leaf, "dtype", None) == np.float64 for leaf in jax.tree_util.tree_leaves(given)
    )
    found = {made.program.values[i].dtype.name for i in made.inputs.values()}
    if not wide or jax.config.jax_enable_x64 or "float32" not in found:
        return []
    return ["values are float32, since jax_enable_x64 is off (JAX_ENABLE_X64=1 turns it on)"]


def reach_of(made: Trace) -> Reach:
    """Say for each leaf of the arguments that no output was computed from where its way ends."""
    reached = made.program.behind(made.outputs.values())
    lost: dict[str, Sequence[str]] = {}
    beside: dict[int, None] = {}
    for name, number in made.inputs.items():
        if number not in reached:
            last = _last(made.program.steps, number)
            lost[name] = [_place(made, last)]
            beside.update(dict.fromkeys((number, *(last.results if last else ()))))
    return Reach(lost, {}, len(made.outputs), {}, tuple(beside))


def _last(steps: Sequence[Step], number: int) -> Step | None:
    """Return what was computed last of a number."""
    found, last = {number}, None
    for step in steps:
        if not found.isdisjoint((*step.operands, *step.opened)):
            found.update(step.results)
            last = step
    return last


def _place(made: Trace, last: Step | None) -> str:
    if last is None:
        return "no op takes it"
    line = in_words(last.source) if last.source else ""
    dtypes = {str(made.program.values[i].dtype) for i in last.results}
    if made.asked and dtypes == {"bool"}:
        return f"{ENDS_AT}a condition{line}"
    return f"{ENDS_AT}{last.label}{line}, whose result is not used"
