"""Python's questions about gradients: why they are what they are, and whether they are right."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from dzviz.diagnosis import gain_words
from dzviz.diagnosis.answers import Answer
from dzviz.diagnosis.gains import Gains
from dzviz.diagnosis.marks import with_ways
from dzviz.diagnosis.why import answers
from dzviz.engine import Recording, Variable
from dzviz.errors import UsageError, did_you_mean
from dzviz.fields import check_choice
from dzviz.formats.trace import TRACE_FORMATS, format_of_trace, write_text
from dzviz.graph.events import Event
from dzviz.graph.model import Graph
from dzviz.options import ENGLISH, LANGUAGES, Look
from dzviz.pipeline import Run
from dzviz.pipeline.checking import Check, check
from dzviz.pipeline.explanation import explain_run, refuse_without_pass
from dzviz.python.api import Answered, Picture, write
from dzviz.python.recording import followed, graph_at, is_function
from dzviz.results.flow import gains_of
from dzviz.sources import graph_of, snapshot
from dzviz.sources.backends import Settings, of_values
from dzviz.sources.function import PyFunction
from dzviz.sources.signatures import name_of, parameters_of
from dzviz.text.languages import say


class Why(Answered):
    """What happened to gradients: ``answers``, and the ``picture`` with their paths highlighted.

    Printed, it is their sentences. ``allow`` are states that do not count as failures: ``none``,
    ``zero``, ``nonfinite``; ``fails`` says whether there is any other.
    """

    def __init__(
        self,
        graph: Graph,
        found: Sequence[Answer],
        allow: Sequence[str] = (),
        lang: str = ENGLISH,
    ) -> None:
        self.graph = graph
        self.answers = tuple(found)
        self.allow = tuple(allow)
        self.lang = lang

    @property
    def fails(self) -> bool:
        """Whether a leaf that wants a gradient has none that is any good."""
        return any(answer.fails(self.allow) for answer in self.answers)

    @cached_property
    def picture(self) -> Picture:
        """The graph with the ways of the answers in front."""
        marked = with_ways(self.graph, self.answers, self.allow, self.lang)
        return Picture(marked, {"lang": self.lang})

    def __repr__(self) -> str:
        lines = []
        for answer in self.answers:
            lines.append(answer.sentence)
            if answer.mend:
                lines.append(f"  {say(self.lang, 'fix: {what}', what=answer.mend)}")
        return "\n".join(lines)


def why(
    y: Any,
    *xs: Any,
    of: Sequence[str | Variable] = (),
    allow: Sequence[str] = (),
    lang: str = ENGLISH,
) -> Why:
    """Explain the gradients of the leaves of ``y``, or of those named ``of``.

    ``y`` is what `draw` takes, after its backward pass. If a pass of dzviz's own engine was not
    watched, it is run once more, without changing anything, to find where a gradient was lost.
    ``y`` can also be a function, which is called on ``xs``; then the answer includes what left the
    graph in it, with the line. A function of PyTorch or JAX, or one that is called with their
    tensors or arrays, runs there, and its pass is added to the gradients of tensors.

    ``lang`` is the language of the answer: ``en``, ``ko`` or ``ja``.

    Raises:
        TypeError: ``y`` is neither.
        UsageError: There is no such name, or there was no backward pass.
        EvaluationError: The function raised an error.
    """
    check_choice("lang", lang, LANGUAGES)
    if is_function(y):
        run = run_of(y, xs)
        names = [_name(x) for x in of]
        explanation = explain_run(run, names, lang=lang)
        return Why(explanation.graph, explanation.answers, allow, lang)
    if xs:
        raise UsageError("values are for a function", hint="as in dzviz.why(f, 2.0)")
    graph, ids, lost = _followed(y, of)
    refuse_without_pass(graph)
    found = answers(graph, ids, lost, lang)
    return Why(graph, found, allow, lang)


class Trace:
    """What happened in the passes over ``graph``; printed, a table with one event per line."""

    def __init__(self, graph: Graph, look: Mapping[str, Any]) -> None:
        self.graph = graph
        self._look = Look(**look)

    @property
    def events(self) -> tuple[Event, ...]:
        """The events one by one."""
        return tuple(self.graph.events)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table into a file, or all that is known if it ends in ``.json``.

        Raises:
            UsageError: The suffix is that of a picture.
            OutputError: The file cannot be written.
        """
        made = TRACE_FORMATS[format_of_trace(os.fspath(path))]
        write(path, "".join(made.write(self.graph, self._look)).encode())

    def __repr__(self) -> str:
        return "".join(write_text(self.graph, self._look)).rstrip("\n")


def trace(y: Any, *xs: Any, retain_grad: bool = False, **look: Any) -> Trace:
    """Return what happens in the forward and backward passes of a function at values ``xs``.

    ``y`` can also be a graph with its events, as `record` or a watch makes it. ``look`` are options
    of the table: ``precision``, ``max_elements``, ``lang``.

    Raises:
        UsageError: What happened was not recorded, or there is no such option.
        EvaluationError: The function raised an error.
    """
    known = ("precision", "max_elements", "lang")
    for name in look:
        if name not in known:
            raise UsageError(f"a trace has no option '{name}'", hint=did_you_mean(name, known))
    graph = graph_at(y, xs, "trace", retain_grad=retain_grad)
    if not graph.events:
        hint = "as in dzviz.trace(f, 2.0), or with a graph made by dzviz.record(f, 2.0)"
        raise UsageError("what happened in its passes was not recorded", hint=hint)
    return Trace(graph, look)


class Flow(Answered):
    """By how much each op enlarges or shrinks gradients; printed, the answer of ``dzviz flow``.

    ``gains`` has every number; in the ``picture``, edges are thicker where more flowed back.
    """

    def __init__(self, graph: Graph, gains: Gains) -> None:
        self.graph = graph
        self.gains = gains

    @cached_property
    def picture(self) -> Picture:
        """The graph, with thicker edges where more flowed back."""
        return Picture(self.graph, {"edges": "flow", "lang": self.gains.flows.lang})

    def __repr__(self) -> str:
        return "".join(gain_words.text(self.gains)).rstrip("\n")


def flow(y: Any, *xs: Any, lang: str = ENGLISH) -> Flow:
    """Show by how much each op enlarges or shrinks gradients, and where they vanish.

    ``y`` is a function, which `record` calls on ``xs``, or a graph with the shares of its pass, as
    `record` or a watch makes it. ``lang`` is the language of the answer.

    Raises:
        UsageError: The graph does not contain what flowed back, or nothing did.
        EvaluationError: The function raised an error.
    """
    check_choice("lang", lang, LANGUAGES)
    graph = graph_at(y, xs, "flow")
    return Flow(graph, gains_of(graph, lang, given=not is_function(y)))


class GradCheck(Answered):
    """Gradients and numerical gradients; printed, a table; the ``picture`` marks mistakes.

    ``report`` has every number. ``fails`` says whether a gradient differs or is not finite, or a
    rule is wrong.
    """

    def __init__(self, check: Check) -> None:
        self._check = check
        self.report = check.report
        self.fails = check.report.fails
        self.pictured = self.fails

    @cached_property
    def picture(self) -> Picture:
        """The graph that was checked, each wrong rule marked with both numbers."""
        return Picture(self._check.graph(), {})

    def __repr__(self) -> str:
        doubts = [f"{doubt}\n" for doubt in self.report.doubts]
        return "".join([*self._check.lines(), *doubts]).rstrip("\n")


def gradcheck(
    f: Callable[..., Any], *xs: Any, order: int = 1, rtol: float = 1e-4, atol: float = 0.0
) -> GradCheck:
    """Compare the gradients of ``f`` at values ``xs``, and all its rules, with numerical ones.

    Raises:
        EvaluationError: The function raised an error.
    """
    run = run_of(f, xs)
    return GradCheck(check(run.subject, run.evaluation, order, rtol, atol))


def run_of(function: Callable[..., Any], xs: Sequence[Any]) -> Run:
    """Call a function on Variables of these values, or on what a backend takes."""
    name = name_of(function)
    other = of_values((function, *xs))
    required, optional = parameters_of(name, function, other)
    names = (*required, *optional)[: len(xs)]
    subject = PyFunction(name, function, required, optional, backend=other)
    if other is not None:
        other.require()
        engine = other.code.engine(Settings(other.name))
        evaluation = engine.evaluate(name, function, dict(zip(names, xs, strict=True)))
        return Run(subject, evaluation, Recording(), evaluation.outputs, None)
    values = {
        name: np.array(x.data if isinstance(x, Variable) else x, float)
        for name, x in zip(names, xs, strict=True)
    }
    with np.errstate(all="ignore"):
        evaluation = subject.evaluate(values)
    return Run(subject, evaluation, Recording(), evaluation.outputs, None)


def _name(x: str | Variable) -> str:
    return x if isinstance(x, str) else str(x.name)


def _followed(
    y: Any, of: Sequence[str | Variable]
) -> tuple[Graph, list[str], dict[str, Sequence[str]]]:
    """Return a graph, the ids of what is asked for, and what of it is in no graph."""
    if not snapshot.recognises(y):
        return graph_of(y), [_name(x) for x in of], {}
    graph, numbering = followed(y, Recording())
    names: list[str] = []
    lost: dict[str, Sequence[str]] = {}
    for x in of:
        inside = isinstance(x, Variable) and x in numbering.variables
        names.append(numbering.variable(x) if inside else _name(x))  # type: ignore[arg-type]
        if isinstance(x, Variable) and not inside:
            lost[_name(x)] = ()
    return graph, names, lost


def jacobian(f: Callable[..., Any], *xs: Any) -> dict[str, dict[str, Any]]:
    """Return the derivative of each output of ``f`` at ``xs`` by each parameter, by their names.

    Its shape is that of the output, then that of the parameter.

    Raises:
        UsageError: Another engine than dzviz's own computes the function.
        EvaluationError: The function raised an error.
    """
    return dict(_own(f, xs, "jacobian").jacobian())


def hessian(f: Callable[..., Any], *xs: Any) -> dict[str, dict[str, Any]]:
    """Return the second derivatives of ``f`` at ``xs`` by each two parameters, by their names.

    The result of ``f`` is a single number. The shape of a derivative is that of the first
    parameter, then that of the second.

    Raises:
        UsageError: There are several outputs, or another engine than dzviz's own computes them.
        EvaluationError: The function raised an error, or its result is no single number.
    """
    return dict(_own(f, xs, "hessian").hessian())


def _own(f: Callable[..., Any], xs: Any, what: str) -> Run:
    """Compute a function on Variables of our engine.

    Raises:
        UsageError: Another engine computes it.
    """
    run = run_of(f, xs)
    if run.evaluation.engine is not None:
        raise UsageError(f"{what} only works with dzviz's own engine")
    return run
