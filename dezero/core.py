"""Variable and Function: what a computation is made of.

How gradients flow back through them is `dezero.engine`'s business, which derivative a Function
has is its own. Each of the two needs the other, so both are in this one file, as in the book.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar
from weakref import ref

import numpy as np

from . import watching
from .config import Config as Config
from .config import no_grad as no_grad
from .config import test_mode as test_mode
from .config import using_config as using_config
from .passes import ASSIGNED, Added, Pass
from .watching import watch_detach as watch_detach
from .watching import watch_forward as watch_forward

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Operand: TypeAlias = "Variable | ArrayLike"  # differentiable, or a constant


V = TypeVar("V", bound="Variable")

ndarray = np.ndarray
float64 = np.float64
_new = object.__new__


class _Released:
    """What a copy of it is, too: the same object."""

    __slots__ = ()

    def __reduce__(self) -> str:
        return "RELEASED"


RELEASED: Final = _Released()
"""Stands in a Variable for a gradient that a backward pass computed and did not keep."""


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[[Variable, object], Any]:
    def method(self: Variable, other: object) -> Any:
        if watching.active:
            watching.tell_detached((self, other), "a comparison")
        return compare(self.data, other.data if isinstance(other, Variable) else other)

    return method


class Variable:
    """An array that remembers how it was computed.

    ``data`` is an ndarray or None. ``creator`` is the Function that computed it (None for a leaf),
    ``generation`` one more than its creator's. After a backward pass ``grad`` holds the gradient,
    a Variable of the same shape.

    Raises:
        TypeError: ``data`` is neither an ndarray nor None.
    """

    __slots__ = ("__weakref__", "_creator", "_data", "_grad", "_passes", "generation", "name")

    # `_data` may hold a NumPy scalar until somebody reads `data`: np.float64 multiplies in 50 ns,
    # a 0-d array in 700. `_grad` is a Variable, None or RELEASED, or a float64 until somebody reads
    # `grad`, which saves a pass that keeps all gradients a fifth of its time. `_passes` tells which
    # passes put it there or released it, or that the user did.
    _data: Any
    _grad: Any
    _passes: Pass | Added | None
    _creator: Function | None
    generation: int
    name: str | None

    constant: ClassVar[bool] = False
    """Whether it gets no gradient; so it is with a `Constant`."""

    result_class: ClassVar[type[Variable]]
    """The class of what is computed from it."""

    __hash__ = object.__hash__
    __lt__ = _comparison(operator.lt)
    __le__ = _comparison(operator.le)
    __gt__ = _comparison(operator.gt)
    __ge__ = _comparison(operator.ge)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)

    def __init__(self, data: NDArray[Any] | None, name: str | None = None) -> None:
        if data is not None and not isinstance(data, ndarray):
            raise TypeError(f"{type(data)} is not supported")
        self._data = data
        self._grad = None
        self._passes = None
        self._creator = None
        self.generation = 0
        self.name = name

    @property
    def creator(self) -> Function | None:
        """The Function that computed it; None for a leaf."""
        function = self._creator
        if function is not None and function._late:
            function.output = ref(self)
        return function

    @creator.setter
    def creator(self, function: Function | None) -> None:
        self._creator = function

    @property
    def data(self) -> NDArray[Any]:
        """The value: always an ndarray, and always the same one."""
        if watching.active:
            watching.tell_detached((self,), ".data")
        data = self._data
        if type(data) is not ndarray and data is not None:
            data = self._data = np.asarray(data)
        return data  # type: ignore[no-any-return]

    @data.setter
    def data(self, data: NDArray[Any] | np.generic | None) -> None:
        if data is not None and not isinstance(data, ndarray | np.generic):
            raise TypeError(f"{type(data)} is not supported")
        # A scalar in `_data` is what an op computed, and nobody has changed.
        self._data = np.asarray(data) if isinstance(data, np.generic) else data

    @property
    def grad(self) -> Variable | None:
        """The gradient that a backward pass left or the user assigned; None without one.

        An assigned gradient is a Variable or an ndarray of the Variable's own shape. On an output
        it is what the next backward pass starts from.

        Raises:
            TypeError: What is assigned is no Variable, ndarray or None.
            ValueError: Its shape is not that of ``data``.
        """
        grad = self._grad
        if type(grad) is float64:
            grad = self._grad = wrap(grad)
        return None if grad is RELEASED else grad

    @grad.setter
    def grad(self, grad: Variable | NDArray[Any] | np.generic | None) -> None:
        if isinstance(grad, ndarray | np.generic):
            grad = Variable(np.asarray(grad))
        if grad is not None:
            if not isinstance(grad, Variable):
                raise TypeError(f"a gradient is a Variable, an ndarray or None, not {type(grad)}")
            if grad.shape != self.shape:
                raise ValueError(f"a gradient of shape {grad.shape} for data of shape {self.shape}")
            if grad.dtype != self.dtype and self.dtype.kind == "f" and grad.creator is None:
                grad = Variable(grad.data.astype(self.dtype))
        self._grad = grad
        self._passes = None if grad is None else ASSIGNED

    @property
    def released(self) -> bool:
        """Whether a backward pass computed this Variable's gradient and did not keep it."""
        return self._grad is RELEASED

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of ``data``."""
        return self._data.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes of ``data``."""
        return self._data.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of elements of ``data``."""
        return self._data.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of ``data``."""
        return self._data.dtype  # type: ignore[no-any-return]

    def set_creator(self, function: Function) -> None:
        """Note which Function computed this Variable."""
        self.creator = function
        self.generation = function.generation + 1

    def cleargrad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def unchain(self) -> None:
        """Forget the creator: the Variable becomes a leaf."""
        if watching.active and self.creator is not None:
            watching.tell_detached((self,), "unchain")
        self.creator = None

    def unchain_backward(self) -> None:
        """Forget the graph behind the inputs of this Variable's creator; that one stays."""
        pending = [] if self.creator is None else [self.creator]
        while pending:
            for x in pending.pop().inputs:
                if x.creator is not None:
                    pending.append(x.creator)
                    x.unchain()

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[Variable]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d Variable")
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        if watching.active:
            watching.tell_detached((self,), "a condition")
        return bool(self.data)

    def __repr__(self) -> str:
        return f"variable({str(self.data).replace(chr(10), chr(10) + ' ' * 9)})"

    def __array__(self, *_: object, **__: object) -> NDArray[Any]:
        raise TypeError(
            "a Variable is not silently converted to an ndarray, since its graph would be lost: "
            "use np.stack([x, y]) for an array of Variables, x.data for the values"
        )

    def __float__(self) -> float:
        raise TypeError(
            "a Variable is not silently converted to a number, since its graph would be lost: for "
            "an array of Variables, write y = np.stack([x, z]) instead of y[0] = x; x.item() "
            "gives the number"
        )

    def __setitem__(self, key: object, value: object) -> None:
        name = self.name or "x"
        instead = f"np.where(mask, value, {name})"
        if isinstance(key, int) and self.ndim in (1, 2):
            before = [f"{name}[:{key}]"] * (key != 0)
            after = [f"{name}[{key + 1}:]"] * (key != -1)
            join = "hstack" if self.ndim == 1 else "vstack"
            instead = f"np.{join}([{', '.join([*before, 'value', *after])}])"
        raise TypeError(
            "you cannot assign to elements of a Variable, since its graph would not record it: "
            f"instead of {name}[{key if isinstance(key, int) else '...'}] = value write {name} = "
            f"{instead}, or assign to {name}.data"
        )

    def item(self) -> Any:
        """Return the value, which is one number, without its graph: a float of Python's."""
        if watching.active:
            watching.tell_detached((self,), ".item()")
        return self.data.item()

    if TYPE_CHECKING:  # bound by `dezero.methods`, and by `setup_variable` to their ops
        # ruff: noqa: D102
        def backward(self, retain_grad: bool = False, create_graph: bool = False) -> None: ...
        def __array_ufunc__(
            self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
        ) -> Any: ...
        def __array_function__(
            self, function: Callable[..., Any], types: object, inputs: Any, options: Any
        ) -> Any: ...
        def __neg__(self) -> Variable: ...
        def __pos__(self) -> Variable: ...
        def __abs__(self) -> Variable: ...
        def __add__(self, other: Operand) -> Variable: ...
        def __radd__(self, other: Operand) -> Variable: ...
        def __sub__(self, other: Operand) -> Variable: ...
        def __rsub__(self, other: Operand) -> Variable: ...
        def __mul__(self, other: Operand) -> Variable: ...
        def __rmul__(self, other: Operand) -> Variable: ...
        def __truediv__(self, other: Operand) -> Variable: ...
        def __rtruediv__(self, other: Operand) -> Variable: ...
        def __pow__(self, other: Operand) -> Variable: ...
        def __rpow__(self, other: Operand) -> Variable: ...
        def __matmul__(self, other: Operand) -> Variable: ...
        def __rmatmul__(self, other: Operand) -> Variable: ...
        def __getitem__(self, key: Any) -> Variable: ...
        def reshape(self, *shape: int | tuple[int, ...]) -> Variable: ...
        def transpose(self, *axes: int | tuple[int, ...] | None) -> Variable: ...
        def sum(
            self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
        ) -> Variable: ...
        def mean(
            self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
        ) -> Variable: ...
        def var(
            self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
        ) -> Variable: ...
        def prod(
            self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
        ) -> Variable: ...
        def max(
            self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
        ) -> Variable: ...
        def min(
            self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
        ) -> Variable: ...
        def clip(self, low: float | None = None, high: float | None = None) -> Variable: ...
        def squeeze(self, axis: int | tuple[int, ...] | None = None) -> Variable: ...
        def matmul(self, other: Operand) -> Variable: ...
        def dot(self, other: Operand) -> Variable: ...
        @property
        def T(self) -> Variable: ...  # noqa: N802  # NumPy's name


Variable.result_class = Variable


class Constant(Variable):
    """A Variable that gets no gradient: an operand that was a number or an array.

    Rules are not even asked for it, and a Function of Constants alone is a Constant again. In
    tanh's third derivative that saves a third of the nodes. ``maker`` is that Function, which is
    no part of a graph, None where there is none.
    """

    __slots__ = ("maker",)

    maker: Function | None

    constant = True

    def __init__(
        self, data: NDArray[Any] | None, name: str | None = None, maker: Function | None = None
    ) -> None:
        super().__init__(data, name)
        self.maker = maker


class Ones(Constant):
    """The gradient that a pass under create_graph starts from: what it multiplies stays itself.

    So the graph of the derivative of sin(x) is cos(x), not 1 * cos(x).
    """

    __slots__ = ()

    def __mul__(self, other: Operand) -> Variable:
        if isinstance(other, Variable):
            ones, value = self._data, other._data
            if type(ones) is type(value) is float64:  # an eighth of the time that the next takes
                return other
            if ones.shape == value.shape and ones.dtype == value.dtype:
                return other
        return super().__mul__(other)


class Parameter(Variable):
    """A Variable that a model learns."""

    __slots__ = ()


_NO_DICTIONARY: tuple[str, ...] = ()
"""The slots of `Function`: with them an op that has no attributes of its own has no dictionary."""


class Function:
    """A step of a computation; subclasses say how to compute it and its derivative.

    ``forward(*arrays)`` gets ndarrays and returns an ndarray, or a tuple of them for several
    outputs. ``backward(*gys)`` gets the gradient of each output as a Variable and returns that of
    each input: a tuple where there are several, None where there is none. Where an input was
    broadcast, the engine sums its gradient back to shape.

    The arrays are copies: ``forward`` may write into what it gets, and may keep what it returns
    and write into it later. Into the data of ``self.inputs`` no ``backward`` can write.

    A call turns Variables into Variables (a list where there are several outputs) and remembers
    ``inputs``, ``outputs`` (weakly) and ``generation``, the largest of its inputs'.
    """

    __slots__ = _NO_DICTIONARY

    inputs: tuple[Variable, ...]
    outputs: tuple[ref[Variable], ...]
    generation: int

    vjps: ClassVar[tuple[Callable[..., Any] | None, ...]] = ()
    """The rules of an `Op` for its operands in order."""

    rules: ClassVar[bool] = False
    """Whether it states its derivative by the rules of an `Op`, not by ``backward``."""

    output: ref[Variable]

    _late: ClassVar[bool] = False
    """Whether it has one ``output``, and is told of it when somebody asks that for its creator."""

    _frame: Any = None
    """The call of a composed op, or of a user's function, that it is a part of."""

    output_types: list[tuple[tuple[int, ...], np.dtype[Any]]]
    """Shape and dtype of each of several outputs, which may be gone when their zeros are needed."""

    _samples: list[NDArray[Any]]
    """What `sample` took of each input and output, to tell later whether its data has changed."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not (cls.rules or cls.__dictoffset__):
            raise TypeError(f"the __slots__ of {cls.__name__} need '__dict__', as in a Function")

    def __call__(self, *inputs: Any) -> Any:
        """Apply the Function to Variables, arrays or numbers."""
        inputs = operands_of(inputs)
        result = self.forward(*[own(x.data) for x in inputs])
        arrays = result if isinstance(result, tuple) else (result,)
        kind = Variable
        for x in inputs:
            if type(x) is not Variable and x.result_class is not Variable:
                kind = x.result_class
        ys = [wrap(own(as_array(y)), kind) for y in arrays]
        if Config.enable_backprop:
            self.inputs = inputs
            self.generation = max([x.generation for x in inputs], default=0)
            for y in ys:
                y.set_creator(self)
            self.outputs = tuple([ref(y) for y in ys])
            self.output_types = [(y._data.shape, y._data.dtype) for y in ys]
            self._samples = [sample(x._data) for x in (*inputs, *ys)]
            if watching.active:
                watching.tell(self)
        elif watching.active:
            watching.tell_detached(inputs, "no_grad")
        return ys[0] if len(ys) == 1 else ys

    def __getstate__(self) -> Any:
        """What a copy has: its outputs themselves, since a copy of a reference leads to the old."""
        state = super().__getstate__()
        attributes, slots = state if isinstance(state, tuple) else (state, None)
        if attributes and "outputs" in attributes:
            attributes = {**attributes, "outputs": [y() for y in self.outputs]}
        return attributes, slots

    def __setstate__(self, state: Any) -> None:
        attributes, slots = state if isinstance(state, tuple) else (state, None)
        for name, value in {**(attributes or {}), **(slots or {})}.items():
            if name == "outputs":
                value = tuple([ref(wrap(None) if y is None else y) for y in value])
            setattr(self, name, value)

    def forward(self, *xs: Any) -> Any:
        """Compute the result from arrays."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, *gys: Any) -> Any:
        """Compute the gradient of each input from that of each output."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    @property
    def label(self) -> str:
        """What the user wrote for it: its class's name; for a built-in op ``+``, ``** 3``."""
        return type(self).__name__


def own(array: Any) -> Any:
    """Return a copy that a user's code may write into, and keep; None stays None."""
    return None if array is None else np.array(array, subok=True)


def as_array(x: ArrayLike) -> NDArray[Any]:
    """Return ``x`` as an ndarray, itself where it is one.

    Raises:
        TypeError: It does not hold numbers.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{type(x)} is not supported")
    return array


def as_variable(x: Variable | ArrayLike) -> Variable:
    """Return ``x`` as a Variable, itself where it is one."""
    return x if isinstance(x, Variable) else Variable(as_array(x))


def constant(x: ArrayLike, name: str | None = None) -> Constant:
    """Return a Variable that gets no gradient."""
    return Constant(as_array(x), name)


MOST_SAMPLED = 1000
"""Of larger arrays a sample has so many elements, for the time and memory of a call."""


def sample(data: Any) -> NDArray[Any]:
    """Copy an array; of a large one elements at equal distances."""
    if data.size <= MOST_SAMPLED:
        return np.array(data)
    return np.array(data.flat[:: -(-data.size // MOST_SAMPLED)])


def raw(x: Variable) -> Any:
    """Return the value of ``x`` as the engine computes with it: 0-d ones as NumPy scalars."""
    data = x._data
    return data[()] if type(data) is ndarray and not data.ndim else data


def wrap(data: Any, kind: type[V] = Variable) -> V:  # type: ignore[assignment]
    """Make a Variable of what needs no check: an ndarray or a NumPy scalar that the engine made."""
    y = _new(kind)
    y._data = data
    y._grad = None
    y._passes = None
    y._creator = None
    y.generation = 0
    y.name = None
    return y


def reused(function: Function) -> RuntimeError:
    """Return the error for a Variable whose creator has made another one since."""
    name = type(function).__name__
    return RuntimeError(
        f"this {name} was called again after it made a Variable of the graph: each call needs a "
        f"new {name}"
    )


NUMBERS = (bool, int, float)


def operands_of(inputs: tuple[Any, ...]) -> tuple[Variable, ...]:
    """Wrap numbers and arrays: as Constants beside a Variable, as Variables where there is none."""
    if len(inputs) == 2:  # what follows does it too, in three times that
        x, z = inputs
        if isinstance(x, Variable):
            if isinstance(z, Variable):
                return inputs
            if type(z) in NUMBERS and type(x._data) is float64:
                return x, wrap(float64(z), Constant)
        elif type(x) in NUMBERS and isinstance(z, Variable) and type(z._data) is float64:
            return wrap(float64(x), Constant), z
    arrays = []
    wrapped = True
    for x in inputs:
        if isinstance(x, Variable):
            arrays.append(x._data)
        else:
            wrapped = False
    if wrapped:
        return inputs
    if not arrays:
        return tuple(as_variable(x) for x in inputs)
    return tuple([x if isinstance(x, Variable) else _constant_beside(x, arrays) for x in inputs])


def _constant_beside(x: Any, arrays: list[Any]) -> Constant:
    """Wrap an operand; a Python number takes the dtype that NumPy would give it there."""
    if type(x) in NUMBERS:
        x = np.asarray(x, np.result_type(x, *arrays))
    return constant(x)
