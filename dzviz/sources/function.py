"""A NumPy function from the user's own Python file, as something to draw.

It runs the user's code; whoever names the file takes the responsibility. What the code prints goes
to stderr, and what it raises is told with file and line.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dzviz.errors import DzvizError, EvaluationError, UsageError, did_you_mean, out_of_memory
from dzviz.language.user_code import in_words, is_users, place_of, shown
from dzviz.text.phrases import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dzviz.engine import Function, Variable
    from dzviz.language.evaluate import Evaluation


OWN_ENGINE = "dzviz computes with its own: use NumPy's functions on the arguments"


@dataclass(frozen=True, slots=True)
class PyFunction:
    """A function as a subject, see `dzviz.sources.Subject`: its parameters are the variables.

    Those in ``optional`` have a default.
    """

    target: str
    function: Callable[..., Any]
    names: tuple[str, ...]
    optional: tuple[str, ...]

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

    def rules(self) -> AbstractContextManager[None]:
        """Turn what a rule of the user's raises into an error with its file and line."""
        return told(f"the backward pass of {self.target}")

    def place(self, name: str) -> None:
        """Return None: its text is in a file."""


def load(target: str) -> PyFunction:
    """Load ``model.py:loss`` or ``package.module:loss``.

    Raises:
        UsageError: There is no such file, module or function, or it takes ``*args``.
        EvaluationError: The file raised an error.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name or name.endswith(".py"):  # As in C:\\model.py.
        raise UsageError(
            f"--py-function takes FILE:NAME, not '{target}'",
            hint="as in --py-function model.py:loss",
        )
    with told(f"loading {place}"):
        module = _load_file(place) if _is_path(place) else _load_module(place)
    function = getattr(module, name, None)
    if not callable(function):
        raise UsageError(f"{place} has no function '{name}'", hint=_similar(module, name))
    return PyFunction(target, function, *_parameters(target, function))


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
    from dzviz.language.evaluate import Evaluation, name_outputs
    from dzviz.language.reach import Ends, unreached

    missing = [name for name in function.names if name not in values]
    if missing:
        what = "a value" if len(missing) == 1 else "values"
        raise UsageError(
            f"{function.target} needs {what} for {', '.join(missing)}",
            hint=f"add {' '.join(map(option, missing))}",
        )
    inputs = {name: Variable(array, name) for name, array in values.items()}
    sources: dict[Function, tuple[str, int]] = {}
    known: dict[tuple[str, int], tuple[str, int]] = {}  # a loop names the same line each time

    def note(made: Function) -> None:
        place = place_of(sys._getframe(1))
        if place:
            if place not in known:
                known[place] = (shown(place[0]), place[1])
            sources[made] = known[place]

    ends = Ends()
    with watch_forward(note), watch_detach(ends):
        outputs = apply(function, inputs)
    computed = ((made, in_words(place)) for made, place in sources.items())
    warnings = tuple(unreached(inputs, outputs, ends, computed))
    name_outputs(outputs, inputs)
    names = listed([str(y.name) for y in outputs], ", ")
    call = f"{function.target.rpartition(':')[2]}({', '.join(inputs)})"
    title = f"{names} = {call}"
    return Evaluation(tuple(outputs), inputs, title, sources=sources, warnings=warnings)


def apply(function: PyFunction, inputs: Mapping[str, Variable]) -> list[Variable]:
    """Call the function on Variables.

    Raises:
        EvaluationError: It raised an error, or did not return Variables.
    """
    with told(f"calling {function.target}"):
        result = function.function(**inputs)
    return outputs_of(result, function.target)


def outputs_of(result: Any, target: str) -> list[Variable]:
    """Return what a function returned as a list of Variables.

    Raises:
        EvaluationError: It is something else.
    """
    from dzviz.engine import Variable, other_dezero

    outputs = list(result) if isinstance(result, list | tuple) else [result]
    if not outputs or not all(isinstance(y, Variable) for y in outputs):
        modules = {type(y).__module__.partition(".")[0] for y in outputs}
        if "dezero" in modules and (other := other_dezero()):
            raise EvaluationError(
                f"{target} returned a Variable of another dezero ({shown(other)})", hint=OWN_ENGINE
            )
        raise EvaluationError(
            f"{target} returned {_kind(result)}, not a Variable: it left the graph",
            hint="compute with NumPy's functions on the arguments, and return the result",
        )
    for y in outputs:
        if y.data is None or y.dtype.kind not in "biuf":
            what = "no data" if y.data is None else f"data of the dtype {y.dtype}"
            raise EvaluationError(f"{target} returned a Variable with {what}; it takes numbers")
    return outputs


def _is_path(place: str) -> bool:
    return place.endswith(".py") or os.sep in place or (os.altsep or os.sep) in place


def _load_file(path: str) -> Any:
    if not os.path.isfile(path):
        raise UsageError(f"there is no file '{path}'")
    from dzviz.engine import core  # noqa: F401  # before the folder's can stand in NumPy's way

    name = os.path.splitext(os.path.basename(path))[0]
    if name in sys.modules or name in sys.stdlib_module_names:  # a file re.py is not Python's re
        name = f"{name}_of_file"
    spec = importlib.util.spec_from_file_location(name, os.path.abspath(path))
    if spec is None or spec.loader is None:
        raise UsageError(f"'{path}' is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _load_module(name: str) -> Any:
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise UsageError(
                f"there is no module '{name}'", hint="for a file write its name: model.py:loss"
            ) from None
        raise


def _parameters(
    target: str, function: Callable[..., Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise UsageError(f"{target} does not tell its parameters") from None
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    for parameter in parameters:
        if parameter.kind not in named:
            raise UsageError(
                f"{target} takes {parameter}, but a variable is a parameter with a name of its own",
            )
    required = tuple(p.name for p in parameters if p.default is p.empty)
    return required, tuple(p.name for p in parameters if p.default is not p.empty)


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turn whatever the user's code raises into one error with its file and line."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except DzvizError:
        raise
    except MemoryError:
        raise out_of_memory() from None
    except (Exception, SystemExit) as error:
        from dzviz.engine import other_dezero

        words, hint = said(error), None
        if "dzviz._dezero" in words and other_dezero():
            hint = OWN_ENGINE
        elif isinstance(error, TypeError) and "Variable does not turn into a number" in words:
            hint = "NumPy's functions take Variables: np.sin(x), not math.sin(x)"
        elif isinstance(error.__cause__, TypeError) and "a sequence" in words:
            words = said(error.__cause__)  # NumPy says only that it is no number
        raise EvaluationError(f"{what} raised {words}{_where(error)}", hint=hint) from error


def said(error: BaseException) -> str:
    """Name an error's class and what it says, if it can say it."""
    try:
        words = str(error)
    except Exception:  # an error of the user's own class
        words = ""
    return f"{type(error).__name__}: {words}".rstrip(": ")


def _where(error: BaseException) -> str:
    """The innermost line of the user's own code in a traceback."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({shown(error.filename)}, line {error.lineno})"
    found = ""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if is_users(file):
            name = trace.tb_frame.f_code.co_name
            where = "" if name == "<module>" else f", in {name}"
            found = f" ({shown(file)}, line {trace.tb_lineno}{where})"
        trace = trace.tb_next
    return found


def _similar(module: Any, name: str) -> str | None:
    names = [key for key, value in vars(module).items() if inspect.isfunction(value)]
    if likely := did_you_mean(name, names):
        return likely
    return f"it has {', '.join(names)}" if names else None


def _kind(result: Any) -> str:
    if isinstance(result, list | tuple):
        return (
            f"a {type(result).__name__} of {', '.join(map(_kind, result))}" if result else "nothing"
        )
    if result is None:
        return "nothing"
    name = type(result).__name__
    return f"{'an' if name[0] in 'aeiou' or name == 'ndarray' else 'a'} {name}"
