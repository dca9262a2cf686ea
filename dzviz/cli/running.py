"""What the commands over an expression share: values, evaluation, the pass, warnings."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from dzviz.cli.expression import Subject, option_for
from dzviz.errors import DzvizError, EvaluationError, Place, UsageError
from dzviz.language.syntax import Program

if TYPE_CHECKING:
    from dezero import Variable
    from dzviz.derivative import Derivation
    from dzviz.graph import Graph
    from dzviz.language.evaluate import Evaluation
    from dzviz.recording import Recording

QUIET = click.Option(["-q", "--quiet"], is_flag=True, help="No warnings and no hints.")
STRICT = click.Option(
    ["--strict"], is_flag=True, help="Take a NaN or an infinity for an error (exit 4)."
)

RETAIN_GRAD = click.Option(
    ["--retain-grad"], is_flag=True, help="Keep the gradients of intermediate values."
)
BACKWARD = click.Option(
    ["--no-backward", "backward"],
    is_flag=True,
    flag_value=False,
    default=True,
    help="The forward graph alone, without gradients.",
)
ORDER = click.Option(
    ["--order"],
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="The graph of the N-th derivative, and backward from it.",
)
WRT = click.Option(
    ["--wrt"],
    metavar="NAME[,NAME]",
    help="With respect to which variable, or to which in turn.",
)


class Run(NamedTuple):
    """A subject computed, with the record of its backward pass."""

    subject: Subject
    evaluation: Evaluation
    recording: Recording
    outputs: Sequence[Variable]
    derivation: Derivation | None

    def backward(self, *, retain_grad: bool = False) -> None:
        """Run the pass; constants have no gradient.

        Raises:
            EvaluationError: A rule of the user's own is wrong.
        """
        import numpy as np

        import dezero

        ys = [y for y in self.outputs if not isinstance(y, dezero.Constant)]
        with np.errstate(all="ignore"), rules_told(self.subject):
            dezero.backward(ys, retain_grad=retain_grad, observer=self.recording)

    def graph(self, *, story: bool = False) -> Graph:
        """Take the picture's facts; for a ``story`` also the graphs of lower orders."""
        from dzviz.camera import snapshot

        return snapshot(
            self.outputs,
            also=self.derivation.lower if story and self.derivation else (),
            expression=self.subject.text if isinstance(self.subject, Program) else None,
            title=self.evaluation.title,
            spans=self.evaluation.spans,
            sources=self.evaluation.sources,
            recording=self.recording,
            derivation=self.derivation,
        )


def compute(
    subject: Subject,
    values: Mapping[str, str],
    seed: int,
    *,
    order: int = 0,
    wrt: Sequence[str] = (),
    recorded: bool = False,
) -> Run:
    """Evaluate an expression or a function, and differentiate it ``order`` times.

    All of it is ``recorded``, or the last pass alone.

    Raises:
        DzvizError: Whatever is wrong with it or with a value.
    """
    import numpy as np

    from dezero.core import watch_forward
    from dzviz.language import evaluate as language
    from dzviz.recording import Recording, Tape

    tape = Tape() if recorded else None
    recording = tape or Recording()
    watching = watch_forward(tape.computed) if tape else nullcontext()
    with np.errstate(all="ignore"), watching:
        arrays = {name: read_value(name, text, seed) for name, text in values.items()}
        if isinstance(subject, Program):
            evaluation = language.evaluate(subject, arrays, option=option_for)
        else:
            from dzviz import pyfunction

            evaluation = pyfunction.evaluate(subject, arrays, option=option_for)
        if not order:
            return Run(subject, evaluation, recording, evaluation.outputs, None)
        from dzviz import derivative

        outputs, inputs = evaluation.outputs, evaluation.inputs
        with rules_told(subject):
            derivation = derivative.derivative_of(outputs, inputs, order, wrt, tape)
        return Run(subject, evaluation, recording, [derivation.output], derivation)


def wanted(order: int, wrt: str | None) -> list[str]:
    """Return the variables that ``--wrt`` names.

    Raises:
        UsageError: There is no ``--order`` beside it.
    """
    if wrt is not None and not order:
        raise UsageError("--wrt goes with --order", hint="as in: --order 1 --wrt x")
    return [name.strip() for name in (wrt or "").split(",") if name.strip()]


def read_value(name: str, text: str, seed: int) -> Any:
    """Read a variable's value: a formula without variables, or ``@file``.

    Raises:
        UsageError: It is neither.
    """
    from dzviz.language.evaluate import evaluate_value
    from dzviz.language.syntax import parse

    if text.startswith("@"):
        from dzviz.language.files import read_array

        return read_array(text[1:])
    try:
        return evaluate_value(parse(text), (seed, name))
    except DzvizError as error:
        message = f"the value of {name}: {error}"
        is_file = text.lower().endswith((".npy", ".npz", ".csv", ".json"))
        hint = f"a file is given as @{text}" if is_file else error.hint
        raise UsageError(message, place=error.place, hint=hint) from None


def warn(run: Run, graph: Graph, *, strict: bool, quiet: bool) -> None:
    """Say on stderr what is odd, though no error.

    Raises:
        EvaluationError: A value or gradient is not finite, under ``strict``.
    """
    from dzviz.words import first_trouble

    trouble = first_trouble(graph)
    if strict and trouble:
        raise EvaluationError(trouble, hint="without --strict this is a warning")
    if quiet:
        return
    if isinstance(run.subject, Program):
        if re.search(r"\d,\d", run.subject.text):
            from dzviz.language.hints import hint_for_comma

            if asked := hint_for_comma(run.subject.text):
                sys.stderr.write(f"dzviz: warning: {asked}\n")
        for mention in run.subject.unused:
            sys.stderr.write(f"dzviz: warning: '{mention.name}' is never used\n")
    if trouble:
        sys.stderr.write(f"dzviz: warning: {trouble}\n")


@contextmanager
def rules_told(subject: Subject) -> Iterator[None]:
    """Tell errors of rules as errors of the evaluation, a user's own with file and line."""
    if isinstance(subject, Program):
        try:
            yield
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            message = f"its gradient cannot be computed: {error}"
            raise EvaluationError(
                message, place=Place(subject.text, 0, len(subject.text))
            ) from error
    else:
        from dzviz import pyfunction

        with pyfunction.told(f"the backward pass of {subject.target}"):
            yield
