"""From the syntax tree to Variables: every op is looked up in the table and applied.

It knows nothing of files or options.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import OPS, Constant, Pow, Variable, constant
from dzviz.errors import EvaluationError, ExpressionError, Place
from dzviz.language.application import Result, broadcast_size, numeric, short
from dzviz.language.calls import Calls
from dzviz.language.evaluation import Evaluation, name_outputs
from dzviz.language.makers import MAKERS
from dzviz.language.parse import missing_value, unknown_function
from dzviz.language.reach import Ends, Reach, reach_of
from dzviz.language.syntax import CONSTANTS, Program, left_operand

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

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
"""Python's comparisons; their results are constants."""


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


def check(program: Program) -> None:
    """Check without values that all functions exist and are called with what they take.

    Raises:
        ExpressionError: It calls an unknown function, or wrongly.
    """
    _Evaluator(program, _functions(), None).check()


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
    return np.array(numeric(outputs[0]).data)


class _Evaluator(Calls):
    """Walks one program; holds the values of its names."""

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
        super().__init__(program, stream)
        self.names: dict[str, Result] = {}
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
        what = f"{short(self.program.source(source))} is {len(values)} values"
        return self.error(node, f"{what}, but a single value is needed here", hint=", ".join(names))

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
                return self.apply(node, "neg", numeric(self.value(operand)))
            case ast.UnaryOp(operand=operand):
                return self.value(operand)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(node, name)
            case ast.List(elts=items):
                return self.array(node, [numeric(self.value(item)) for item in items])
        raise AssertionError(f"the syntax let {type(node).__name__} through")

    def extend(self, node: ast.expr, left: Variable) -> Variable:
        """Compute a node from its left operand."""
        match node:
            case ast.BinOp(op=operator, right=right_node):
                left, right = numeric(left), numeric(self.value(right_node))
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
        self.reserve(node, lambda: broadcast_size(a.shape, b.shape), lambda: 0)
        self.ends.add(f"the comparison {short(self.program.source(node))}", a, b)
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


def _parts(result: Result) -> tuple[Variable, ...]:
    return (result,) if isinstance(result, Variable) else tuple(result)


def _functions() -> set[str]:
    return {*OPS, *(name for name, maker in MAKERS.items() if not maker.random)}


def _float(number: float) -> NDArray[Any]:
    try:
        return np.array(float(number))
    except OverflowError:
        return np.array(math.inf)


def _name_outputs(program: Program, outputs: list[Variable]) -> list[str]:
    targets = (s.target for s in program.statements if s.target is not None)
    return name_outputs(outputs, {*program.names, *program.constants, *targets})


def _title(program: Program, names: list[str]) -> str:
    """Write the statements on one line; the last one with its outputs' names where all are ours."""
    sources = []
    for statement in program.statements:
        source = " ".join(program.source(statement.value).split())
        sources.append(f"{statement.target} = {source}" if statement.target else source)
    if names and len(names) == len(program.outputs) and program.statements[-1].target is None:
        sources[-1] = f"{', '.join(names)} = {sources[-1]}"
    return "; ".join(sources)
