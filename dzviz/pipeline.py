"""The way from a subject and options to a picture: compute, differentiate, choose, write.

Every caller goes this way, from a shell, from Python, from a document. It knows neither click nor
files nor streams; what is odd, though no error, it returns as sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import Field, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from dzviz.budget import check_time
from dzviz.errors import DzvizError, EvaluationError, UsageError
from dzviz.files import FilePath
from dzviz.formats import FORMATS, Format
from dzviz.options import Layout, Look, Passes, View
from dzviz.view import chosen, remarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dzviz.engine import Variable
    from dzviz.graph.model import Graph
    from dzviz.language.evaluate import Evaluation
    from dzviz.sources import Subject
    from dzviz.sources.derivative import Derivation
    from dzviz.sources.recorder import Recording
    from dzviz.svg.timeline import Timeline

Values: TypeAlias = "Mapping[str, str | FilePath | NDArray[Any]]"
"""What variables are given: the text of a formula, a file, or an array."""


@dataclass(frozen=True)
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

    def graph(self, *, story: bool = False, words: bool = True, also: Sequence[Any] = ()) -> Graph:
        """Take the picture's facts; for a ``story`` also the graphs of lower orders.

        What computed those ``also`` named is taken, too.

        Where no ``words`` are made of it, nobody needs to know how exact the numbers are.

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
                also=self.derivation.lower if story and self.derivation else also,
                expression=subject.text,
                title=self.evaluation.title,
                spans=self.evaluation.spans,
                sources=self.evaluation.sources,
                recording=self.recording,
                derivation=self.derivation,
                fresh=subject.pure,  # a user's own function may change data
                rounding=words,
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


class Drawing(NamedTuple):
    """A graph that only needs to be written; ``warnings`` and ``notes`` are sentences about it.

    Where its computation ``failed``, that is to be said after it is written.
    """

    graph: Graph
    format: Format
    look: Look
    layout: Layout
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failed: EvaluationError | None = None

    def idle(self, option: Field[Any]) -> str:
        """Say in what an option can change nothing, if it cannot."""
        return idle(self.format, self.look, option)

    def alt(self) -> str:
        """Say in words what it shows."""
        from dzviz.text.descriptions import alt_text

        return alt_text(self.graph, self.look)

    def plain(self) -> str:
        """Write it as text, for where no picture is shown."""
        return "".join(map(str, self._replace(format=FORMATS["text"]).chunks()))

    def timeline(self) -> Timeline:
        """Draw all steps.

        Raises:
            LayoutError: No engine could place the nodes, or there are too many steps.
        """
        from dzviz.svg.timeline import check_length, timeline

        check_length(self.graph, self.look)
        return timeline(self.graph, self.look, self.layout)

    def chunks(self) -> Iterator[str] | Iterator[bytes]:
        """Write it, chunk by chunk; what can fail fails before the first one."""
        return self.format.write(self.graph, self.look, self.layout)


def idle(format: Format, look: Look, option: Field[Any]) -> str:
    """Say in which format, or in which style of it, an option can change nothing, if it cannot."""
    if format.heeds(option, look.style):
        return ""
    return format.name + (f" in the style {look.style}" if format.heeds(option) else "")


class Taken(NamedTuple):
    """A graph as it is drawn, the same with all its gradients, and sentences about it."""

    graph: Graph
    room: Graph
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()
    failed: EvaluationError | None = None


def prepare(
    computation: Computation | Given,
    format: Format,
    look: Look,
    view: View,
    layout: Layout,
    *,
    film: bool = False,
    strict: bool = False,
    begin: Callable[[str], None] = lambda _: None,
) -> Drawing:
    """Compute a graph and choose what of it is drawn, and how.

    ``begin`` is told what is being done.

    Raises:
        DzvizError: Whatever is wrong.
    """
    if look.full and format.kind != "data":
        raise UsageError(f"--full is for JSON, not {format.name}", hint="as in: -T json --full")
    told = format.tells(look) or film
    begin("computing")
    with expanding(view):
        taken = take(
            computation,
            told=told,
            words=format.rounds(look),
            reserved=look.steady and format.placed and not told,
            strict=strict,
        )
    check_time()
    begin("choosing what to draw")
    drawn, room = chosen(
        taken.graph,
        taken.room,
        view,
        placed=format.placed,
        film=format.film or film,
        parts=told,
        style=look.style,
        only=look.only,
    )
    begin("")
    check_time()
    notes = taken.notes + remarks(drawn, view, look.style, wide=format.placed and not told)
    notes += format.note(drawn)
    begin("placing the nodes" if format.placed else "describing the graph")
    layout = replace(layout, room=room, expanded=view.expanded)
    if look.fit:
        look, layout, note = fitting(drawn, format, look, layout, film=film)
        notes += (note,)
    return Drawing(drawn, format, look, layout, taken.warnings, notes, taken.failed)


def expanding(view: View) -> AbstractContextManager[None]:
    """Compute the ops that are drawn with their parts of these."""
    if not view.expanded:  # as nearly always; the engine may not be needed at all
        return nullcontext()
    from dzviz.engine import expanded

    return expanded(view.expanded)


def fitting(
    graph: Graph, format: Format, look: Look, layout: Layout, *, film: bool = False
) -> tuple[Look, Layout, str]:
    """Choose what fits best into the frame that is asked for, and say so in a sentence.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    if format.events and not format.film:
        return look, layout, f"--fit is for pictures: a {format.name} page fits its window itself"
    if not format.placed:
        return look, layout, f"--fit is for pictures: {format.name} has no size"
    from dzviz.svg.fitting import fitted

    return fitted(graph, look, layout, moves=film or format.film)


def take(
    computation: Computation | Given,
    *,
    told: bool,
    words: bool = True,
    reserved: bool = False,
    strict: bool = False,
) -> Taken:
    """Compute a graph, or take the one that is there, with what happened where that is ``told``.

    Without ``words`` nobody needs to know how exact the numbers are; room is ``reserved`` for
    gradients that are not there yet.

    Raises:
        DzvizError: Whatever is wrong.
    """
    if isinstance(computation, Given):
        return _given(computation, told=told, reserved=reserved, strict=strict)
    run = compute(computation, recorded=told)
    if computation.backward:
        run.backward(retain_grad=computation.retain_grad)
    graph = run.graph(story=told, words=words)
    reserved &= not computation.backward and run.evaluation.engine is None
    room = _with_gradients(run) if reserved else graph
    odd, made = oddities(run, graph, strict=strict), run.evaluation
    return Taken(graph, room, odd, made.notes, made.failed)


def _given(given: Given, *, told: bool, reserved: bool, strict: bool) -> Taken:
    """Take a graph as it is; the lower orders' results beside it are for those who tell all."""
    from dzviz.graph import select

    graph = given.graph
    if not told:
        graph = (_needed(graph) if graph.order else graph)._replace(events=())
    room = graph
    if not given.backward:
        graph = select.forward(graph)
        room = room if reserved else graph
    return Taken(graph, room, troubles(graph, strict=strict))


def compute(computation: Computation, *, recorded: bool = False) -> Run:
    """Evaluate a subject, and differentiate it as often as is asked for.

    All of it is ``recorded``, or the last pass alone.

    Raises:
        DzvizError: Whatever is wrong with it or with a value.
    """
    import numpy as np

    from dzviz.engine import watch_forward
    from dzviz.sources.recorder import Recording, Tape

    subject, order = computation.subject, computation.order
    wrt = variables_of(order, computation.wrt)
    tape = Tape() if recorded else None
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
    if wrt is not None and not order:
        raise UsageError("--wrt goes with --order", hint="as in: --order 1 --wrt x")
    return [name.strip() for name in (wrt or "").split(",") if name.strip()]


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

    whole = re.fullmatch(r"\s*int\s*\((.*)\)\s*", text, re.DOTALL)
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


def oddities(run: Run, graph: Graph, *, strict: bool = False) -> tuple[str, ...]:
    """Return sentences about what is odd, though no error.

    Raises:
        EvaluationError: A value or gradient is not finite, under ``strict``.
    """
    return (*run.evaluation.warnings, *troubles(graph, strict=strict))


def _needed(graph: Graph) -> Graph:
    """Leave out what is there for films alone, and with it what is wrong there."""
    from dzviz.graph import select
    from dzviz.sources.nonfinite import troubles_of

    part = select.needed(graph)
    left = {node.id for node in part.nodes}
    if any(trouble.function not in left for trouble in part.troubles):
        part = part._replace(troubles=troubles_of(part.nodes, part.edges))
    return part


def troubles(graph: Graph, *, strict: bool = False) -> tuple[str, ...]:
    """Say where a NaN or an infinity first appeared.

    Raises:
        EvaluationError: There is one, under ``strict``.
    """
    from dzviz.text.descriptions import first_trouble

    trouble = first_trouble(graph)
    if strict and trouble:
        raise EvaluationError(trouble, hint="without --strict this is a warning")
    return (trouble,) if trouble else ()


def animated(format: Format) -> Format:
    """Return the format of a film for that of a picture.

    Raises:
        UsageError: It has none.
    """
    if format.name not in ("svg", "animation"):
        hint = "leave out --animate" if format.film else "as in: -o film.svg --animate"
        raise UsageError(f"--animate is for SVG, not {format.name}", hint=hint)
    return FORMATS["animation"]


def _with_gradients(run: Run) -> Graph:
    """Take the graph with the gradients that it would have, so that it can be placed alike."""
    shown = run.graph()
    try:
        run.backward()
    except DzvizError:  # there is no pass to leave room for
        return shown
    return run.graph()


def drawing_of(graph: Graph, format: Format, look: Look | None = None) -> Drawing:
    """Choose what of a graph is drawn, as of one that is computed.

    Raises:
        DzvizError: Whatever is wrong.
    """
    look = look or Look()
    given = graph if format.tells(look) else graph._replace(events=())
    drawn, room = chosen(given, given, View(), placed=format.placed, style=look.style)
    return Drawing(drawn, format, look, Layout(room=room))
