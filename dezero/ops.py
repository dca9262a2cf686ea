"""The table of ops: what each is called, its mathematics in words, and its NumPy counterparts.

From here an op is in the expression language, in the list of ops and its documentation, in NumPy's
protocols and in the tests. An op is entered by `op` above its function, in the file of its family.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np

from .frames import composed as in_frame

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike

    from .core import Operand as Operand
    from .core import Variable

    # What an op's parameters may be. The expression language reads these names.
    Operands: TypeAlias = Sequence[Operand]  # several of them in a list
    Data: TypeAlias = ArrayLike | Variable  # an operand that has no derivative
    Shape: TypeAlias = int | tuple[int, ...]
    Axis: TypeAlias = int | tuple[int, ...] | None
    Flag: TypeAlias = bool
    Number: TypeAlias = float | None
    Text: TypeAlias = str

F = TypeVar("F", bound=Callable[..., Any])

Shapes = tuple[tuple[int, ...], ...]

UNARY: tuple[Shapes, ...] = (((),), ((3,),), ((2, 3),), ((0,),))
BINARY: tuple[Shapes, ...] = (
    ((), ()),
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((2, 3), ()),
    ((), (2, 3)),
    ((0, 3), (1,)),
)


class OpInfo(NamedTuple):
    """One op as it is documented and tested.

    ``formula`` and ``derivative`` are in the expression language's notation, ``domain`` in words
    (the convention at a kink or a tie with it). ``sample`` is an interval inside the domain and
    ``kinks`` the points in it without derivative. ``examples`` maps an expression to the shapes of
    its variables, in order of appearance, for which it is tried. ``elements`` takes the op's own
    arguments and predicts the number of elements of its result; None where it is that of the
    broadcast operands, or less. ``cost`` does so for the largest array that its rules make on the
    way, or for the time that it takes where that is that of so many elements; None where it is
    the largest of operands and result. A ``composed`` op is computed of others, in a frame; it may
    be ``always``, or only where it is expanded.
    """

    name: str
    function: Callable[..., Any]
    family: str
    formula: str
    derivative: str
    domain: str
    shapes: str
    sample: tuple[float, float]
    kinks: tuple[float, ...]
    examples: Mapping[str, Sequence[Shapes]]
    numpy: tuple[Callable[..., Any], ...]
    symbol: str | None
    elements: Callable[..., float] | None
    cost: Callable[..., float] | None
    composed: str | None = None

    @property
    def summary(self) -> str:
        """What it is, in one sentence."""
        return (self.function.__doc__ or "").partition("\n")[0]

    @property
    def counterparts(self) -> tuple[str, ...]:
        """What it is called in NumPy: ``np.linalg.norm``."""
        return tuple(map(name_of, self.numpy))


FAMILIES = {
    "arithmetic": "add sub mul div neg pow",
    "elementwise": "exp expm1 log log1p log2 log10 sqrt square sin cos tan arcsin arccos arctan "
    "sinh cosh tanh sigmoid softplus relu abs sign maximum minimum clip where",
    "activations": "ndtr gelu silu elu leaky_relu softsign hardtanh",
    "polar": "hypot arctan2",
    "reduction": "sum mean var std norm max min prod logsumexp",
    "algebra": "matmul dot linear outer einsum",
    "linalg": "solve inv det diag",
    "shaping": "reshape transpose get_item embedding broadcast_to sum_to expand_dims squeeze",
    "joining": "stack concatenate hstack vstack",
    "sequences": "cumsum roll sort topk",
    "normalization": "layer_norm batch_norm dropout",
    "convolution": "conv1d conv2d",
    "pooling": "max_pool2d avg_pool2d",
    "loss": "softmax log_softmax mean_squared_error softmax_cross_entropy huber "
    "binary_cross_entropy kl_div",
    "composed": "attention lstm_cell gru_cell",
}
"""The modules in `dezero.functions`, and what each enters; in this order ops are printed."""


class Table(MutableMapping[str, OpInfo]):
    """Ops by their names; the module of one is loaded when somebody looks at it."""

    def __init__(self) -> None:
        functions = f"{__package__}.functions"
        self._homes = {
            n: f"{functions}.{f}" for f, names in FAMILIES.items() for n in names.split()
        }
        self._entered: dict[str, OpInfo | None] = dict.fromkeys(self._homes)

    def enter(self, info: OpInfo, home: str) -> None:
        """Enter an op that a module defines.

        Raises:
            ValueError: The name is taken.
        """
        if self._entered.get(info.name) or self._homes.get(info.name, home) != home:
            raise ValueError(f"there already is an op {info.name!r}")
        self._entered[info.name] = info

    def __getitem__(self, name: str) -> OpInfo:
        info = self._entered[name]
        if info is None:
            import_module(self._homes[name])
            info = self._entered[name]
            assert info is not None, f"{self._homes[name]} has no op {name}"
        return info

    def __setitem__(self, name: str, info: OpInfo) -> None:
        self._entered[name] = info

    def __delitem__(self, name: str) -> None:
        del self._entered[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entered)

    def __len__(self) -> int:
        return len(self._entered)

    def __contains__(self, name: object) -> bool:
        return name in self._entered

    def __repr__(self) -> str:
        return repr(dict(self))


OPS: Final = Table()
"""Every op by its name."""


def op(
    formula: str,
    derivative: str,
    *,
    domain: str = "all x",
    shapes: str = "any",
    sample: tuple[float, float] = (-2.0, 2.0),
    kinks: tuple[float, ...] = (),
    examples: Mapping[str, Sequence[Shapes]],
    numpy: Sequence[Callable[..., Any]] = (),
    symbol: str | None = None,
    elements: Callable[..., float] | None = None,
    cost: Callable[..., float] | None = None,
    composed: bool = False,
    parts: Callable[..., Any] | None = None,
) -> Callable[[F], F]:
    """Enter the decorated function into the table under its own name.

    One that is ``composed`` of other ops leaves a frame around them; one that has ``parts`` is
    computed of these where somebody wants to see them.

    Raises:
        ValueError: The name is taken.
    """

    def enter(function: F) -> F:
        name, home = function.__name__, function.__module__
        if composed or parts:
            function = in_frame(function, parts)
        info = OpInfo(
            name=name,
            function=function,
            family=home.rpartition(".")[2],
            formula=formula,
            derivative=derivative,
            domain=domain,
            shapes=shapes,
            sample=sample,
            kinks=kinks,
            examples=examples,
            numpy=tuple(numpy),
            symbol=symbol,
            elements=elements,
            cost=cost,
            composed="always" if composed else "expanded" if parts else None,
        )
        OPS.enter(info, home)
        return function

    return enter


def name_of(function: Callable[..., Any]) -> str:
    """Return a function's name as users write it: ``np.linalg.norm``; of a foreign ufunc alone."""
    name = function.__name__
    if isinstance(function, np.ufunc):  # which do not say their module
        return f"np.{name}" if getattr(np, name, None) is function else name
    module, *below = function.__module__.split(".")
    public = [part for part in below if not part.startswith("_")]
    return ".".join(["np" if module == "numpy" else module, *public, name])
