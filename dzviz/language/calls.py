"""Calls of ops and makers: what each parameter takes, an operand or a setting."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from types import EllipsisType
from typing import TYPE_CHECKING, Any

import numpy as np

from dzviz.engine import OPS, Constant, Variable, constant
from dzviz.errors import ExpressionError
from dzviz.language.application import Application, Result, numeric
from dzviz.language.makers import MAKERS
from dzviz.language.syntax import Program
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGER_OF_TWO = {"max": "maximum", "min": "minimum"}
"""Reductions that Python's users call with two operands, each with the op that they mean."""


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


def _takes_several(parameters: Mapping[str, inspect.Parameter]) -> bool:
    """Whether the last parameter takes any number of arguments."""
    *_, last = parameters.values()
    return last.kind is last.VAR_POSITIONAL


class Calls(Application):
    """Reads the calls of one program.

    ``stream`` is a seed and a name: random numbers of makers.
    """

    def __init__(self, program: Program, stream: tuple[int, str] | None) -> None:
        super().__init__(program)
        self.stream = stream
        self.generator: Any = None

    def value(self, node: ast.expr) -> Variable:
        """Compute an argument that is one value."""
        raise NotImplementedError

    def call(self, node: ast.Call, name: str) -> Result:
        """Call an op or a maker by its name."""
        if name in MAKERS:
            return self.make(node, name)
        self.check_larger(node, name)
        parameters = inspect.signature(OPS[name].function).parameters
        kinds = [str(parameter.annotation) for parameter in parameters.values()]
        keywords = {str(keyword.arg): keyword.value for keyword in node.keywords}
        kind_of = dict(zip(parameters, kinds, strict=True))
        if _takes_several(parameters):
            kinds += kinds[-1:] * (len(node.args) - len(kinds))
        arguments = [
            self.argument(argument, kind) for argument, kind in zip(node.args, kinds, strict=False)
        ]
        options = {
            key: self.argument(value, kind_of[key])
            for key, value in keywords.items()
            if key in kind_of
        }
        self.check_arguments(node, name)
        return self.results(node, name, *arguments, **options)

    def check(self) -> None:
        """Check all calls without values: how many arguments each has, and which keywords.

        Raises:
            ExpressionError: It is called wrongly.
        """
        trees = [statement.value for statement in self.program.statements]
        calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for node in sorted(calls, key=lambda node: self.program.span(node)[1]):  # as computed
            if isinstance(node.func, ast.Name) and (name := node.func.id) not in MAKERS:
                self.check_larger(node, name)
                self.check_arguments(node, name)

    def check_larger(self, node: ast.Call, name: str) -> None:
        """Refuse a reduction of two operands."""
        if name in LARGER_OF_TWO and len(node.args) > 1:
            raise ExpressionError(
                f"{name} takes one array; name the axis",
                place=self.program.place(node),
                hint=f"of two values: {LARGER_OF_TWO[name]}(x, y); along an axis: {name}(x, "
                "axis=0)",
            )

    def check_arguments(self, node: ast.Call, name: str) -> None:
        """Refuse too many or too few arguments, and keywords that the op does not have."""
        signature = inspect.signature(OPS[name].function)
        parameters = signature.parameters
        several = _takes_several(parameters)
        try:
            if len(node.args) > len(parameters) and not several:
                most = f"{len(parameters)} argument{'s' if len(parameters) > 1 else ''}"
                raise TypeError(f"it takes {most}, not {len(node.args)}")
            signature.bind(*node.args, **{str(keyword.arg): None for keyword in node.keywords})
        except TypeError as error:
            from dzviz.language.hints import hint_for_arguments

            usage = f"{name}({', '.join(parameters)}{', ...' if several else ''})"
            source = self.program.source(node).partition("(")[2][:-1]
            hint = hint_for_arguments(name, source, usage)
            raise ExpressionError(
                f"{name}: {error}", place=self.program.place(node), hint=hint
            ) from None

    def argument(self, node: ast.expr, kind: str) -> Any:
        """Compute an argument as its parameter wants it: an operand, a list of them, a setting."""
        if kind == "Operands":
            if isinstance(node, ast.List):
                return [numeric(self.value(item)) for item in node.elts]
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
            return value if operand == "Data" else numeric(value)
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
