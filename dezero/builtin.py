"""The Functions that are built in: an op states the derivative by each of its operands as a rule.

How gradients flow back through them is `dezero.engine`'s business.
"""

from __future__ import annotations

import re
from copy import copy
from functools import cache
from types import FunctionType
from typing import Any, ClassVar
from weakref import ref

import numpy as np

from . import watching
from .config import Config, special
from .core import NUMBERS, Constant, Function, Variable, operands_of, raw, wrap

ndarray = np.ndarray
float64 = np.float64
_new = object.__new__

_BESIDE = {(Variable, Constant), (Constant, Variable)}
"""Types of two operands whose result is a Variable, too, without a further look."""


class Op(Function):
    """A built-in Function: it has one output, and states a rule for each operand.

    The rule for ``forward``'s operand ``x`` is ``vjp_x(self, gy, y, x)``, the vector-Jacobian
    product, in plain NumPy over all operands. In a first-order pass it computes with arrays and
    NumPy scalars, without any objects of ours; under ``create_graph`` the same lines compute with
    Variables and so make a graph. An operand without a rule has no derivative.
    """

    # In a dictionary, where an op's own attributes are, these would cost it a tenth of its time.
    __slots__ = ("__weakref__", "_frame", "generation", "inputs", "output")

    symbol: ClassVar[str | None] = None

    detail: str | None = None
    """Additional information about it, in words, as of dropout its mask."""

    rules: ClassVar[bool] = True

    _late: ClassVar[bool] = True

    stateless: ClassVar[bool] = True
    """Whether two of its class with the same operands are equal: neither has its own attributes."""

    output: ref[Variable]
    """Its one output, from when somebody asks that for its creator, or has called the op.

    A weak reference that nobody asks for is a tenth of an op's time, and 88 bytes.
    """

    @property
    def outputs(self) -> tuple[ref[Variable], ...]:  # type: ignore[override]  # not assigned
        """Its one output in a tuple."""
        return (self.output,) if hasattr(self, "output") else ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.stateless = not cls.__dictoffset__ and cls.stateless
        forward = cls.forward.__code__
        operands = forward.co_varnames[1 : forward.co_argcount]
        if len(operands) in _WRITTEN_OUT and not cls.forward.__defaults__:
            # Python remembers at each line of code the one class that it met there. A copy for each
            # op meets no other: 60 ns of the 450 that an op takes.
            code = _WRITTEN_OUT[len(operands)].__code__.replace()
            cls.apply = FunctionType(code, globals())  # type: ignore[method-assign]
        if "backward" in vars(cls):
            cls.rules, cls.vjps = False, ()
        elif any(name.startswith("vjp_") for name in vars(cls)):
            cls.vjps = tuple([getattr(cls, f"vjp_{name}", None) for name in operands])

    def __getstate__(self) -> Any:
        """What a copy has: not the output, nor what holds for these very operands."""
        attributes, slots = super().__getstate__()
        kept = {name: value for name, value in (slots or {}).items() if name != "output"}
        return attributes, kept

    def __call__(self, *inputs: Any) -> Variable:
        """Apply the op; of Constants alone it makes a Constant.

        What it has made before gets a copy of it as its creator, which stays as it is.
        """
        if (older := self.outputs) and (x := older[0]()) is not None and x._creator is self:
            x._creator = copy(self)
        y = self.apply(*inputs)
        if y._creator is self:
            self.output = ref(y)
        return y

    def apply(self, *inputs: Any) -> Variable:
        """Apply a new op to Variables, arrays or numbers: a call without a look at what it made.

        An op of one operand or two has `_apply_to_one` or `_apply_to_two` in its place.
        """
        if not inputs:
            return self.forward()  # type: ignore[no-any-return]  # which says what it wants
        inputs = operands_of(inputs)
        live = [x for x in inputs if not x.constant]
        data = self.forward(*map(raw, inputs))
        if not live and Config.enable_backprop:
            self.inputs = inputs
            constant = wrap(data, Constant)
            constant.maker = self
            return constant
        kinds = [x.result_class for x in live if x.result_class is not Variable]
        y = wrap(data, kinds[-1] if kinds else Variable)
        if Config.enable_backprop:
            self.inputs = inputs
            self.generation = max([x.generation for x in inputs])
            self._frame = None
            y.set_creator(self)
            if watching.active:
                self.output = ref(y)
                watching.tell(self)
        elif watching.active:
            watching.tell_detached(inputs, "no_grad")
        return y

    def _apply_to_one(self, x: Any) -> Variable:
        """Do what `apply` does for an op of one operand, in two thirds of the time."""
        if type(x) is not Variable:
            return Op.apply(self, x)
        key = None
        remembers = True
        made: Any = None
        if special:
            remembers, made = Config.state
            if made is not None and remembers and self.stateless:
                key = type(self), x
                found: Variable | None = made.get(key)
                if found is not None and found.name is None:
                    made[found] = found
                    return found
        a = x._data
        if type(a) is ndarray and not a.ndim:
            a = a[()]
        y = _new(Variable)
        y._data = self.forward(a)
        y._grad = y._passes = y.name = None
        if not remembers:
            return _detached(y, x)
        self.inputs = (x,)
        self.generation = generation = x.generation
        self._frame = None
        y._creator = self
        y.generation = generation + 1
        if key is not None:
            made[key] = y
        if watching.active:
            self.output = ref(y)
            watching.tell(self)
        return y

    def _apply_to_two(self, x: Any, z: Any) -> Variable:
        """Do what `apply` does for an op of two operands, in two thirds of the time."""
        both = type(x) is Variable and type(z) is Variable
        key = None
        remembers = True
        made: Any = None
        if special:
            remembers, made = Config.state
            if made is not None and remembers and self.stateless:
                key = (type(self), x, z) if both else (type(self), _likeness(x, z), _likeness(z, x))
                found: Variable | None = made.get(key)
                if found is not None and found.name is None:
                    made[found] = found
                    return found
        if not both:
            x, z = operands_of((x, z))
            if (type(x), type(z)) not in _BESIDE:
                return Op.apply(self, x, z)
        a, b = x._data, z._data
        if type(a) is ndarray and not a.ndim:
            a = a[()]
        if type(b) is ndarray and not b.ndim:
            b = b[()]
        y = _new(Variable)
        y._data = self.forward(a, b)
        y._grad = y._passes = y.name = None
        if not remembers:
            return _detached(y, x, z)
        self.inputs = (x, z)
        generation = x.generation
        if z.generation > generation:
            generation = z.generation
        self.generation = generation
        self._frame = None
        y._creator = self
        y.generation = generation + 1
        if key is not None:
            made[key] = y
        if watching.active:
            self.output = ref(y)
            watching.tell(self)
        return y

    def backward(self, *gys: Any) -> Any:
        """Apply the rules to Variables, for those who call it by hand."""
        y = self.output()
        gxs = [rule and rule(self, *gys, y, *self.inputs) for rule in self.vjps]
        return gxs[0] if len(gxs) == 1 else tuple(gxs)

    @property
    def label(self) -> str:
        """What the user wrote for it: ``+``, ``sin``, ``log_softmax``."""
        return self.symbol or _snake_case(type(self).__name__)


_WRITTEN_OUT: dict[int, Any] = {1: Op._apply_to_one, 2: Op._apply_to_two}
"""What takes the place of `Op.apply`, by the number of operands."""


@cache
def _snake_case(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _detached(y: Variable, *xs: Variable) -> Variable:
    """Finish a result that does not remember what it was computed from."""
    y._creator = None
    y.generation = 0
    if watching.active:
        watching.tell_detached(xs, "no_grad")
    return y


def _likeness(x: Any, beside: Any) -> Any:
    """Return what tells an operand from others: a number's value (0 has a sign), or itself."""
    if isinstance(x, Variable):
        value = x._data
        return (value,) if x.constant and type(value) is float64 and value else x
    if type(x) in NUMBERS and x and isinstance(beside, Variable) and type(beside._data) is float64:
        return (x,)
    return object()


def lift(function: Function, *xs: Any) -> Any:
    """Apply a built-in op within a rule: to Variables as ever, to raw arrays by ``forward``."""
    if any(isinstance(x, Variable) for x in xs):
        return function(*xs)
    return function.forward(*xs)
