"""Where graphs come from; nothing after it knows which source made one.

A source of graphs that are there is one module with ``recognises(thing)`` and
``graph(thing, words=...)``, which gives a `dzviz.graph.model.Graph`. One of files also has
``read_graph(file)``. One that ``computes`` gives a `Subject` instead, which the pipeline runs.
Sources from elsewhere are in `dzviz.sources.plugs`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any

from dzviz.options import FULL
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Protocol

    from dzviz.engine import Variable
    from dzviz.files import FilePath
    from dzviz.graph.model import Graph
    from dzviz.language.evaluation import Evaluation

    class Subject(Protocol):
        """What can be computed from values of its variables, as often as wanted.

        ``names`` need a value, ``optional`` ones have one of their own. ``text`` is what the user
        wrote of it, None where that is in a file. It is ``pure`` where nothing but the engine
        computes it.
        """

        @property
        def names(self) -> Sequence[str]: ...  # noqa: D102
        @property
        def optional(self) -> Sequence[str]: ...  # noqa: D102
        @property
        def text(self) -> str | None: ...  # noqa: D102
        @property
        def pure(self) -> bool: ...  # noqa: D102

        def evaluate(self, values: Mapping[str, Any], option: Callable[[str], str]) -> Evaluation:
            """Compute it from values; ``option`` writes how a missing one is given."""

        def apply(self, inputs: Mapping[str, Variable]) -> Sequence[Variable]:
            """Compute its outputs from Variables."""

        def rules(self, doing: str = ...) -> AbstractContextManager[None]:
            """Turn what its rules raise within a ``with`` block into an error in its words.

            ``doing`` says what is done with the code of the user's own in it.
            """

        def place(self, name: str) -> Any:
            """Return the place of a variable in its text; None where there is no text."""


class Source(NamedTuple):
    """One source: its module, what it makes graphs of, and the suffixes of the files it reads."""

    name: str
    module: str
    help: str
    computes: bool = False
    suffixes: tuple[str, ...] = ()

    @property
    def code(self) -> Any:
        """The module that makes the graphs."""
        return import_module(self.module)


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source("dezero", "dzviz.sources.snapshot", "Variables of the core, after any passes"),
        Source("torch", "dzviz.sources.pytorch", "tensors of PyTorch, with what autograd knows"),
        Source("micrograd", "dzviz.sources.micrograd", "values of micrograd and its like"),
        Source("book", "dzviz.sources.book", "Variables of a DeZero that the user wrote"),
        Source("jax", "dzviz.sources.jaxpr", "functions of JAX, through `dzviz.record`"),
        Source("expression", "dzviz.sources.expression", "a formula", computes=True),
        Source("function", "dzviz.sources.function", "a function of a Python file", computes=True),
        Source(
            "json",
            "dzviz.sources.json",
            "a parsed document, as -T json --full writes it",
            suffixes=(".json",),
        ),
    )
}
"""Every source by its name, in the order in which they are asked."""


def loaded(package: str, attribute: str) -> Any:
    """Return a package that somebody has imported, None where nobody has.

    A folder of its name is not it: it lacks the ``attribute``.
    """
    module = sys.modules.get(package)
    return module if hasattr(module, attribute) else None


UNKNOWN_THING = "dzviz draws a Variable or a sequence of Variables"


def graph_of(thing: object, *, words: int = FULL) -> Graph:
    """Return the graph of what a source recognises; a Graph is its own.

    Its numbers are put into ``words`` with at most so many digits; with 0 nobody needs to know how
    exact they are.

    Raises:
        TypeError: None does.
        UsageError: A plug is broken.
    """
    from dzviz.graph.model import Graph

    if isinstance(thing, Graph):
        return thing
    source = source_of(thing)
    if source is None:
        raise TypeError(UNKNOWN_THING)
    graph: Graph = source.graph(thing, words=words)
    return graph


def source_of(thing: object, *, plugs: bool = True) -> Any:
    """Return what makes graphs of a thing: a module of `SOURCES` or a plug; None if nothing does.

    Those that a program has registered are asked first, those of installed packages last: to look
    for them takes time. Without ``plugs`` neither is.

    Raises:
        UsageError: A plug is broken.
    """
    from dzviz.sources.plugs import installed, registered

    own = (source.code for source in SOURCES.values() if not source.computes)
    asked = chain(registered(), own, later(installed)) if plugs else own
    return next((source for source in asked if source.recognises(thing)), None)


def is_graph_file(path: str) -> bool:
    """Whether the suffix of a file says that a source reads its graph."""
    return _reader(path) is not None


def read_graph(file: FilePath) -> Graph:
    """Read the graph of a file; as JSON where its suffix says nothing, as that of ``-`` does.

    Raises:
        UsageError: It cannot be read, or holds none; the error has the place.
    """
    source = _reader(file.name) or SOURCES["json"]
    graph: Graph = source.code.read_graph(file)
    return graph


def _reader(path: str) -> Source | None:
    """Return the source that reads files with this suffix."""
    own = (source for source in SOURCES.values() if source.suffixes)
    return next((source for source in own if path.lower().endswith(source.suffixes)), None)


def later(sources: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    """Look for sources when the first of them is asked for."""
    yield from sources()
