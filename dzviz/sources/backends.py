"""Which package computes a function of a user's file: a backend, chosen by name or by what it uses.

A backend is a row of `BACKENDS`, and the source of the same name in `dzviz.sources.SOURCES`. Beside
``recognises`` and ``graph``, the source's module has

- ``function_of(thing, settings)``: a callable, where a thing of this package is one or makes one
  (a module, a class of modules); None where it is nothing of it;
- ``signed(function)``, if it needs one: what tells a function's parameters instead of it;
- ``meets(thing)``: whether a value is of its arrays, or an exception is what such an array raises
  where NumPy computes with it; it also sees our Variables' lack of its methods;
- ``noticing(note)``, if it can: a context manager in which ``note()`` is called when an op runs;
- ``engine(settings)``: an `Engine`;
- ``record(f, args, named, settings, **options)``: the Graph of one call and its backward pass.

None of them imports the package before one of ``function_of`` (asked for by name), ``engine`` and
``record`` needs it. No package is imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dzviz.errors import UsageError, did_you_mean
from dzviz.records import NamedTuple
from dzviz.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from dzviz.errors import EvaluationError
    from dzviz.graph.model import Graph
    from dzviz.language.evaluation import Evaluation

    class Engine(Protocol):
        """What computes a function with another package, and runs its backward pass."""

        @property
        def name(self) -> str:
            """The package and its version, as notes say it."""

        def evaluate(
            self, target: str, function: Callable[..., Any], values: Mapping[str, Any]
        ) -> Evaluation:
            """Call a function on values; the Evaluation's ``engine`` is this one."""

        def partial(self, target: str, error: EvaluationError) -> Evaluation | None:
            """Return what was computed before an op raised this error; None if none did.

            An engine that has no such method has nothing to show then.
            """

        def backward(self, ys: Sequence[Any], *, retain_grad: bool = False) -> None:
            """Run the backward pass from outputs."""

        def graph(self, ys: Sequence[Any], *, beside: Sequence[Any] = ()) -> Graph:
            """Return the graph that computed these, with what the pass did, and what is beside."""

        def gradient(self, x: Any) -> Any:
            """Return the gradient of an input as an array, zeros where none came.

            It is None of what can have none, such as integers.
            """

        def clear(self, x: Any) -> None:
            """Forget the gradient of an input that was made here."""


class Settings(NamedTuple):
    """How a function is computed: by which backend, in which dtype, from which random numbers."""

    backend: str = "auto"
    dtype: str | None = None
    seed: int = 0


class Backend(NamedTuple):
    """A package that computes: what it is called, and the versions that are ``tested``.

    ``tested`` are the first and the last one; an older one is refused, a newer one warned of.
    ``checker`` is what compares its gradients with numerical ones.
    """

    name: str
    title: str
    package: str
    tested: tuple[str, str]
    checker: str

    @property
    def code(self) -> Any:
        """The module of its source."""
        return SOURCES[self.name].code

    def require(self) -> str:
        """Return the version that is installed.

        Raises:
            UsageError: There is none, or it is too old.
        """
        from importlib.metadata import PackageNotFoundError, version

        try:
            found = version(self.package)
        except PackageNotFoundError:
            raise UsageError(
                f"the backend {self.name} needs {self.title}, which is not installed",
                hint=f"pip install 'dzviz[{self.name}]'",
            ) from None
        if _numbers(found) < _numbers(self.tested[0]):
            raise UsageError(
                f"the backend {self.name} needs {self.title} {self.tested[0]} or newer, and this "
                f"is {found}",
                hint=f"pip install --upgrade 'dzviz[{self.name}]'",
            )
        return found

    def untried(self, found: str) -> tuple[str, ...]:
        """Warn of a version that is newer than all that were tested."""
        if _numbers(found)[:2] <= _numbers(self.tested[1])[:2]:
            return ()
        return (
            f"{self.title} {found} is newer than {self.tested[1]}, the latest version that dzviz "
            "was tested with",
        )


BACKENDS: dict[str, Backend] = {
    backend.name: backend
    for backend in (
        Backend("torch", "PyTorch", "torch", ("2.6", "2.13"), "torch.autograd.gradcheck"),
        Backend("jax", "JAX", "jax", ("0.7", "0.10"), "jax.test_util.check_grads"),
    )
}
"""Every package that computes instead of NumPy."""

CHOICES = ("auto", "numpy", *BACKENDS)
"""What ``--backend`` takes: ``auto`` is NumPy, unless the function meets another one's arrays."""


def named_backend(name: str) -> Backend | None:
    """Return the backend of this name; None for ``auto`` and ``numpy``.

    Raises:
        UsageError: There is none.
    """
    if name not in CHOICES:
        hint = did_you_mean(name, CHOICES) or f"backends: {', '.join(CHOICES)}"
        raise UsageError(f"there is no backend '{name}'", hint=hint)
    return BACKENDS.get(name)


def used_by(module: ModuleType) -> tuple[Backend, ...]:
    """Return the backends whose package a module uses by one of its names."""
    homes = {_home(value) for value in list(vars(module).values())}
    return tuple(b for b in BACKENDS.values() if b.package in homes and b.package in sys.modules)


def of_type(
    thing: object, only: Backend | None, settings: Settings
) -> tuple[Backend, Callable[..., Any]] | None:
    """Return the backend that a thing is of by its type, and what to call; None if there is none.

    The ``only`` one alone is asked. Packages that are not loaded have made nothing.
    """
    for backend in (only,) if only else BACKENDS.values():
        if backend.package in sys.modules:
            function = backend.code.function_of(thing, settings)
            if function is not None:
                return backend, function
    return None


def of_values(things: Sequence[object]) -> Backend | None:
    """Return the backend of which one of the things is an array, or a callable."""
    loaded = [b for b in BACKENDS.values() if b.package in sys.modules]
    return next((b for b in loaded if any(map(b.code.meets, things))), None)


@contextmanager
def noticing(candidates: Sequence[Backend]) -> Iterator[list[Backend]]:
    """Note which of the candidates compute something within a ``with`` block, if they tell."""
    noticed: list[Backend] = []
    with ExitStack() as stack:
        for backend in candidates:
            if hasattr(backend.code, "noticing"):
                note = partial(noticed.append, backend)
                stack.enter_context(backend.code.noticing(note))
        yield noticed


def met(
    target: str, candidates: Sequence[Backend], thing: object, noticed: Sequence[Backend] = ()
) -> Backend | None:
    """Return the one of the candidates that computation with NumPy met; None where it met none.

    ``thing`` is what the function raised or returned.

    Raises:
        UsageError: It may be several.
    """
    if not noticed and not any(backend.code.meets(thing) for backend in candidates):
        return None
    if len(candidates) > 1:
        both = " and ".join(backend.title for backend in candidates)
        raise UsageError(
            f"{target} may be computed by {both}",
            hint=f"say which: {' or '.join(f'--backend {b.name}' for b in candidates)}",
        )
    return candidates[0]


def _home(value: Any) -> str:
    """The package that a module is of, or where something was defined."""
    if isinstance(value, ModuleType):
        name: Any = value.__name__
    else:
        name = getattr(value, "__module__", None)
        if not isinstance(name, str):
            name = type(value).__module__
    return name.partition(".")[0] if isinstance(name, str) else ""


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with: ``2.13.0+cpu`` is (2, 13, 0)."""
    found = []
    for part in version.partition("+")[0].split("."):
        if not part.isdecimal():
            break
        found.append(int(part))
    return tuple(found)
