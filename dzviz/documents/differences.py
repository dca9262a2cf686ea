"""What changes in a document, as ``diff -u`` has it, found where the changes were made.

A comparison of all lines with all would take hours where the same lines come again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from dzviz.records import NamedTuple

CONTEXT = 3
"""The number of unchanged lines that are shown around a change."""

MOST_COMPARED = 1_000_000
"""Changes of more pairs of lines are shown as one."""


class Change(NamedTuple):
    """Lines that take the place of others: from ``start`` to ``stop``, counted from 0.

    ``new_start`` and ``new_stop`` are where the new ones stand in the new text.
    """

    start: int
    stop: int
    new_start: int
    new_stop: int


def unified(
    old: Sequence[str], new: Sequence[str], changes: Iterable[Change], name: str
) -> Iterator[str]:
    """Yield the lines of a diff; each line of the texts but the last has its end."""
    parts = [part for change in changes for part in _narrowed(old, new, change)]
    for number, group in enumerate(_grouped(parts)):
        if not number:
            yield f"--- {name}\n"
            yield f"+++ {name}\n"
        before = min(CONTEXT, group[0].start)
        first, last = group[0].start - before, group[-1].stop
        after = min(CONTEXT, len(old) - last)
        was = _range(first, last + after)
        will_be = _range(group[0].new_start - before, group[-1].new_stop + after)
        yield f"@@ -{was} +{will_be} @@\n"
        at = first
        for part in group:
            yield from (f" {line}" for line in old[at : part.start])
            yield from (f"-{line}" for line in old[part.start : part.stop])
            yield from (f"+{line}" for line in new[part.new_start : part.new_stop])
            at = part.stop
        yield from (f" {line}" for line in old[at : last + after])


def _narrowed(old: Sequence[str], new: Sequence[str], change: Change) -> Iterator[Change]:
    """Yield what differs in a change."""
    from difflib import SequenceMatcher

    start, stop, new_start, new_stop = change
    head = _alike(old[start:stop], new[new_start:new_stop])
    start, new_start = start + head, new_start + head
    tail = _alike(old[start:stop][::-1], new[new_start:new_stop][::-1])
    stop, new_stop = stop - tail, new_stop - tail
    if (stop - start) * (new_stop - new_start) > MOST_COMPARED:
        yield Change(start, stop, new_start, new_stop)
        return
    matcher = SequenceMatcher(None, old[start:stop], new[new_start:new_stop], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield Change(start + i, start + j, new_start + k, new_start + m)


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the lines that two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _grouped(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Put changes together whose context would overlap."""
    group: list[Change] = []
    for change in changes:
        if group and change.start - group[-1].stop > 2 * CONTEXT:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _range(start: int, stop: int) -> str:
    """Write where lines stand, as diff counts them: from 1, and from the line before none."""
    count = stop - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"
