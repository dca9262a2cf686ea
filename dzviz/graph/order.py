"""The order of computation: a node comes after everything that it is computed from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def in_order(
    ids: Iterable[str], before: Callable[[str], Sequence[str]]
) -> tuple[list[str], str | None]:
    """Put ids after those ``before`` them, else in the order given.

    Where they form a circle, one of it is returned, too; then some stand before what they need.
    """
    order: dict[str, None] = {}
    open: set[str] = set()
    circle = None
    for start in ids:
        pending = [start]
        while pending:
            id = pending[-1]
            if id in order:
                pending.pop()
                continue
            missing = [other for other in before(id) if other not in order and other != id]
            again = next((other for other in missing if other in open), None)
            circle = circle or again
            missing = [other for other in missing if other not in open]
            open.add(id)
            if not missing:
                order[pending.pop()] = None
                open.discard(id)
            pending += reversed(missing)
    return list(order), circle
