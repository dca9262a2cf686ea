"""From the syntax tree to Variables: every op is looked up in the table and applied.

It knows nothing of files or options. What it computes is bounded: each result's size is predicted
from the operands' shapes before any memory is asked for.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from dzviz.engine import OPS, Constant, Function, Pow, Variable, constant, watch_forward
from dzviz.errors import EvaluationError, ExpressionError, Place
from dzviz.graph.model import Recurrence
from dzviz.language.limits import Budget
from dzviz.language.makers import MAKERS
from dzviz.language.parse import missing_value, unknown_function
from dzviz.language.reach import Ends, Reach, reach_of
from dzviz.language.syntax import CONSTANTS, Program, left_operand
from dzviz.text.phrases import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.USub: "neg",
}
"""Python's operators, each with the name of its op."""

LARGER_OF_TWO = {"max": "maximum", "min": "minimum"}
"""Reductions that Python's users call with two operands, each with the op that they mean."""

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
"""Python's comparisons; their results are constants."""


Result: TypeAlias = Variable | tuple[Variable, ...]
"""What an op gives: one value, or several with names."""


class Setting(NamedTuple):
    """What a parameter takes that is no operand: its name in words, and what it accepts."""

    name: str
    accepts: Callable[[Any], bool]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_shape(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, tuple) and all(map(_is_whole, value)))


SETTINGS: dict[str, Setting] = {
    "Axis": Setting(
        "an axis: a whole number, several whole numbers, or None",
        lambda v: v is None or _is_shape(v),
    ),
    "Flag": Setting("True or False", lambda v: isinstance(v, bool)),
    "bool": Setting("True or False", lambda v: isinstance(v, bool)),
    "int": Setting("a whole number", _is_whole),
    "float": Setting("a number", lambda v: isinstance(v, int | float)),
    "Number": Setting("a number", lambda v: isinstance(v, int | float | None)),
    "Shape": Setting("a shape: one or more whole numbers", _is_shape),
}
"""The kinds of parameters that take no operand, by their names in `dezero.ops`."""


class Evaluation(NamedTuple):
    """An expression's Variables, or a Python function's.

    ``title`` is the text on one line, with the names of its outputs. For each Function, ``spans``
    tells which characters of the text it comes from, ``sources`` which file and line. ``warnings``
    say in a sentence what is odd, though no error, ``notes`` what is not. ``recurrences`` are those
    of `dzviz.graph.model.Graph`. Where another engine
    computed it, its Variables are of that ``engine``, which runs its own pass
    (`dzviz.sources.foreign`). Where it ``failed`` on the way, this is what was computed before.
    ``reach`` tells which inputs reach no output.
    """

    outputs: tuple[Variable, ...]
    inputs: dict[str, Variable]
    title: str
    spans: Mapping[Function, tuple[int, int]] = MappingProxyType({})
    sources: Mapping[Function, tuple[str, int]] = MappingProxyType({})
    warnings: tuple[str, ...] = ()
    engine: Any = None
    notes: tuple[str, ...] = ()
    failed: EvaluationError | None = None
    reach: Reach | None = None
    recurrences: Mapping[tuple[str, int], Recurrence] = MappingProxyType({})


def evaluate(
    program: Program,
    values: Mapping[str, NDArray[Any]],
    *,
    option: Callable[[str], str] = "--{} VALUE".format,
) -> Evaluation:
    """Compute a program from the values of its variables.

    ``option`` writes how a missing value is given, for the error's hint.

    Raises:
        ExpressionError: It calls an unknown function, or wrongly.
        UsageError: A variable has no value.
        EvaluationError: Shapes do not match, or a result would be too large.
    """
    functions = _functions()
    evaluator = _Evaluator(program, functions, None)
    missing = [name for name in program.names if name not in values]
    if missing:
        raise missing_value(program, missing, functions=functions, option=option)
    inputs = {}
    for name in (*program.names, *program.constants):
        if name in values:
            place, what = program.place(program.outputs[0]), f"the value of {name}"
            evaluator.budget.spend(values[name].size, what, place)
            evaluator.budget.check_empty(values[name].shape, what, place)
            inputs[name] = Variable(values[name], name)
    outputs = evaluator.run(inputs)
    names = _name_outputs(program, outputs)
    title, (warnings, reach) = _title(program, names), evaluator.warnings(inputs, outputs)
    return Evaluation(
        tuple(outputs), inputs, title, evaluator.spans, warnings=warnings, reach=reach
    )


def apply(program: Program, inputs: Mapping[str, Variable]) -> list[Variable]:
    """Compute the outputs of a checked program from Variables."""
    return _Evaluator(program, _functions(), None).run(inputs)


def evaluate_value(program: Program, stream: tuple[int, str]) -> NDArray[Any]:
    """Compute a program without variables, to be the value of one.

    ``stream`` is a seed and a name; every pair has random numbers of its own.

    Raises:
        ExpressionError: It names a variable, or calls an unknown function.
        EvaluationError: Shapes do not match, or a result would be too large.
    """
    evaluator = _Evaluator(program, {*OPS, *MAKERS}, stream)
    if program.names:
        raise ExpressionError(
            f"a value cannot use a variable ({program.names[0]})",
            hint="write numbers, lists of numbers, or arrays like zeros(3) and rand(2, 3)",
        )
    outputs = evaluator.run({})
    if len(outputs) != 1:
        from dzviz.language.hints import hint_for_comma

        asked = hint_for_comma(program.text)
        hint = f"{asked}; write an array as [1, 2, 3]" if asked else "write an array as [1, 2, 3]"
        raise ExpressionError("a value is a single number or array", hint=hint)
    return np.array(_operand(outputs[0]).data)


class _Evaluator:
    """Walks one program; holds its names and what its values have cost so far."""

    def __init__(
        self, program: Program, functions: Collection[str], stream: tuple[int, str] | None
    ) -> None:
        for call in program.calls:
            if call.name not in functions:
                if call.name in MAKERS:
                    raise ExpressionError(
                        f"{call.name} makes random values, which only a variable can have",
                        place=Place(program.text, *call.span),
                        hint=f'write a variable instead, and set it with --x "{call.name}(3)"',
                    )
                raise unknown_function(program, call, functions)
        self.program = program
        self.stream = stream
        self.generator: Any = None
        self.names: dict[str, Result] = {}
        self.spans: dict[Function, tuple[int, int]] = {}
        self.budget = Budget()
        self.unused: dict[str, tuple[Variable, ...]] = {}
        self.ends = Ends()

    def run(self, inputs: Mapping[str, Variable]) -> list[Variable]:
        """Compute the statements in order and return the outputs."""
        self.names = {name: Constant(np.array(value), name) for name, value in CONSTANTS.items()}
        self.names.update(inputs)
        unused = {mention.span for mention in self.program.unused}
        for statement in self.program.statements[:-1]:
            result = self.result_of(statement.value)
            self.assign(statement.target, result)
            if statement.target_span in unused:
                self.unused[str(statement.target)] = _parts(result)
        last = self.program.statements[-1]
        results = [self.result_of(node) for node in self.program.outputs]
        if len(results) == 1:
            self.assign(last.target, results[0])
        return [y for result in results for y in _parts(result)]

    def warnings(
        self, inputs: Mapping[str, Variable], outputs: Sequence[Variable]
    ) -> tuple[tuple[str, ...], Reach]:
        """Say which names are never used, and which variables do not reach an output."""
        never = {name: f"'{name}', which is never used" for name in self.unused}
        for name, values in self.unused.items():
            self.ends.add(never[name], *values)
        reach = reach_of(inputs, outputs, self.ends)
        sentences = reach.sentences()
        alone = [
            f"'{name}' is never used"
            for name, end in never.items()
            if not any(end in sentence for sentence in sentences)
        ]
        asked = None
        if re.search(r"\d,\d", self.program.text):
            from dzviz.language.hints import hint_for_comma

            asked = hint_for_comma(self.program.text)
        return (*([asked] if asked else []), *alone, *sentences), reach

    def assign(self, target: str | None, result: Result) -> None:
        """Give a computed value its name; an alias of a named one makes nothing new."""
        fields: tuple[str, ...] = getattr(result, "_fields", ())
        for field, value in zip(fields, _parts(result), strict=False):
            if value.name is None:
                value.name = field if target is None else f"{target}.{field}"
        if target is None:
            return
        if isinstance(result, Variable):
            literal = isinstance(result, Constant) and result.name not in self.names
            if literal or result.name is None:
                result.name = target
        self.names[target] = result

    def value(self, node: ast.expr) -> Variable:
        """Compute a node that is one value.

        Raises:
            EvaluationError: It is several.
        """
        result = self.result_of(node)
        if isinstance(result, Variable):
            return result
        raise self.several(node, node, result)

    def result_of(self, node: ast.expr) -> Result:
        """Compute a node; what holds no variable becomes a constant, named by its source.

        A chain like ``a + b + c + ...`` leans to the left as far as its text is long, so it is
        followed in a loop.
        """
        chain = [node]
        while (left := left_operand(chain[-1])) is not None:
            chain.append(left)
        before = chain.pop()
        value: Result = self.start(before)
        for link in reversed(chain):
            if isinstance(value, Variable):
                value = self.extend(link, value)
            else:
                value = self.chosen(link, before, value)
            before = link
        return value

    def chosen(self, node: ast.expr, source: ast.expr, values: tuple[Variable, ...]) -> Variable:
        """Take one of several values by its number."""
        key = self.key(node.slice) if isinstance(node, ast.Subscript) else None
        if isinstance(key, int) and -len(values) <= key < len(values):
            return values[key]
        raise self.several(node, source, values)

    def several(
        self, node: ast.expr, source: ast.expr, values: tuple[Variable, ...]
    ) -> EvaluationError:
        """Return the error of several values where one belongs."""
        names = [f"[{i}] is {name}" for i, name in enumerate(getattr(values, "_fields", ()))]
        what = f"{_short(self.program.source(source))} is {len(values)} values"
        return self.error(node, f"{what}, but this needs a value", hint=", ".join(names))

    def start(self, node: ast.expr) -> Result:
        """Compute a node that has no left operand."""
        match node:
            case ast.Constant(value=int() | float() as number):
                return constant(_float(number))
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return constant(-_float(number))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.apply(node, "neg", _operand(self.value(operand)))
            case ast.UnaryOp(operand=operand):
                return self.value(operand)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(node, name)
            case ast.List(elts=items):
                return self.array(node, [_operand(self.value(item)) for item in items])
        raise AssertionError(f"the syntax let {type(node).__name__} through")

    def extend(self, node: ast.expr, left: Variable) -> Variable:
        """Compute a node from its left operand."""
        match node:
            case ast.BinOp(op=operator, right=right_node):
                left, right = _operand(left), _operand(self.value(right_node))
                if isinstance(operator, ast.Pow) and isinstance(right, Constant) and not right.ndim:
                    return self.power(node, left, right, right_node)
                return self.apply(node, OPERATORS[type(operator)], left, right)
            case ast.Compare(ops=[operator], comparators=[right_node]):
                return self.compare(node, operator, left, self.value(right_node))
            case ast.Subscript(slice=key):
                return self.apply(node, "get_item", left, self.key(key))
            case ast.Attribute(attr="T"):
                return self.apply(node, "transpose", left)
        raise AssertionError(f"the syntax let {type(node).__name__} through")

    def power(
        self, node: ast.expr, base: Variable, exponent: Variable, source: ast.expr
    ) -> Variable:
        """Raise to a constant exponent, a part of the op; ``(1/3)`` stays as it is written."""
        result = self.apply(node, "pow", base, exponent.data.item())
        if isinstance(result.creator, Pow) and isinstance(source, ast.BinOp):
            text = " ".join(self.program.source(source).split())
            result.creator.text = f"({text})" if len(text) <= 12 else None
        return result

    def name(self, name: str) -> Result:
        """Look a name up; a constant like pi is a node of its own wherever it stands."""
        value = self.names[name]
        if name in CONSTANTS and isinstance(value, Constant):
            return Constant(value.data, name)
        return value

    def compare(self, node: ast.expr, operator: ast.cmpop, a: Variable, b: Variable) -> Variable:
        """Compare the values; the result is a constant."""
        self.reserve(node, lambda: _broadcast_size(a.shape, b.shape), lambda: 0)
        self.ends.add(f"the comparison {_short(self.program.source(node))}", a, b)
        try:
            return constant(COMPARISONS[type(operator)](a.data, b.data), self.program.source(node))
        except ValueError:
            raise self.misfit(node, "a comparison", [a, b]) from None

    def array(self, node: ast.expr, items: list[Variable]) -> Variable:
        """Make an array of a list, through ``stack`` where it holds variables."""
        shapes = [item.shape for item in items]
        if len(set(shapes)) > 1:
            raise self.error(
                node,
                "the parts of a list must have the same shape, but these have "
                f"{', '.join(map(str, dict.fromkeys(shapes)))}",
                hint="make every row as long as the others",
            )
        if items:
            array = self.apply(node, "stack", items)
            if all(isinstance(item, Constant) and item.name is None for item in items):
                array.name = None  # it is written as it will be shown
            return array
        return constant(np.zeros(0), self.program.source(node))

    def call(self, node: ast.Call, name: str) -> Result:
        """Call an op or a maker by its name."""
        if name in MAKERS:
            return self.make(node, name)
        if name in LARGER_OF_TWO and len(node.args) > 1:
            raise ExpressionError(
                f"{name} takes one array; name the axis",
                place=self.program.place(node),
                hint=f"of two values: {LARGER_OF_TWO[name]}(x, y); along an axis: {name}(x, "
                "axis=0)",
            )
        parameters = inspect.signature(OPS[name].function).parameters
        kinds = [str(parameter.annotation) for parameter in parameters.values()]
        keywords = {str(keyword.arg): keyword.value for keyword in node.keywords}
        kind_of = dict(zip(parameters, kinds, strict=True))
        *_, last = parameters.values()
        several = last.kind is last.VAR_POSITIONAL
        kinds += kinds[-1:] * (len(node.args) - len(kinds) if several else 0)
        arguments = [
            self.argument(argument, kind) for argument, kind in zip(node.args, kinds, strict=False)
        ]
        options = {
            key: self.argument(value, kind_of[key])
            for key, value in keywords.items()
            if key in kind_of
        }
        try:
            if len(node.args) > len(kinds):
                most = f"{len(parameters)} argument{'s' if len(parameters) > 1 else ''}"
                raise TypeError(f"it takes {most}, not {len(node.args)}")
            inspect.signature(OPS[name].function).bind(*arguments, **dict.fromkeys(keywords))
        except TypeError as error:
            from dzviz.language.hints import hint_for_arguments

            usage = f"{name}({', '.join(parameters)}{', ...' if several else ''})"
            source = self.program.source(node).partition("(")[2][:-1]
            hint = hint_for_arguments(name, source, usage)
            raise ExpressionError(
                f"{name}: {error}", place=self.program.place(node), hint=hint
            ) from None
        return self.results(node, name, *arguments, **options)

    def argument(self, node: ast.expr, kind: str) -> Any:
        """Compute an argument as its parameter wants it: an operand, a list of them, a setting."""
        if kind == "Operands":
            if isinstance(node, ast.List):
                return [_operand(self.value(item)) for item in node.elts]
            raise self.error(node, "a list of operands belongs here", hint="write it as [x, y]")
        if kind.endswith("| None") and isinstance(node, ast.Constant) and node.value is None:
            return None
        operand = kind.removesuffix(" | None")
        if operand in ("Operand", "Data"):
            if isinstance(node, ast.Tuple) or (
                isinstance(node, ast.Constant) and not isinstance(node.value, int | float)
            ):
                raise self.error(
                    node,
                    f"a value belongs here, not {self.program.source(node)}",
                    hint="write an array in square brackets: [1, 2]",
                )
            value = self.value(node)
            return value if operand == "Data" else _operand(value)
        if kind == "Any":  # the key of get_item
            return self.key(node)
        if kind == "Text":
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                return node.value
            raise self.error(
                node,
                f"letters in quotation marks belong here, not {self.program.source(node)}",
                hint="a letter for each axis: einsum('ij,jk->ik', a, b) is a @ b",
            )
        setting = self.setting(node)
        if operand in SETTINGS and not SETTINGS[operand].accepts(setting):
            raise self.error(node, f"{SETTINGS[operand].name} belongs here, not {setting}")
        return setting

    def setting(self, node: ast.expr) -> Any:
        """Compute a shape, an axis, a flag: whole numbers and tuples of them, known beforehand."""
        match node:
            case ast.Constant(value=None | bool() as flag):
                return flag
            case ast.Tuple(elts=items):
                return tuple(self.setting(item) for item in items)
        value = self.value(node)
        if isinstance(value, Constant) and not value.ndim:
            number = value.data.item()
            return int(number) if isinstance(number, float) and number.is_integer() else number
        if isinstance(value, Constant) and value.ndim == 1:
            return tuple(self.whole(node, value).tolist())
        raise self.error(node, "a number belongs here, not a variable or an array")

    def key(self, node: ast.expr) -> Any:
        """Compute an index: whole numbers, slices, lists of whole numbers, masks."""
        match node:
            case ast.Tuple(elts=items):
                return tuple(self.key(item) for item in items)
            case ast.Slice(lower=lower, upper=upper, step=step):
                return slice(*(part and self.key(part) for part in (lower, upper, step)))
            case ast.Constant(value=None | EllipsisType() as special):
                return special
            case ast.List(elts=[ast.Constant(value=bool()), *_] as items) if all(
                isinstance(item, ast.Constant) and isinstance(item.value, bool) for item in items
            ):
                return np.array([item.value for item in items if isinstance(item, ast.Constant)])
            case ast.Constant(value=bool()):
                raise self.error(node, "True and False are an index only in a list, as a mask")
        value = self.value(node)
        if not isinstance(value, Constant):
            raise self.error(
                node,
                "an index must not depend on a variable",
                hint="use numbers, slices, or a comparison like x > 0",
            )
        if value.dtype == bool and value.ndim:
            return value.data
        whole = self.whole(node, value)
        return whole if value.ndim else whole.item()

    def whole(self, node: ast.expr, value: Variable) -> NDArray[np.int64]:
        """Read whole numbers."""
        data = value.data
        if not np.all(np.isfinite(data)) or np.any(data != np.rint(data)) or data.dtype == bool:
            raise self.error(node, f"{self.program.source(node)} is not a whole number")
        return data.astype(np.int64)

    def make(self, node: ast.Call, name: str) -> Variable:
        """Make an array by formula."""
        maker = MAKERS[name]
        arguments = [self.setting(argument) for argument in node.args]
        try:
            if node.keywords or any(argument is None for argument in arguments):
                raise TypeError
            what, place = self.result(node), self.program.place(node)
            self.budget.spend(maker.elements(*arguments), what, place)
            if maker.random and self.generator is None and self.stream is not None:
                seed, variable = self.stream
                self.generator = np.random.default_rng([seed, *variable.encode()])
            made = constant(maker.make(self.generator, *arguments), self.program.source(node))
            self.budget.check_empty(made.shape, what, place)
            return made
        except TypeError:
            raise ExpressionError(
                f"{name} cannot be called like this",
                place=self.program.place(node),
                hint=f"write it as {maker.usage}",
            ) from None
        except ValueError as error:
            raise self.error(node, f"{name}: {error}") from None

    def apply(self, node: ast.expr, name: str, *arguments: Any, **options: Any) -> Variable:
        """Apply an op that has one result."""
        result = self.results(node, name, *arguments, **options)
        assert isinstance(result, Variable)
        return result

    def results(self, node: ast.expr, name: str, *arguments: Any, **options: Any) -> Result:
        """Apply an op after its result's size was found bearable."""
        op = OPS[name]
        operands = [
            x
            for argument in (*arguments, *options.values())
            for x in (argument if isinstance(argument, list) else [argument])
            if isinstance(x, Variable)
        ]
        elements, cost = op.elements, op.cost

        def size() -> float:
            if elements is not None:
                return elements(*arguments, **options)
            return _broadcast_size(*(x.shape for x in operands))

        def room() -> float:
            largest = max((x.size for x in operands), default=0)
            return largest if cost is None else max(largest, cost(*arguments, **options))

        self.reserve(node, size, room)
        try:
            with self.spanning(node) if op.composed else nullcontext():
                result: Result = op.function(*arguments, **options)
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            if len(operands) > 1 and _MISFIT.match(str(error)):
                raise self.misfit(node, name, operands) from None
            what = op.symbol or name
            hint = f"{what} takes {op.shapes}" if op.shapes != "any" else None
            message = f"{what}: {error}{_shapes_beside(str(error), operands)}"
            raise self.error(node, message, hint=hint) from None
        if not isinstance(result, Variable):
            return result
        self.budget.check_empty(result.shape, self.result(node), self.program.place(node))
        if isinstance(result, Constant):
            return Constant(result.data, self.program.source(node), result.maker)
        if result.creator is not None:
            self.spans[result.creator] = self.program.span(node)
        return result

    def spanning(self, node: ast.expr) -> AbstractContextManager[None]:
        """Note of all that is computed in a ``with`` block that it comes from here."""
        span = self.program.span(node)
        return watch_forward(lambda made: self.spans.update({made: span}))

    def reserve(self, node: ast.expr, size: Callable[[], float], cost: Callable[[], float]) -> None:
        """Count what a result will need; what does not fit together fails when it is computed."""
        try:
            needed = size(), cost()
        except (ValueError, TypeError, IndexError):
            return
        self.budget.spend(needed[0], self.result(node), self.program.place(node), cost=needed[1])

    def result(self, node: ast.expr) -> str:
        """Name the result of a node."""
        return f"the result of {_short(self.program.source(node))}"

    def misfit(self, node: ast.expr, what: str, operands: list[Variable]) -> EvaluationError:
        """Return the error of shapes that do not fit together; ``what`` is an op or in words."""
        *others, last = (str(x.shape) for x in operands)
        op = OPS.get(what)
        name = f"'{op.symbol or op.name}'" if op else what
        hint = f"{name} takes {op.shapes}" if op and op.shapes != "any" else None
        message = f"{name} does not fit shapes {', '.join(others)} and {last}"
        return self.error(node, message, hint=hint)

    def error(self, node: ast.expr, message: str, *, hint: str | None = None) -> EvaluationError:
        """Return the error of what cannot be computed, at its place."""
        return EvaluationError(message, place=self.program.place(node), hint=hint)


_MISFIT = re.compile(
    r"operands could not be|shape mismatch|matmul: |all the? ?input array|all input arrays"
)
"""What NumPy says of shapes that do not fit together."""


def _shapes_beside(message: str, operands: Sequence[Variable]) -> str:
    """Write the operands' shapes, if a message does not name them all."""
    shapes = list(dict.fromkeys(str(x.shape) for x in operands))
    if all(shape in message for shape in shapes):
        return ""
    if len(shapes) == 1:
        return f"; its shape is {shapes[0]}"
    return f"; the shapes are {listed(shapes[:-1], ', ')} and {shapes[-1]}"


def _short(source: str) -> str:
    """Write a part of the text on one line, of a long one the beginning."""
    line = " ".join(source.split())
    return line if len(line) <= 40 else f"{line[:37]}..."


def _parts(result: Result) -> tuple[Variable, ...]:
    return (result,) if isinstance(result, Variable) else tuple(result)


def _operand(x: Variable) -> Variable:
    """Make numbers of truth values: in arithmetic True is 1."""
    return Constant(x.data.astype(float), x.name) if x.dtype == bool else x


def _functions() -> set[str]:
    return {*OPS, *(name for name, maker in MAKERS.items() if not maker.random)}


def _float(number: float) -> NDArray[Any]:
    try:
        return np.array(float(number))
    except OverflowError:
        return np.array(math.inf)


def _broadcast_size(*shapes: tuple[int, ...]) -> int:
    return math.prod(np.broadcast_shapes(*shapes))


def _name_outputs(program: Program, outputs: list[Variable]) -> list[str]:
    targets = (s.target for s in program.statements if s.target is not None)
    return name_outputs(outputs, {*program.names, *program.constants, *targets})


def name_outputs(outputs: Sequence[Variable], used: Collection[str]) -> list[str]:
    """Call an unnamed output ``y`` as in the book, or ``out`` where the user has a ``y``.

    Returns the names that were given.
    """
    taken = {*used, *(y.name for y in outputs)}
    for base in ("y", "out", *(f"out{n}" for n in range(2, len(taken) + 3))):
        names = [base] if len(outputs) == 1 else [f"{base}{i}" for i in range(len(outputs))]
        if taken.isdisjoint((base, *names)):
            break
    unnamed = [(y, name) for y, name in zip(outputs, names, strict=True) if y.name is None]
    for y, name in unnamed:
        y.name = name
    return [name for _, name in unnamed]


def _title(program: Program, names: list[str]) -> str:
    """Write the statements on one line; the last one with its outputs' names where all are ours."""
    sources = []
    for statement in program.statements:
        source = " ".join(program.source(statement.value).split())
        sources.append(f"{statement.target} = {source}" if statement.target else source)
    if names and len(names) == len(program.outputs) and program.statements[-1].target is None:
        sources[-1] = f"{', '.join(names)} = {sources[-1]}"
    return "; ".join(sources)
