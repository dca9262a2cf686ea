"""What JAX does not promise to keep: all of it that the other modules of this source need.

Equations by what they do, how one is applied, where it was written, and how a function is traced
whose Python asks for values. It makes no graph.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import jax
import numpy as np
from jax._src import core, source_info_util
from jax.extend import core as extended

from dzviz.graph.model import LIBRARY
from dzviz.language.user_code import code_is_ours, is_users
from dzviz.records import NamedTuple

Literal = extended.Literal

CALLS = ("jit", "pjit", "closed_call", "core_call", "remat2", "checkpoint")
"""Primitives that compute what their body computes, and whose derivative is that of the body."""

RULES = {
    "custom_jvp_call": "custom_jvp",
    "custom_vjp_call": "custom_vjp",
    "custom_vjp_call_jaxpr": "custom_vjp",
}
"""Primitives whose derivative is a rule of their own, and what the user calls that."""

BROADCASTING = (
    *("add", "sub", "mul", "div", "max", "min", "pow", "rem", "atan2"),
    *("gt", "ge", "lt", "le", "eq", "ne", "and", "or", "xor"),
)
"""Primitives of equal shapes whose functions in `jax.numpy` broadcast their operands before."""

NO_TANGENT = ("stop_gradient",)
"""Primitives whose results have no derivative, though their operands have."""

UNCHANGED = ("convert_element_type", "copy", "copy_p", "pvary")
"""Primitives whose result is their operand, where its type stays."""
INDEXING = {"rewriting_take": "index", "_scatter_impl": "at"}
"""JAX's functions behind ``x[i]`` and ``x.at[i]``, whose equations stand in no call."""

PUBLIC = frozenset((*dir(jax.numpy), *dir(jax.nn)))
"""Functions that the user knows by their names, whether they are calls in a program or not."""

HOMES = tuple(
    os.path.join(os.path.dirname(str(jax.__file__)), "_src", folder, "")
    for folder in ("numpy", "nn")
)
"""Where the code of these functions is: JAX's own machinery has functions that are called so."""


class Scope(NamedTuple):
    """What an equation stands in; ``place`` tells calls of one line apart from the next ones."""

    name: str
    kind: str
    place: tuple[int, ...] = ()


PROGRAMS_APART = isinstance(jax.lax.sin_p.get_bind_params({}), tuple)
"""Whether this version hands programs to a primitive before its operands, or as a parameter."""


class Body(NamedTuple):
    """A program within an equation, with its constants."""

    program: Any
    constants: Sequence[Any]


class Loop(NamedTuple):
    """A ``scan``: its body takes constants, what is carried, and a slice of each sequence."""

    body: Body
    passes: range
    constants: int
    carried: int


def kind(equation: Any) -> str:
    """Return what an equation is: call, rule, scan, cond, while or primitive."""
    name = equation.primitive.name
    if name in CALLS:
        return "call"
    if name in RULES:
        return "rule"
    return name if name in ("scan", "cond", "while") else "primitive"


def body(equation: Any) -> Body:
    """Return the program that a call or a rule computes."""
    params = equation.params
    return _body(params.get("jaxpr", params.get("call_jaxpr", params.get("fun_jaxpr"))))


def branch(equation: Any, index: Any) -> Body:
    """Return the program that a ``cond`` chooses."""
    branches = equation.params["branches"]
    return _body(branches[min(max(int(index), 0), len(branches) - 1)])


def branches(equation: Any) -> int:
    """Return how many programs a ``cond`` has."""
    return len(equation.params["branches"])


def loop(equation: Any) -> Loop:
    """Return what a ``scan`` runs."""
    params = equation.params
    passes = range(params["length"])
    return Loop(
        _body(params["jaxpr"]),
        passes[::-1] if params["reverse"] else passes,
        params["num_consts"],
        params["num_carry"],
    )


def passes_of_while(equation: Any, values: Sequence[Any]) -> int:
    """Run a ``while`` on these operands, and return how often its body ran."""
    params = equation.params
    first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
    asked, done = values[:first], values[first:second]
    test = extended.jaxpr_as_fun(params["cond_jaxpr"])
    step = extended.jaxpr_as_fun(params["body_jaxpr"])
    count, _ = jax.lax.while_loop(
        lambda at: test(*asked, *at[1])[0],
        lambda at: (at[0] + 1, list(step(*done, *at[1]))),
        (0, list(values[second:])),
    )
    return int(count)


def size(program: Any) -> int:
    """Return how many primitives a program has, each pass of its loops counted."""
    total = 0
    for equation in program.eqns:
        what = kind(equation)
        if what == "call":
            total += size(body(equation).program)
        elif what == "scan":
            total += size_of_loop(equation)
        elif what == "cond":
            total += max(size(branch(equation, i).program) for i in range(branches(equation)))
        else:
            total += 1
    return total


def size_of_loop(equation: Any) -> int:
    """Return how many primitives a ``scan`` runs, all passes together."""
    inner = loop(equation)
    return len(inner.passes) * (1 + size(inner.body.program))


def name_of(equation: Any) -> str:
    """Return what a call or a rule is called, without the underscore of what JAX keeps private."""
    params = equation.params
    name = params.get("name")
    if name is None:
        program = body(equation).program
        info = getattr(program, "debug_info", None)
        name = getattr(info, "func_name", None) or getattr(info, "func_src_info", None)
    name = str(name or "").partition(" ")[0]
    if equation.primitive.name in ("remat2", "checkpoint"):
        return "checkpoint"
    return "" if "<lambda>" in name else name.lstrip("_")


def applied(equation: Any) -> Callable[..., Sequence[Any]]:
    """Return the function of its operands that an equation computes, with its own derivative."""
    primitive = equation.primitive
    context = equation.ctx.manager

    def apply(*values: Any) -> Sequence[Any]:
        params = primitive.get_bind_params(equation.params)
        programs, params = params if PROGRAMS_APART else ((), params)
        with context:
            results = primitive.bind(*programs, *values, **params)
        found: Sequence[Any] = results if primitive.multiple_results else [results]
        return found

    return apply


def places(equation: Any) -> Iterator[tuple[str, int]]:
    """Return files and lines outside of JAX that wrote an equation, the innermost first."""
    traceback = equation.source_info.traceback
    try:
        frames = source_info_util.user_frames(traceback)
    except AttributeError:  # older ones take the source info itself
        frames = source_info_util.user_frames(equation.source_info)
    for frame in frames:
        yield frame.file_name, frame.start_line


def transformation(f: Any) -> str | None:
    """Return by which transformation a function was made of the one that it wraps: ``grad``."""
    code = getattr(f, "__code__", None)
    if code is None or not code_is_ours(code.co_filename) or not hasattr(f, "__wrapped__"):
        return None
    inner = [cell.cell_contents for cell in f.__closure__ or ()]
    names = [each.__code__.co_name for each in (f, *inner) if hasattr(each, "__code__")]
    return next((name.removesuffix("_f") for name in names if name.endswith("_f")), None)


def call_site(equation: Any) -> tuple[Any, ...] | None:
    """Return what is the same for all that one call of JAX's in the user's code has written."""
    codes, at = _frames(equation)
    for i, code in enumerate(codes):
        if is_users(code.co_filename):
            return (codes[i - 1].co_name, *at[i:])
    return None


def scopes(equation: Any) -> tuple[Scope, ...]:
    """Return the named scopes and transformations around an equation, and JAX's function."""
    found = _named(equation.source_info.name_stack)
    call = name_of(equation) if kind(equation) in ("call", "rule") else ""
    return (*found, *_library(*_frames(equation), call))


def scopes_now() -> tuple[Scope, ...]:
    """Return the same of what is being computed now."""
    frame: Any = sys._getframe()
    frames = []
    while frame is not None and not is_users(frame.f_code.co_filename):
        frames.append(frame)
        frame = frame.f_back
    frames += [frame] if frame is not None else []
    library = _library([f.f_code for f in frames], [f.f_lasti for f in frames], "")
    return (*_named(source_info_util.current_name_stack()), *library)


def _frames(equation: Any) -> tuple[Sequence[Any], Sequence[int]]:
    """Return the code of the calls that wrote an equation, the innermost first, and where in it."""
    traceback = equation.source_info.traceback
    codes, at = traceback.raw_frames() if traceback else ((), ())
    return codes, at


def _named(stack: Any) -> list[Scope]:
    names = [part.name for part in stack.stack]
    return [Scope(name, "scope") for name in names if name not in ("jvp", "transpose")]


def _library(codes: Sequence[Any], at: Sequence[int], call: str) -> Iterator[Scope]:
    """Find the function of JAX's that the user's line has called, except for a ``call`` itself."""
    users = [i for i, code in enumerate(codes) if is_users(code.co_filename)]
    for i in range(users[0] - 1 if users else -1, -1, -1):
        word = codes[i].co_name.lstrip("_")
        name = INDEXING.get(codes[i].co_name) or (word if word in PUBLIC else None)
        if name is not None and codes[i].co_filename.startswith(HOMES):
            if name != call:
                yield Scope(name, LIBRARY, tuple(at[i + 1 :]))
            return


def is_library(equation: Any) -> bool:
    """Tell whether the function that an equation calls is none of the user's own."""
    info = getattr(body(equation).program, "debug_info", None)
    place = str(getattr(info, "func_src_info", "")).partition(" at ")[2]
    return bool(place) and not is_users(place.rpartition(":")[0])


def _body(program: Any) -> Body:
    if isinstance(program, extended.ClosedJaxpr):
        return Body(program.jaxpr, program.consts)
    return Body(program, ())


TYPE_IS_ASKED = isinstance(getattr(core.Tracer, "aval", None), property)
"""Whether this version asks a tracer for its type, and does not keep it."""


class _Tracer(core.Tracer):  # type: ignore[misc]
    """A value that knows itself, and the number that it has in a program."""

    def __init__(self, trace: Any, value: Any, number: int) -> None:
        if TYPE_IS_ASKED:
            super().__init__(trace)
        else:
            super().__init__(trace, jax.typeof(value))
        self.value = value
        self.number = number

    if TYPE_IS_ASKED:
        aval = property(lambda self: jax.typeof(self.value))

    def full_lower(self) -> Any:
        return self

    def to_concrete_value(self) -> Any:
        return core.to_concrete_value(self.value)


class _Trace(core.Trace):  # type: ignore[misc]
    """Computes what a function asks for, each primitive at once, as ``jax.grad`` does."""

    def __init__(self, run: Callable[..., Any], constant: Callable[[Any], int]) -> None:
        super().__init__()
        self.run, self.constant = run, constant

    def number(self, value: Any) -> int:
        if isinstance(value, _Tracer) and value._trace is self:
            return value.number
        return self.constant(value)

    def do(self, bind: Callable[..., Any], tracers: Iterable[Any]) -> list[_Tracer]:
        given = list(tracers)
        numbers = [self.number(each) for each in given]
        values = [each.value if isinstance(each, _Tracer) else each for each in given]
        with core.eval_context():
            closed = jax.make_jaxpr(bind)(*values)
            results = self.run(closed.jaxpr, closed.consts, numbers)
        return [_Tracer(self, value, number) for value, number in results]

    def stage_value(self, value: Any) -> Any:
        return value

    def process_primitive(self, primitive: Any, tracers: Any, params: Any, /) -> Any:
        found = self.do(lambda *xs: primitive.bind(*xs, **params), tracers)
        return found if primitive.multiple_results else found[0]

    def process_custom_jvp_call(
        self, primitive: Any, fun: Any, jvp: Any, tracers: Any, /, *, symbolic_zeros: Any
    ) -> Any:
        settings = {"symbolic_zeros": symbolic_zeros}
        return self.do(lambda *xs: _bind(primitive, (fun, jvp), xs, settings), tracers)

    def process_custom_vjp_call(
        self,
        primitive: Any,
        fun: Any,
        fwd: Any,
        bwd: Any,
        tracers: Any,
        /,
        *,
        out_trees: Any,
        symbolic_zeros: Any,
    ) -> Any:
        settings = {"out_trees": out_trees, "symbolic_zeros": symbolic_zeros}
        return self.do(lambda *xs: _bind(primitive, (fun, fwd, bwd), xs, settings), tracers)


def _bind(primitive: Any, functions: Sequence[Any], values: Any, settings: Any) -> Any:
    if PROGRAMS_APART:
        return primitive.bind(*functions, *values, **settings)
    return primitive.bind(*values, subfuns=tuple(functions), **settings)


def trace_with_values(
    f: Callable[..., Sequence[Any]],
    values: Sequence[Any],
    numbers: Sequence[int],
    run: Callable[[Any, Sequence[Any], Sequence[int]], Iterable[tuple[Any, int]]],
    constant: Callable[[Any], int],
) -> list[int]:
    """Call ``f`` on values that Python may ask for, and return the numbers of its results.

    ``run`` computes a program from the numbers of its operands, and gives values and numbers;
    ``constant`` numbers what is no operand.
    """
    trace = _Trace(run, constant)
    tracers = [_Tracer(trace, v, n) for v, n in zip(values, numbers, strict=True)]
    with core.set_current_trace(trace):
        results = f(*tracers)
    return [trace.number(each) for each in results]


def has_tangent(value: Any) -> bool:
    """Tell whether a value is of numbers that have a derivative."""
    return bool(jax.numpy.issubdtype(jax.numpy.result_type(value), np.inexact))
