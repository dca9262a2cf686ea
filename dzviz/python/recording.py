"""`record` calls a function on Variables, runs backward, and keeps everything that happened."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import (
    Recording,
    Tape,
    Variable,
    backward,
    expanded,
    grad,
    watch_detach,
    watch_forward,
)
from dzviz.errors import DzvizWarning, UsageError
from dzviz.graph.model import Graph
from dzviz.language.evaluation import name_outputs
from dzviz.language.reach import Ends, reach_of
from dzviz.sources import graph_of, source_of
from dzviz.sources.backends import Backend, Settings, named_backend, of_values
from dzviz.sources.calls import calls_framed
from dzviz.sources.derivative import derivative_of
from dzviz.sources.function import outputs_of
from dzviz.sources.numbering import Numbering, number
from dzviz.sources.signatures import first_names, name_of
from dzviz.sources.snapshot import snapshot

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def record(
    f: Callable[..., Any],
    *xs: Variable | ArrayLike | Any,
    retain_grad: bool = False,
    order: int = 0,
    wrt: Sequence[str] = (),
    named: Mapping[str, Any] | None = None,
    backend: str = "auto",
    dtype: str | None = None,
    expand: Sequence[str] = (),
) -> Graph:
    """Call ``f`` on Variables of ``xs``, run backward, and return the Graph with its ``events``.

    If a ``backend`` computes ``f`` (`dzviz.sources.backends.BACKENDS`), the pass is recorded there;
    ``auto`` is the backend to which ``f`` or one of ``xs`` belongs. ``named`` then gives names to
    arrays that ``f`` uses besides its arguments, and floats are converted to ``dtype``.

    The Variables have the names of ``f``'s parameters; a Variable among ``xs`` is not changed, but
    its name and value are used. ``order`` and ``wrt`` record the passes of that derivative, too.
    Ops that ``expand`` names are computed from their parts, even if they are a single Function. The
    events are `dzviz.graph.events.Event`; `render` makes pages and films of them. A
    `dzviz.DzvizWarning` reports a parameter that does not reach the output, or that NumPy rounds on
    one of its paths there (``np.floor``), so that no gradient comes back.

    Raises:
        EvaluationError: ``f`` did not return Variables.
        UsageError: It is not clear by which variable to differentiate.
    """
    settings = Settings(backend, dtype)
    if (other := _backend_of((f, *xs, *(named or {}).values()), backend)) is not None:
        if order:
            raise UsageError(
                f"order only works with NumPy arrays, but this is computed by {other.title}"
            )
        other.require()
        graph: Graph = other.code.record(f, xs, named or {}, settings, retain_grad=retain_grad)
        return graph
    if named or dtype:
        raise UsageError("named and dtype only work with a backend", hint="as in: backend=")
    inputs = _variables(f, xs)
    tape, target = Tape(), name_of(f)
    derivation = None
    with watch_forward(tape.computed):
        outputs, odd = _called(f, inputs, tape, expand)
        for sentence in odd:
            warnings.warn(f"{target}: {sentence}", DzvizWarning, stacklevel=2)
        name_outputs(outputs, inputs)
        title = f"{', '.join(str(y.name) for y in outputs)} = {target}({', '.join(inputs)})"
        if order:
            derivation = derivative_of(outputs, inputs, order, wrt, tape)
            outputs = [derivation.output]
    ys = [y for y in outputs if not y.constant]
    backward(ys, retain_grad=retain_grad, observer=tape)
    lower = derivation.lower if derivation else ()
    return snapshot(outputs, also=lower, title=title, recording=tape, derivation=derivation)


def is_function(y: Any) -> bool:
    """Whether it is a function to call, and not a value or a graph that is there already."""
    return callable(y) and not isinstance(y, Graph) and source_of(y) is None


def graph_at(y: Any, xs: Sequence[Any], asker: str, **options: Any) -> Graph:
    """Return the graph of a function that is recorded at ``xs``, or that of what `draw` takes.

    Raises:
        UsageError: There are values, but no function.
        EvaluationError: The function raised an error.
    """
    if is_function(y):
        return record(y, *xs, **options)
    if xs:
        raise UsageError("values are for a function", hint=f"as in dzviz.{asker}(f, 2.0)")
    return y if isinstance(y, Graph) else graph_of(y)


def followed(y: Variable | Sequence[Variable], recording: Recording) -> tuple[Graph, Numbering]:
    """Return the graph of Variables, whose pass is run once more without changing anything."""
    ys = [y] if isinstance(y, Variable) else list(y)
    numbering = number(ys)
    leaves = [x for x in numbering.variables if x.creator is None and not x.constant]
    with np.errstate(all="ignore"):
        grad([y for y in ys if not y.constant], leaves, observer=recording)
    return snapshot(y, recording=recording), numbering


def _variables(
    f: Callable[..., Any], xs: Sequence[Variable | ArrayLike | Any]
) -> dict[str, Variable]:
    """Make Variables of values, with their own names, or if two are the same the parameters'."""
    names = first_names(f, len(xs))
    given = [
        x.name if isinstance(x, Variable) and x.name else n for x, n in zip(xs, names, strict=True)
    ]
    names = given if len(set(given)) == len(given) else names
    return {name: Variable(_floats(x), name) for name, x in zip(names, xs, strict=True)}


def _called(
    f: Callable[..., Any], inputs: Mapping[str, Variable], tape: Tape, expand: Sequence[str]
) -> tuple[list[Variable], list[str]]:
    """Call a function; return its outputs, and sentences about what is odd in them."""
    ends = Ends()
    with watch_detach(ends), calls_framed(), expanded(tuple(expand)):
        result = f(*inputs.values())
    for x in inputs.values():
        x.cleargrad()  # what a pass that f itself ran left: ours would add to it
    outputs, odd = outputs_of(result, name_of(f), inputs)
    computed = ((m.function, "") for m in tape.moments if m.function is not None)
    return outputs, [*odd, *reach_of(inputs, outputs, ends, computed).sentences()]


def _backend_of(things: Sequence[object], name: str) -> Backend | None:
    """Return the backend of a name; for ``auto`` that of which one of these things is."""
    found = named_backend(name)
    return of_values(things) if name == "auto" else found


def _floats(x: Variable | ArrayLike) -> NDArray[Any]:
    array = np.array(x.data if isinstance(x, Variable) else x)
    return array.astype(float) if array.dtype.kind in "biu" else array
