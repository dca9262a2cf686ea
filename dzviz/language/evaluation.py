"""What was computed: Variables, where each Function comes from, and what is odd about it.

Formulas and functions of the user's own give the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dzviz.records import NamedTuple

if TYPE_CHECKING:
    from dzviz.engine import Function, Variable
    from dzviz.errors import EvaluationError
    from dzviz.graph.model import Recurrence
    from dzviz.language.reach import Reach


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
