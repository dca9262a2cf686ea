"""``dzviz ops``: the table of ops, for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from dzviz.cli.output import write_stdout
from dzviz.errors import UsageError, did_you_mean
from dzviz.text.table import aligned

if TYPE_CHECKING:
    from dzviz.engine import OpInfo


def ops(name: str | None, as_json: bool) -> None:
    """List the functions that expressions can use, or describe one of them.

    The notation is that of expressions; gy is the gradient of the result (upstream).
    """
    from dzviz.engine import OPS

    if name is not None and name not in OPS:
        hint = did_you_mean(name, OPS) or "dzviz ops lists them all"
        raise UsageError(f"unknown function '{name}'", hint=hint)
    chosen = list(OPS.values()) if name is None else [OPS[name]]
    if as_json:
        import json

        entries = [entry(op) for op in chosen]
        write_stdout([json.dumps(entries, indent=1), "\n"], binary=False)
    else:
        write_stdout(_table(chosen) if name is None else _details(chosen[0]), binary=False)


def entry(op: OpInfo) -> dict[str, Any]:
    """Return an op's row of the table as plain data."""
    return {
        "name": op.name,
        "family": op.family,
        "symbol": op.symbol,
        "summary": op.summary,
        "formula": op.formula,
        "derivative": op.derivative,
        "domain": op.domain,
        "shapes": op.shapes,
        "examples": list(op.examples),
        "numpy": _of_numpy(op),
    }


def _table(ops: list[OpInfo]) -> Iterator[str]:
    rows = aligned([(op.name, op.formula, op.derivative) for op in ops])
    family = None
    for op, row in zip(ops, rows, strict=True):
        if op.family != family:
            yield f"{'' if family is None else chr(10)}{op.family}\n"
            family = op.family
        yield f"  {row}"


def _details(op: OpInfo) -> Iterator[str]:
    yield f"{op.name}: {op.summary}\n"
    facts = [
        ("formula", op.formula),
        ("derivative", op.derivative),
        ("domain", op.domain),
        ("shapes", op.shapes),
        ("example", next(iter(op.examples))),
        ("NumPy", ", ".join(_of_numpy(op))),
    ]
    for word, fact in facts:
        if fact:
            yield f"  {word:10}  {fact}\n"


def _of_numpy(op: OpInfo) -> list[str]:
    return [f"numpy.{name.removeprefix('np.')}" for name in op.counterparts]


command = click.Command(
    "ops",
    callback=ops,
    help=ops.__doc__,
    params=[
        click.Argument(["name"], required=False),
        click.Option(["--json", "as_json"], is_flag=True, help="Print a JSON array (for scripts)."),
    ],
    context_settings={"help_option_names": ["-h", "--help"]},
)
