"""A function from the user's own Python file as something to draw, or a Variable that it made.

A function takes Variables of our engine, which NumPy's functions know, of the one that its file
imports, or arrays of a backend (`dzviz.sources.backends`).

It runs the user's code; whoever names the file takes the responsibility. What the code prints goes
to stderr, and what it raises is reported with file and line.
"""

from __future__ import annotations

import hashlib  # noqa: F401  (a formula needs it, when a user may have put a hashlib.py in its way)
import linecache
import os
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from dzviz.errors import EvaluationError, UsageError
from dzviz.files import FilePath, absolute, named
from dzviz.graph.model import Recurrence
from dzviz.language.user_code import in_words, place_of, short_path
from dzviz.records import NamedTuple
from dzviz.sources.modules import is_path, load_file, load_module, similar
from dzviz.sources.signatures import parameters_of
from dzviz.sources.user_errors import OWN_ENGINE, errors_of
from dzviz.text.phrases import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dzviz.engine import Function, Variable
    from dzviz.graph.model import Graph
    from dzviz.language.evaluation import Evaluation
    from dzviz.sources.backends import Backend, Settings
    from dzviz.sources.foreign import Foreign


@dataclass(frozen=True, slots=True)
class PyFunction:
    """A function as a subject, see `dzviz.sources.Subject`: its parameters are the variables.

    Those in ``optional`` have a default. ``file`` is where it stands; ``folder`` holds what its
    code may import. Where another ``engine`` than ours computes it, it is called with that one's
    Variables; where a ``backend`` does, with its arrays. ``candidates`` are backends that its
    module uses: one of them computes it, if with NumPy it meets that one's arrays.
    """

    target: str
    function: Callable[..., Any]
    names: tuple[str, ...]
    optional: tuple[str, ...]
    folder: str = ""
    file: FilePath | None = None
    engine: Foreign | None = None
    backend: Backend | None = None
    candidates: tuple[Backend, ...] = ()
    settings: Settings | None = None

    text: ClassVar[str | None] = None
    pure: ClassVar[bool] = False

    def evaluate(
        self, values: Mapping[str, NDArray[Any]], option: Callable[[str], str] = "--{} VALUE".format
    ) -> Evaluation:
        """Call it on Variables of these values; see `evaluate`."""
        return evaluate(self, values, option=option)

    def apply(self, inputs: Mapping[str, Variable]) -> list[Variable]:
        """Call it on Variables; see `apply`."""
        return apply(self, inputs)

    def rules(self, doing: str = "the backward pass of") -> AbstractContextManager[None]:
        """Turn what a rule of the user's raises into an error with its file and line."""
        return errors_of(f"{doing} {self.target}", self.folder)

    def place(self, name: str) -> None:
        """Return None: its text is in a file."""


def load(
    target: str, file: FilePath | None = None, settings: Settings | None = None
) -> PyFunction | Made:
    """Load ``model.py:loss`` or ``package.module:loss``; ``file`` is where the .py is.

    The name is that of a function, or of a Variable that the file made. The ``settings`` say what
    computes it; a backend's own callables and what makes them are functions, too.

    Raises:
        UsageError: There is no such file, module, function or backend, or it takes ``*args``.
        EvaluationError: The file raised an error.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name or name.endswith(".py"):  # As in C:\\model.py.
        raise UsageError(
            f"--py-function takes FILE:NAME, not '{target}'",
            hint="as in --py-function model.py:loss",
        )
    if is_path(place):
        file = file or named(place)
        folder = os.path.dirname(os.path.abspath(file.path))
    else:
        folder = os.path.abspath(absolute(os.curdir))
    # All that is needed comes before the user's code, which may put files in its way.
    from dzviz.sources import SOURCES, foreign, source_of
    from dzviz.sources.backends import Settings, named_backend, of_type, used_by
    from dzviz.sources.watch import Watch

    for source in SOURCES.values():
        source.code  # noqa: B018
    settings = settings or Settings()
    backend = named_backend(settings.backend)
    if backend is not None:
        backend.require()
    with errors_of(f"loading {place}", folder):
        module, watch = load_file(file, name) if file else (load_module(place), None)
        function = getattr(module, name, None)
        if not isinstance(function, Mapping) and source_of(function, plugs=False) is not None:
            graph = (watch or Watch(plugs=False)).graph(function)
            return Made(graph._replace(title=f"{name} of {place}"), file)
        if not callable(function):
            hint = similar(module, name, partial(_accepted, module.__name__, backend, settings))
            raise UsageError(f"{place} has no function '{name}'", hint=hint)
        made = PyFunction(target, function, (), (), folder, file, settings=settings)
        if settings.backend != "numpy" and (found := of_type(function, backend, settings)):
            backend, function = found
            made = replace(made, function=function, backend=backend)
        elif backend is not None:
            made = replace(made, backend=backend)
        elif (engine := foreign.engine_of(module)) is not None:
            made = replace(made, engine=engine)
        elif settings.backend == "auto":
            made = replace(made, candidates=used_by(module))
        names, optional = parameters_of(target, function, made.backend)
        return replace(made, names=names, optional=optional)


def _accepted(module: str, backend: Backend | None, settings: Settings, value: object) -> bool:
    """Whether what a module has may be named; a class only where the module defines it."""
    from dzviz.sources import source_of
    from dzviz.sources.backends import of_type

    if isinstance(value, type) and value.__module__ != module:
        return False
    return source_of(value, plugs=False) is not None or (
        of_type(value, backend, settings) is not None
    )


class Made(NamedTuple):
    """The graph of a Variable that a file has made, and the file."""

    graph: Graph
    file: FilePath | None


def evaluate(
    function: PyFunction,
    values: Mapping[str, NDArray[Any]],
    *,
    option: Callable[[str], str] = "--{} VALUE".format,
) -> Evaluation:
    """Call the function on Variables of these values.

    Raises:
        UsageError: A parameter has no value.
        EvaluationError: The function raised an error, or did not return Variables.
    """
    from dzviz.engine import Variable, watch_detach, watch_forward
    from dzviz.language.evaluation import Evaluation, name_outputs
    from dzviz.language.reach import Ends, reach_of
    from dzviz.sources.calls import calls_framed

    _check_values(function, values, option)
    if function.engine is not None:
        _refuse_dtype(function)
        return _by_engine(function, function.engine, values)
    if function.backend is not None:
        return _by_backend(function, function.backend, values)
    from dzviz.sources.backends import met, noticing

    inputs = {name: Variable(array, name) for name, array in values.items()}
    places = _Places()
    ends = Ends()
    thing: Any = None
    failed: EvaluationError | None = None
    with noticing(function.candidates) as noticed:
        try:
            with watch_forward(places.note), watch_detach(ends), calls_framed():
                outputs, odd = _applied(function, inputs)
        except EvaluationError as error:
            failed = error
            thing = error.result if isinstance(error, NoVariableError) else error.__cause__
    backend = met(function.target, function.candidates, thing, noticed)
    if backend is not None:
        return _by_backend(function, backend, values)
    if failed is not None:
        raise failed
    _refuse_dtype(function)
    computed = ((made, in_words(place)) for made, place in places.sources.items())
    with function.rules("drawing"):  # where the function may have put anything
        reach = reach_of(inputs, outputs, ends, computed)
        warnings = (*odd, *reach.sentences())
        name_outputs(outputs, inputs)
        names = listed([str(y.name) for y in outputs], ", ")
    return Evaluation(
        tuple(outputs),
        inputs,
        f"{names} = {function.target.rpartition(':')[2]}({', '.join(inputs)})",
        sources=places.sources,
        warnings=warnings,
        reach=reach,
        recurrences=_recurrences(places.known),
    )


def _check_values(
    function: PyFunction, values: Mapping[str, NDArray[Any]], option: Callable[[str], str]
) -> None:
    missing = [name for name in function.names if name not in values]
    if missing:
        what = "a value" if len(missing) == 1 else "values"
        raise UsageError(
            f"{function.target} needs {what} for {', '.join(missing)}",
            hint=f"add {' '.join(map(option, missing))}",
        )


def _refuse_dtype(function: PyFunction) -> None:
    """See that no dtype is asked for where no backend computes.

    Raises:
        UsageError: One is.
    """
    if function.settings is not None and function.settings.dtype is not None:
        raise UsageError(
            f"--dtype is for PyTorch and JAX, but neither computes {function.target}",
            hint="leave it out, or say which does: --backend torch",
        )


class _Places:
    """The places in the user's code at which Functions were called."""

    def __init__(self) -> None:
        self.sources: dict[Function, tuple[str, int]] = {}
        self.known: dict[tuple[str, int], tuple[str, int]] = {}  # a loop names a line each time

    def note(self, made: Function) -> None:
        place = place_of(sys._getframe(1))
        if place:
            if place not in self.known:
                self.known[place] = (short_path(place[0]), place[1])
            self.sources[made] = self.known[place]


def _by_engine(
    function: PyFunction, engine: Foreign, values: Mapping[str, NDArray[Any]]
) -> Evaluation:
    """Call a function on Variables of another engine than ours."""
    from dzviz.sources import foreign

    with errors_of(f"calling {function.target}", function.folder):
        theirs = engine.variables(values)
        with engine.watching():
            results, odd = _applied(function, theirs)
        return foreign.evaluation(engine, function.target, results, theirs, odd)


def _by_backend(
    function: PyFunction, backend: Backend, values: Mapping[str, NDArray[Any]]
) -> Evaluation:
    """Call a function on arrays of a backend, and say which one that is."""
    from dzviz.sources.backends import Settings

    found = backend.require()
    engine = backend.code.engine(function.settings or Settings())
    made: Evaluation | None
    try:
        with errors_of(f"calling {function.target}", function.folder):
            made = engine.evaluate(function.target, function.function, values)
    except EvaluationError as error:
        partial = getattr(engine, "partial", None)
        made = partial(function.target, error) if partial is not None else None
        if made is None:
            raise
    return made._replace(
        engine=engine,
        notes=(f"{function.target} is computed by {engine.name}", *made.notes),
        warnings=(*backend.untried(found), *made.warnings),
    )


def _recurrences(
    places: Mapping[tuple[str, int], tuple[str, int]],
) -> dict[tuple[str, int], Recurrence]:
    """Return what the loops compute in which these places are, by what is known about these."""
    from dzviz.sources.recurrence import recurrences

    found: dict[tuple[str, int], Recurrence] = {}
    for path in {path for path, _ in places}:
        lines = {line: place for (other, line), place in places.items() if other == path}
        text = "".join(linecache.getlines(path))
        found |= {lines[line]: each for line, each in recurrences(text, lines).items()}
    return found


def apply(function: PyFunction, inputs: Mapping[str, Variable]) -> list[Variable]:
    """Call the function on Variables.

    Raises:
        EvaluationError: It raised an error, or did not return Variables.
    """
    return _applied(function, inputs)[0]


def _applied(
    function: PyFunction, inputs: Mapping[str, Variable]
) -> tuple[list[Variable], tuple[str, ...]]:
    """Call it; also say what is odd about what it returned."""
    with errors_of(f"calling {function.target}", function.folder):
        result = function.function(**inputs)
        if function.engine is None:
            return outputs_of(result, function.target, inputs)
        from dzviz.sources import foreign

        return foreign.outputs_of(function.engine, function.target, result)


class NoVariableError(EvaluationError):
    """A function returned something else; ``result`` is what, as a list."""

    def __init__(self, message: str, result: Any) -> None:
        super().__init__(
            message, hint="compute with NumPy's functions on the arguments, and return the result"
        )
        self.result = result


def outputs_of(
    result: Any, target: str, taken: Collection[str] = ()
) -> tuple[list[Variable], tuple[str, ...]]:
    """Return what a function returned as a list of Variables, and what is odd about it.

    Those that have no name get that which the structure gives them, if it is not ``taken``.

    Raises:
        EvaluationError: It is something else.
    """
    from dzviz.engine import Variable, other_dezero
    from dzviz.sources.outputs import leaves, left_out, outputs_in

    outputs, names, others, wrong = outputs_in(result, lambda x: isinstance(x, Variable))
    if wrong:
        parts = result if isinstance(result, list | tuple) else [result]
        modules = {type(y).__module__.partition(".")[0] for y in parts}
        if "dezero" in modules and (other := other_dezero()):
            raise EvaluationError(
                f"{target} returned a Variable of another dezero ({short_path(other)})",
                hint=OWN_ENGINE,
            )
        raise NoVariableError(
            f"{target} returned {_kind(result)}, not a Variable: it left the graph",
            leaves(result),
        )
    for y in outputs:
        if y.data is None or y.dtype.kind not in "biuf":
            what = "no data" if y.data is None else f"data of the dtype {y.dtype}"
            raise EvaluationError(f"{target} returned a Variable with {what}; dzviz needs numbers")
    for y, name in zip(outputs, names, strict=True):
        if y.name is None and name not in taken:  # two of one name could not be told apart
            y.name = name
    return outputs, (left_out(others),) if others else ()


def _kind(result: Any) -> str:
    if isinstance(result, list | tuple):
        return (
            f"a {type(result).__name__} of {', '.join(map(_kind, result))}" if result else "nothing"
        )
    if result is None:
        return "nothing"
    name = type(result).__name__
    return f"{'an' if name[0] in 'aeiou' or name == 'ndarray' else 'a'} {name}"
