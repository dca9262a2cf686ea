"""What a loop of a Python file computes: the statements that carry a value from time to time.

It reads the text of the file and runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from dzviz.graph.model import Recurrence

LONGEST = 72
"""A longer recurrence is not told: a frame is as wide as its label."""


def recurrences(text: str, lines: Collection[int]) -> dict[int, Recurrence]:
    """Return, for those of the lines that stand in a loop, what the innermost one computes."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    found: dict[int, Recurrence] = {}
    for loop in sorted(loops, key=lambda loop: loop.lineno):  # inner ones after outer ones
        recurrence = _recurrence_of(text, loop)
        own = [n for n in lines if loop.body[0].lineno <= n <= (loop.body[-1].end_lineno or 0)]
        for line in own:
            found.pop(line, None)
            if recurrence is not None:
                found[line] = recurrence
    return found


def _recurrence_of(text: str, loop: ast.For | ast.While) -> Recurrence | None:
    """Write what a loop carries, where all of it is plain assignments."""
    carried, written = [], []
    before: set[str] = set()
    assigned: set[str] = set()
    for statement in loop.body:
        target = _target(statement)
        if target is None:
            return None
        before |= _read(statement) - assigned
        assigned.add(target)
        written.append((target, " ".join((ast.get_source_segment(text, statement) or "").split())))
        if target in before:
            carried.append(target)
    names = list(dict.fromkeys(carried))
    words = "; ".join(words for _, words in written)
    if not names or len(words) > LONGEST:
        return None
    ops = sum(_is_op(node) for statement in loop.body for node in ast.walk(statement))
    return Recurrence(words, names[0] if len(names) == 1 else "", ops)


def _is_op(node: ast.AST) -> bool:
    """Whether a part of an expression may be an op: what is of plain numbers alone is none."""
    if isinstance(node, ast.BinOp):
        return not (_is_number(node.left) and _is_number(node.right))
    if isinstance(node, ast.UnaryOp):
        return not _is_number(node)
    return isinstance(node, ast.AugAssign | ast.Call | ast.Subscript | ast.Compare)


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant)


def _target(statement: ast.stmt) -> str | None:
    """Return the name that a statement assigns, where it does just that."""
    if isinstance(statement, ast.AugAssign | ast.AnnAssign):
        target: ast.expr = statement.target
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def _read(statement: ast.stmt) -> set[str]:
    """Return the names that a statement reads."""
    own = {statement.target.id} if _adds(statement) else set()  # type: ignore[attr-defined]
    return own | set(_loaded(statement))


def _adds(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name)


def _loaded(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
