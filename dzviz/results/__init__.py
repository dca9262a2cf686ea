"""The table of results that are text: what a command computes, and the lines that it writes of it.

The command line writes them to the terminal, `dzviz batch` line by line, documents into a block.
Each is one module with ``OPTIONS``, ``FORMATS`` (by the name of each its writer) and ``result``,
and what else a `Kind` has, in capital letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from dzviz.errors import UsageError, did_you_mean
from dzviz.records import NamedTuple

if TYPE_CHECKING:
    import click

    from dzviz.errors import EvaluationError
    from dzviz.graph.model import Graph
    from dzviz.options import Look

FAILS = 1
"""The exit code where the answer is no: a gradient differs, or is lost."""


class Result(NamedTuple):
    """Lines of text, and sentences beside them; ``fails`` says that the answer is no.

    ``graph`` makes the picture that goes with it, where there is one, and ``look`` says how it
    looks. Where its computation ``failed``, that is to be said.
    """

    lines: Iterable[str]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fails: bool = False
    graph: Callable[[], Graph] | None = None
    look: Look | None = None
    failed: EvaluationError | None = None


class Kind(NamedTuple):
    """One kind of result: its options, the names of its formats, and what computes it.

    ``result`` takes a subject, its values and what a command line says; its docstring is the
    command's help. Only the command has the options ``params``. Of a result with a picture,
    ``draws`` says what -o draws; of one that is written to a file, ``format_of`` reads its format
    from the suffix. One that ``computes`` takes no graph from a file. A ``silent`` one with -q and
    without -T only sets the exit code.
    """

    name: str
    options: list[click.Parameter]
    formats: tuple[str, ...]
    result: Callable[..., Result]
    help: str
    params: list[click.Parameter]
    draws: str
    format_of: Callable[[str], str] | None
    computes: bool
    silent: bool


RESULTS: Mapping[str, str] = {
    "explain": "dzviz.results.explain",
    "flow": "dzviz.results.flow",
    "grad": "dzviz.results.grad",
    "gradcheck": "dzviz.results.gradcheck",
    "trace": "dzviz.results.trace",
    "value": "dzviz.results.value",
    "why": "dzviz.results.why",
}
"""The kinds of results by the commands' names, each with its module."""


def check_format(name: str, formats: Iterable[str], what: str) -> None:
    """See that ``what``, as in ``a trace``, has a format of this name.

    Raises:
        UsageError: It has not; the hint says which it has.
    """
    known = list(formats)
    if name not in known:
        hint = did_you_mean(name, known) or f"formats: {', '.join(known)}"
        raise UsageError(f"{what} has no format '{name}'", hint=hint)


def kind_of(name: str) -> Kind:
    """Load a kind of the table."""
    module = import_module(RESULTS[name])
    return Kind(
        name,
        module.OPTIONS,
        tuple(module.FORMATS),
        module.result,
        module.result.__doc__,
        getattr(module, "PARAMS", []),
        getattr(module, "DRAWS", ""),
        getattr(module, "FORMAT_OF", None),
        getattr(module, "COMPUTES", False),
        getattr(module, "SILENT", False),
    )
