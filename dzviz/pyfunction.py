"""A NumPy function from the user's own Python file, as something to draw.

It runs the user's code; whoever names the file takes the responsibility. What the code prints goes
to stderr, and what it raises is told with file and line.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dzviz.errors import DzvizError, EvaluationError, UsageError, did_you_mean, out_of_memory
from dzviz.words import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dezero import Function, Variable
    from dzviz.language.evaluate import Evaluation


class PyFunction(NamedTuple):
    """A function whose parameters are the variables; those in ``optional`` have a default."""

    target: str
    function: Callable[..., Any]
    names: tuple[str, ...]
    optional: tuple[str, ...]


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
    from dezero import Variable
    from dezero.core import watch_forward
    from dzviz.language.evaluate import Evaluation, name_outputs

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
        place = _place_of(sys._getframe(1))
        if place:
            if place not in known:
                known[place] = (shown(place[0]), place[1])
            sources[made] = known[place]

    with watch_forward(note):
        outputs = apply(function, inputs)
    name_outputs(outputs, inputs)
    names = listed([str(y.name) for y in outputs], ", ")
    call = f"{function.target.rpartition(':')[2]}({', '.join(inputs)})"
    return Evaluation(tuple(outputs), inputs, f"{names} = {call}", sources=sources)


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
    from dezero import Variable

    outputs = list(result) if isinstance(result, list | tuple) else [result]
    if not outputs or not all(isinstance(y, Variable) for y in outputs):
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
    import dezero  # noqa: F401  # before a module of the folder can stand in NumPy's way

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
        words = said(error)
        lost = isinstance(error, TypeError) and re.search(r"not '?Variable'?$", words)
        hint = "NumPy's functions take Variables: np.sin(x), not math.sin(x)" if lost else None
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
        if _is_users(file):
            name = trace.tb_frame.f_code.co_name
            where = "" if name == "<module>" else f", in {name}"
            found = f" ({shown(file)}, line {trace.tb_lineno}{where})"
        trace = trace.tb_next
    return found


def _place_of(frame: Any) -> tuple[str, int] | None:
    """The innermost file and line of the user's own code that is being run."""
    while frame is not None:
        if _is_users(frame.f_code.co_filename):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


@cache
def _is_users(file: str) -> bool:
    compiled = file.endswith((".pyx", ".pxd"))  # which tell paths of where they were built
    return not file.startswith((*_foreign_folders(), "<")) and not compiled


def shown(file: str) -> str:
    """A file's name as seen from here, else without its folder: the same on every machine."""
    path = os.path.relpath(file) if os.path.isabs(file) else file
    return os.path.basename(file) if path.startswith(os.pardir) else path


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


@cache
def _foreign_folders() -> tuple[str, ...]:
    """The folders of code that is not the user's: ours, NumPy's, Python's."""
    import numpy

    import dezero

    files = (dezero.__file__, numpy.__file__, __file__, importlib.__file__)
    return tuple(os.path.dirname(os.path.abspath(str(file))) + os.sep for file in files)
