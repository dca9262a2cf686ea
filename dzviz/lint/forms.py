"""Unstable forms in the syntax tree of an expression, and the stable ones instead of them.

A form is recognised by its tree, whatever it is computed on. A correction is a text; whether it
gives the same value is checked elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from dzviz.language.syntax import Program, children
from dzviz.records import NamedTuple


class Form(NamedTuple):
    """A part of an expression, ``node``, that is written better as ``better``."""

    rule: str
    node: ast.expr
    better: str


def forms(program: Program) -> Iterator[Form]:
    """Find all forms, from the outside to the inside."""
    pending = [statement.value for statement in reversed(program.statements)]
    while pending:
        node = pending.pop()
        for rule, find in FINDERS.items():
            better = find(node, program)
            if better is not None:
                yield Form(rule, node, better)
                break
        pending += reversed(children(node))


def _call(node: ast.expr, name: str) -> ast.Call | None:
    """Return a call of this function with one operand and maybe settings."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    return node if node.func.id == name and len(node.args) >= 1 else None


def _alone(node: ast.expr, name: str) -> ast.expr | None:
    """Return the operand of a call that has nothing else."""
    call = _call(node, name)
    if call is None or len(call.args) != 1 or call.keywords:
        return None
    return call.args[0]


def _settings(call: ast.Call, program: Program) -> str:
    """Write what a call has behind its first operand."""
    rest = [program.source(argument) for argument in call.args[1:]]
    rest += [f"{keyword.arg}={program.source(keyword.value)}" for keyword in call.keywords]
    return "".join(f", {part}" for part in rest)


def _negative(node: ast.expr, program: Program) -> str:
    text = program.source(node)
    return f"-{text}" if isinstance(node, ast.Name | ast.Call) else f"-({text})"


def _number(node: ast.expr, value: float) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _is_shifted(node: ast.expr, program: Program) -> bool:
    """Whether it is ``x - max(x)``, so that exp of it does not overflow and one of it is 1."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return False
    top = node.right
    if isinstance(top, ast.Name):
        named = [s.value for s in program.statements if s.target == top.id]
        top = named[-1] if named else top
    call = _call(top, "max")
    return call is not None and ast.dump(call.args[0]) == ast.dump(node.left)


def _is_below_0(node: ast.expr, program: Program) -> bool:
    """Whether it is at most 0 whatever its variables are, so that exp of it does not overflow."""
    if not isinstance(node, ast.UnaryOp) or not isinstance(node.op, ast.USub):
        return _is_shifted(node, program)
    return _alone(node.operand, "abs") is not None or _squared(node.operand) is not None


def _log_softmax(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "log")
    call = None if inner is None else _call(inner, "softmax")
    if call is None:
        return None
    return f"log_softmax({program.source(call.args[0])}{_settings(call, program)})"


def _log_sigmoid(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "log")
    operand = None if inner is None else _alone(inner, "sigmoid")
    return None if operand is None else f"(-softplus({_negative(operand, program)}))"


def _one_plus(node: ast.expr) -> ast.expr | None:
    """Return x of ``1 + x`` or ``x + 1``."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
        return None
    if _number(node.left, 1):
        return node.right
    return node.left if _number(node.right, 1) else None


def _softplus(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "log")
    added = None if inner is None else _one_plus(inner)
    if added is None and (inside := _alone(node, "log1p")) is not None:
        added = inside
    operand = None if added is None else _alone(added, "exp")
    if operand is None or _is_below_0(operand, program):
        return None
    return f"softplus({program.source(operand)})"


def _log1p(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "log")
    added = None if inner is None else _one_plus(inner)
    if added is None or isinstance(added, ast.Constant):
        return None
    return f"log1p({program.source(added)})"


def _expm1(node: ast.expr, program: Program) -> str | None:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return None
    operand = _alone(node.left, "exp")
    return (
        f"expm1({program.source(operand)})"
        if operand is not None and _number(node.right, 1)
        else None
    )


def _softmax(node: ast.expr, program: Program) -> str | None:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Div):
        return None
    top, total = _alone(node.left, "exp"), _call(node.right, "sum")
    below = None if total is None else _alone(total.args[0], "exp")
    if top is None or total is None or below is None or ast.dump(top) != ast.dump(below):
        return None
    if _is_shifted(top, program):
        return None
    kept = [k for k in total.keywords if k.arg != "keepdims"]
    axes = [program.source(a) for a in total.args[1:2]]
    axes += [f"axis={program.source(k.value)}" for k in kept if k.arg == "axis"]
    return f"softmax({program.source(top)}{''.join(f', {axis}' for axis in axes)})"


def _logsumexp(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "log")
    total = None if inner is None else _call(inner, "sum")
    operand = None if total is None else _alone(total.args[0], "exp")
    if total is None or operand is None or _is_shifted(operand, program):
        return None
    return f"logsumexp({program.source(operand)}{_settings(total, program)})"


def _log_exp(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "log")
    operand = None if inner is None else _alone(inner, "exp")
    return None if operand is None else f"({program.source(operand)})"


def _squared(node: ast.expr) -> ast.expr | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _number(node.right, 2):
        return node.left
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return node.left if ast.dump(node.left) == ast.dump(node.right) else None
    return _alone(node, "square")


def _abs(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "sqrt")
    operand = None if inner is None else _squared(inner)
    return None if operand is None else f"abs({program.source(operand)})"


def _hypot(node: ast.expr, program: Program) -> str | None:
    inner = _alone(node, "sqrt")
    if not isinstance(inner, ast.BinOp) or not isinstance(inner.op, ast.Add):
        return None
    a, b = _squared(inner.left), _squared(inner.right)
    if a is None or b is None:
        return None
    return f"hypot({program.source(a)}, {program.source(b)})"


def _one_minus(node: ast.expr, program: Program) -> str | None:
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return None
    operand = _alone(node.right, "sigmoid")
    if operand is None or not _number(node.left, 1):
        return None
    return f"sigmoid({_negative(operand, program)})"


FINDERS: dict[str, Callable[[ast.expr, Program], str | None]] = {
    "log-softmax": _log_softmax,
    "log-sigmoid": _log_sigmoid,
    "softplus": _softplus,
    "log1p": _log1p,
    "expm1": _expm1,
    "softmax": _softmax,
    "logsumexp": _logsumexp,
    "log-exp": _log_exp,
    "abs": _abs,
    "hypot": _hypot,
    "one-minus": _one_minus,
}
"""What finds a form of each rule, tried in this order."""
