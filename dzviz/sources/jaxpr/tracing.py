"""A call of a JAX function as a program, with the names of its leaves and outputs.

What it raises is reported in the user's words.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import jax
import jax.numpy as jnp

from dzviz.errors import DzvizError, EvaluationError, UsageError
from dzviz.language.user_code import in_words, innermost, is_users, place_of, short_path
from dzviz.records import NamedTuple
from dzviz.sources.jaxpr import internals
from dzviz.sources.jaxpr.leaves import Captured, Leaf, leaves_of
from dzviz.sources.jaxpr.program import Nesting, Program
from dzviz.sources.outputs import name_within


class Trace(NamedTuple):
    """A program, the numbers of its outputs and of its arguments' leaves by their names.

    ``asked`` says that Python asked for values in it, as an ``if`` does.
    """

    program: Program
    outputs: Mapping[str, int]
    inputs: Mapping[str, int]
    arguments: tuple[str, ...]
    asked: bool = False


@dataclass(frozen=True)
class _Call:
    """A function of the traced leaves alone."""

    target: str
    function: Callable[..., Any]
    bound: inspect.BoundArguments
    parts: Mapping[str, tuple[Sequence[Leaf], Any]]
    names: list[str | None]

    def __call__(self, *values: Any) -> list[Any]:
        given = iter(values)
        bound = inspect.BoundArguments(self.bound.signature, self.bound.arguments.copy())
        for name, (leaves, tree) in self.parts.items():
            put = [next(given) if leaf.traced else leaf.value for leaf in leaves]
            bound.arguments[name] = jax.tree_util.tree_unflatten(tree, put)
        result = self.function(*bound.args, **bound.kwargs)
        found, _ = jax.tree_util.tree_flatten_with_path(result)
        flat = all(len(path) == 1 and hasattr(path[0], "idx") for path, _ in found)
        self.names[:] = [None if flat else _name(path) for path, _ in found]
        return [self.array(jax.tree_util.keystr(path), value) for path, value in found]

    def array(self, path: str, value: Any) -> Any:
        """Return an output as an array.

        Raises:
            EvaluationError: It is none.
        """
        try:
            array = jnp.asarray(value)
            if jnp.issubdtype(array.dtype, jnp.complexfloating):
                raise EvaluationError(
                    f"a picture can only show real numbers, but {self.target} is complex"
                )
            return array
        except TypeError:
            what = f"{type(value).__name__}{f' at {path}' if path else ''}"
            raise EvaluationError(f"{self.target} returned {what}, not an array") from None


def trace(
    f: Callable[..., Any],
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    target: str,
    *,
    named: Mapping[str, Any],
    dtype: str | None = None,
) -> Trace:
    """Call a function, and keep all that it computes.

    ``named`` are arrays that it uses beside its arguments. Real ones become of a ``dtype``.

    Raises:
        EvaluationError: It raised an error, or returned what is no array.
    """
    call = _call(f, args, keywords, target)
    given = [leaf for leaves, _ in call.parts.values() for leaf in leaves if leaf.traced]
    program = Program(Captured(f, named).name)
    values = [_given(leaf, dtype) for leaf in given]
    numbers = [program.leaf(value, leaf.name) for value, leaf in zip(values, given, strict=True)]
    asked = False
    with errors_of(f"calling {target}"):
        try:
            closed = jax.make_jaxpr(call)(*values)
        except jax.errors.ConcretizationTypeError as error:
            outputs = _with_values(program, call, values, numbers, error)
            asked = True
        else:
            outputs = program.run(closed.jaxpr, closed.consts, numbers)
    if not outputs:
        raise EvaluationError(f"{target} returned nothing: there is no output")
    return Trace(
        program,
        output_names(zip(call.names, outputs, strict=True), program.leaves.values()),
        {leaf.name: number for leaf, number in zip(given, numbers, strict=True)},
        tuple(call.parts),
        asked,
    )


def _call(
    f: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any], target: str
) -> _Call:
    """Take the arguments of a call apart; defaults that are arrays are leaves, too."""
    try:
        bound = inspect.signature(f).bind(*args, **keywords)
    except TypeError as error:
        raise EvaluationError(f"calling {target}: {error}") from None
    given = set(bound.arguments)
    bound.apply_defaults()
    parts = {}
    for name, value in bound.arguments.items():
        leaves, tree = leaves_of(name, value)
        variable = bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD
        if variable:
            leaves = [leaf._replace(name=_keyword(leaf.name, name)) for leaf in leaves]
        if name not in given:
            leaves = [
                leaf._replace(traced=leaf.traced and not isinstance(leaf.value, float))
                for leaf in leaves
            ]
        if any(leaf.traced for leaf in leaves):
            parts[name] = leaves, tree
    return _Call(target, f, bound, parts, [])


def _keyword(path: str, name: str) -> str:
    """Name what ``**kwargs`` holds as it was given: ``x`` for ``kwargs['x']``."""
    key, closed, rest = path.removeprefix(f"{name}['").partition("']")
    return f"{key}{rest}" if closed and path.startswith(f"{name}['") else path


def _name(path: Sequence[Any]) -> str | None:
    """Name a part of a result by the way there; a class may register any objects as its keys."""
    name = ""
    for step in path:
        words = (word for word in ("idx", "key", "name") if hasattr(step, word))
        name = name_within(name, getattr(step, next(words, ""), step))
    return name or None


def output_names(outputs: Iterable[tuple[str | None, int]], taken: Iterable[str]) -> dict[str, int]:
    """Name outputs as in the book, where their structure gives them no name that is free."""
    outputs, used = list(outputs), set(taken)
    used |= {name.partition("[")[0].partition(".")[0] for name in used}
    named = {name for name, _ in outputs if name not in used}
    for base in chain(("y", "out"), (f"out{n}" for n in count(2))):
        plain = [base] if len(outputs) == 1 else [f"{base}{i}" for i in range(len(outputs))]
        if (used | named).isdisjoint((base, *plain)):
            break
    found: dict[str, int] = {}
    for (name, number), other in zip(outputs, plain, strict=True):
        free = name is not None and name not in used and name not in found
        found[str(name) if free else other] = number
    return found


def _given(leaf: Leaf, dtype: str | None) -> Any:
    value = jnp.asarray(leaf.value)
    if dtype is not None and internals.has_tangent(value):
        value = _cast(value, dtype)
    if jnp.issubdtype(value.dtype, jnp.complexfloating):
        raise EvaluationError(f"a picture can only show real numbers, but {leaf.name} is complex")
    return value


def _cast(value: Any, dtype: str) -> Any:
    try:
        float_type = jnp.dtype(dtype)
    except TypeError:
        float_type = None
    if float_type is None or not jnp.issubdtype(float_type, jnp.floating):
        raise UsageError(f"JAX has no floats of type '{dtype}'", hint="as in: --dtype bfloat16")
    if float_type == jnp.float64 and not jax.config.jax_enable_x64:
        raise UsageError(
            "JAX computes in float64 only with jax_enable_x64", hint="set JAX_ENABLE_X64=1"
        )
    return value.astype(float_type)


def _with_values(
    program: Program,
    call: _Call,
    values: Sequence[Any],
    numbers: Sequence[int],
    error: Exception,
) -> list[int]:
    """Trace with values that Python may ask for; those within ``jax.jit`` nobody has."""
    nesting = Nesting(program, None)

    def run(inner: Any, constants: Sequence[Any], operands: Sequence[int]) -> list[Any]:
        within = internals.scopes_now()
        with program.at(place_of(sys._getframe())):
            found = program.run(inner, constants, operands, scope=nesting, within=within)
        return [(program.values[i], i) for i in found]

    try:
        return internals.trace_with_values(call, values, numbers, run, program.constant)
    except (AttributeError, ImportError) as broken:
        if not is_of_jax(broken):
            raise
        raise error from broken


@contextmanager
def errors_of(what: str) -> Iterator[None]:
    """Tell in few words what JAX or the user's code raises, with the line.

    Raises:
        EvaluationError: It raises something.
    """
    try:
        yield
    except DzvizError:
        raise
    except Exception as error:
        words, hint = _message_of(error)
        raise EvaluationError(f"{what} raised {words}{_where(error)}", hint=hint) from error


def _message_of(error: Exception) -> tuple[str, str | None]:
    """Say what was raised, and what helps."""
    if isinstance(error, jax.errors.TracerArrayConversionError):
        words = f"{type(error).__name__}: NumPy received an array that JAX traces"
        return words, "use jax.numpy, as jnp.sin(x)"
    if isinstance(error, jax.errors.ConcretizationTypeError):
        if "`float`" in str(error):
            words = (
                f"{type(error).__name__}: float() asked for the value of an array that JAX traces"
            )
            return words, "leave it out: an array with one number works like a number"
        return (
            f"{type(error).__name__}: Python asked for the value of an array that JAX traces",
            "inside jax.jit, vmap, scan and similar functions, use jnp.where or jax.lax.cond",
        )
    first = str(error).strip().partition("\n\n")[0]
    return f"{type(error).__name__}: {' '.join(first.split())}".rstrip(": "), None


def is_of_jax(error: BaseException) -> bool:
    """Tell whether an error was raised in JAX's or our own code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    file = trace.tb_frame.f_code.co_filename if trace is not None else ""
    return not is_users(file)


def _where(error: BaseException) -> str:
    """The innermost line of the user's own code in a traceback."""
    found = innermost(error)
    return in_words((short_path(found[0].f_code.co_filename), found[1])) if found else ""
