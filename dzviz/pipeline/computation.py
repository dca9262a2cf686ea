"""What is computed, and how: a subject with its values becomes Variables whose passes were run.

It knows neither formats nor what of a graph is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias

from dzviz.errors import DzvizError, EvaluationError, UsageError
from dzviz.files import FilePath
from dzviz.frozen import frozen
from dzviz.options import FULL, Passes, View
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dzviz.engine import Recording, Variable
    from dzviz.graph.model import Graph
    from dzviz.language.evaluation import Evaluation
    from dzviz.sources import Subject
    from dzviz.sources.derivative import Derivation

Values: TypeAlias = "Mapping[str, str | FilePath | NDArray[Any]]"
"""What variables are given: the text of a formula, a file, or an array."""


@frozen()
class Computation(Passes):
    """What is computed: a subject with values as text, and which passes are run.

    ``option`` writes how a missing value is given, for an error's hint. ``partial`` asks for what
    was computed before an error, with this.
    """

    subject: Subject
    values: Values
    option: Callable[[str], str] = "--{} VALUE".format
    partial: bool = False


class Given(NamedTuple):
    """A graph that is there already, and cannot be computed again; ``backward`` shows its pass."""

    graph: Graph
    backward: bool = True

    @property
    def names(self) -> Sequence[str]:
        """No variable needs a value."""
        return ()

    @property
    def optional(self) -> Sequence[str]:
        """Nor may one have another."""
        return ()


class Run(NamedTuple):
    """A subject computed, with the record of its backward pass."""

    subject: Subject
    evaluation: Evaluation
    recording: Recording
    outputs: Sequence[Variable]
    derivation: Derivation | None

    def without_events_above(self, most: int) -> Run:
        """Return it without what happened in order, if its graph has more nodes than ``most``.

        Ops in frames are not counted: these may be drawn as fewer.
        """
        from dzviz.engine import Recording
        from dzviz.sources.numbering import exceeds

        plain = self.evaluation.engine is None and self.derivation is None
        if plain and exceeds(self.outputs, most):
            return self._replace(recording=Recording())
        return self

    def backward(self, *, retain_grad: bool = False) -> None:
        """Run the pass; constants have no gradient.

        Raises:
            EvaluationError: A rule of the user's own is wrong.
        """
        import numpy as np

        from dzviz.engine import Constant, backward

        if self.evaluation.failed is not None:
            return
        if self.evaluation.engine is not None:
            with np.errstate(all="ignore"), self.subject.rules():
                self.evaluation.engine.backward(self.outputs, retain_grad=retain_grad)
            return
        ys = [y for y in self.outputs if not isinstance(y, Constant)]
        with np.errstate(all="ignore"), self.subject.rules():
            backward(ys, retain_grad=retain_grad, observer=self.recording)

    def graph(self, *, lower: bool = False, words: int = FULL, also: Sequence[Any] = ()) -> Graph:
        """Take the picture's facts; with ``lower`` also the graphs of lower orders.

        What computed those ``also`` named is taken, too.

        Its numbers are put into ``words`` with at most so many digits; with 0 nobody needs to know
        how exact they are.

        Raises:
            EvaluationError: Something is no real number, or a label of the user's own fails.
        """
        from dzviz.sources.snapshot import snapshot

        subject, engine = self.subject, self.evaluation.engine
        if engine is not None:
            with subject.rules("drawing"):
                made: Graph = engine.graph(self.outputs, **({"beside": also} if also else {}))
                return made._replace(title=self.evaluation.title)
        with nullcontext() if subject.pure else subject.rules("drawing"):
            made = snapshot(
                self.outputs,
                also=self.derivation.lower if lower and self.derivation else also,
                expression=subject.text,
                title=self.evaluation.title,
                spans=self.evaluation.spans,
                sources=self.evaluation.sources,
                recording=self.recording,
                derivation=self.derivation,
                fresh=subject.pure,  # a user's own function may change data
                digits=words,
                later=True,
            )
        return made._replace(recurrences=self.evaluation.recurrences)

    def gradients(self) -> Iterator[tuple[str, Any]]:
        """Run the pass, and return the gradient of each variable, zeros where none came."""
        engine = self.evaluation.engine
        inputs: Mapping[str, Any] = self.evaluation.inputs
        for x in inputs.values():  # what a pass that the function itself ran left: ours would add
            x.cleargrad() if engine is None else engine.clear(x)
        self.backward()
        for name, x in inputs.items():
            if engine is not None:
                yield name, engine.gradient(x)
            else:
                yield name, x.grad.data if x.grad is not None else 0.0 * x.data

    def jacobian(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the derivatives of each output, which is named, by each variable."""
        from dzviz.sources.jacobian import jacobians

        inputs = self.evaluation.inputs
        with self.subject.rules():
            rows = jacobians(self.outputs, list(inputs.values()))
        names = [y.name or f"y{i}" for i, y in enumerate(self.outputs)]
        return [
            (y, dict(zip(inputs, row, strict=True))) for y, row in zip(names, rows, strict=True)
        ]

    def hessian(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the second derivatives of the output by each variable, then by each other.

        Raises:
            UsageError: There are several outputs.
            EvaluationError: It is no single number.
        """
        from dzviz.sources.jacobian import hessian

        inputs = self.evaluation.inputs
        if len(self.outputs) != 1:
            raise UsageError("a Hessian needs one output, but there are several")
        with self.subject.rules():
            rows = hessian(self.outputs[0], list(inputs.values()))
        return [
            (x, dict(zip(inputs, row, strict=True))) for x, row in zip(inputs, rows, strict=True)
        ]


def expanding(view: View) -> AbstractContextManager[None]:
    """Compute the ops that are drawn with their parts of these."""
    if not view.expanded:  # as nearly always; the engine may not be needed at all
        return nullcontext()
    from dzviz.engine import expanded

    return expanded(view.expanded)


def compute(computation: Computation, *, recorded: bool = False) -> Run:
    """Evaluate a subject, and differentiate it as often as is asked for.

    All of it is ``recorded``, or the last pass alone.

    Raises:
        DzvizError: Whatever is wrong with it or with a value.
    """
    import numpy as np

    from dzviz.engine import Recording, watch_forward

    subject, order = computation.subject, computation.order
    wrt = variables_of(order, computation.wrt)
    tape = None
    if recorded:
        from dzviz.engine import Tape

        tape = Tape()
    recording = tape or Recording()
    watching = watch_forward(tape.computed) if tape else nullcontext()
    with np.errstate(all="ignore"), watching:
        evaluation = evaluate(computation)
        if order and evaluation.engine is not None:
            raise UsageError(
                "--order only works with dzviz's own engine, but another engine computed this",
                hint=evaluation.notes[0] if evaluation.notes else None,
            )
        if not order:
            return Run(subject, evaluation, recording, evaluation.outputs, None)
        from dzviz.sources import derivative

        outputs, inputs = evaluation.outputs, evaluation.inputs
        with subject.rules():
            derivation = derivative.derivative_of(outputs, inputs, order, wrt, tape)
        return Run(subject, evaluation, recording, [derivation.output], derivation)


def evaluate(computation: Computation) -> Evaluation:
    """Compute a subject from its values.

    Raises:
        DzvizError: Whatever is wrong with it or with a value.
    """
    import numpy as np

    seed = computation.random_seed
    with np.errstate(all="ignore"):
        values = {name: read_value(name, text, seed) for name, text in computation.values.items()}
        evaluation = computation.subject.evaluate(values, computation.option)
    if evaluation.failed is not None and not computation.partial:
        raise evaluation.failed
    return evaluation


def variables_of(order: int, wrt: str | None) -> list[str]:
    """Return the variables that ``--wrt`` names.

    Raises:
        UsageError: There is no ``--order`` beside it.
    """
    names = [name.strip() for name in (wrt or "").split(",") if name.strip()]
    if wrt is not None and not order:
        given = ",".join(names) if all(map(str.isidentifier, names)) else ""
        hint = f"as in: --order {len(names) or 1} --wrt {given or 'x'}"
        raise UsageError("--wrt needs --order", hint=hint)
    return names


def read_value(name: str, text: str | FilePath | NDArray[Any], seed: int) -> Any:
    """Read a variable's value: a formula without variables, or a file; an array is its own.

    ``int(...)`` around all of it makes whole numbers.

    Raises:
        UsageError: It is neither.
    """
    if isinstance(text, FilePath):
        from dzviz.language.files import read_array

        return read_array(text)
    if not isinstance(text, str):
        return text
    from dzviz.language.evaluate import evaluate_value
    from dzviz.language.parse import parse

    whole = "int" in text and re.fullmatch(r"\s*int\s*\((.*)\)\s*", text, re.DOTALL)
    try:
        value = evaluate_value(parse(whole[1] if whole else text), (seed, name))
        return integers(value) if whole else value
    except DzvizError as error:
        message = f"the value of {name}: {error}"
        is_file = text.lower().endswith((".npy", ".npz", ".csv", ".json"))
        hint = f"a file is given as @{text}" if is_file else error.hint
        raise UsageError(message, place=error.place, hint=hint) from None


def integers(value: NDArray[Any]) -> NDArray[Any]:
    """Make integers of whole numbers.

    Raises:
        EvaluationError: One is not whole, or too large.
    """
    if not ((value % 1 == 0) & (abs(value) < 2.0**63)).all():
        raise EvaluationError("int() takes whole numbers of up to 63 bits")
    return value.astype("int64")
