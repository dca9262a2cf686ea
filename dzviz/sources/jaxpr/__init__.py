"""Functions of JAX: what they compute, and what one reverse pass sends back along each operand.

Nothing here imports JAX before something asks for it: who has arrays of it has imported it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dzviz.errors import EvaluationError
from dzviz.sources import loaded

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.sources.backends import Settings

PACKAGES = ("jax", "jaxlib")


def recognises(thing: object) -> bool:
    """Whether it is an array of JAX's, or a sequence of them."""
    if isinstance(thing, list | tuple):
        return bool(thing) and all(map(recognises, thing))
    jax = loaded("jax", "Array")
    return jax is not None and isinstance(thing, jax.Array)


def graph(thing: Any, *, words: bool = True) -> Graph:
    """Refuse: an array of JAX's does not know what it was computed from.

    Raises:
        EvaluationError: Always.
    """
    raise EvaluationError(
        "a JAX array does not know how it was computed",
        hint="draw what computes it: dzviz.draw(dzviz.record(f, x))",
    )


def function_of(thing: object, settings: Settings) -> Callable[..., Any] | None:
    """Return a function that JAX has wrapped, as ``jax.jit`` does, or that has captured arrays."""
    if not callable(thing) or loaded("jax", "Array") is None:
        return None
    if _home(thing) in PACKAGES:
        return thing
    from dzviz.sources.jaxpr.leaves import Captured

    return thing if any(recognises(x) for _, x in Captured(thing).arrays.values()) else None


def meets(thing: object) -> bool:
    """Whether it is an array or a function of JAX's, or an exception that was raised there."""
    jax = loaded("jax", "Array")
    if jax is None:
        return False
    if isinstance(thing, Mapping):
        return any(map(meets, thing.values()))
    if isinstance(thing, list | tuple):
        return any(map(meets, thing))
    if not isinstance(thing, BaseException):
        return recognises(thing) or function_of(thing, None) is not None  # type: ignore[arg-type]
    if isinstance(thing, AttributeError) and thing.name:
        return hasattr(jax.Array, thing.name)
    # JAX takes its own lines out of tracebacks, and says so in a note.
    return any("JAX" in text for text in (str(thing), *getattr(thing, "__notes__", ())))


def engine(settings: Settings) -> Any:
    """Return what computes functions with JAX's arrays."""
    from dzviz.sources.jaxpr.backend import JaxEngine

    return JaxEngine(settings)


def record(f: Callable[..., Any], *given: Any, **how: Any) -> Graph:
    """Call ``f`` once, run one reverse pass, and return the Graph; see `dzviz.record`."""
    from dzviz.sources.jaxpr.backend import recorded

    return recorded(f, *given, **how)


def _home(thing: object) -> str:
    return type(thing).__module__.partition(".")[0]
