"""Write docs/ops.md from the table of ops."""

from __future__ import annotations

from pathlib import Path

from dezero import OPS

PAGE = Path(__file__).parents[1] / "docs" / "ops.md"

HEAD = """\
# The ops

What an expression can call, and what NumPy's functions turn into on Variables. `gy` is the gradient
that comes from above. `dzviz ops` prints this table, `dzviz ops --json` hands it to scripts.
"""


def page() -> str:
    """Return the page: a table for each family."""
    lines = [HEAD]
    family = None
    for op in OPS.values():
        if op.family != family:
            family = op.family
            lines += [
                f"\n## {family}\n",
                "| op | formula | derivative | domain | shapes | NumPy |",
                "|---|---|---|---|---|---|",
            ]
        numpy = ", ".join(f"`np.{counterpart.__name__}`" for counterpart in op.numpy)
        words = [text.replace("*", "\\*") for text in (op.derivative, op.domain, op.shapes)]
        lines.append(f"| {' | '.join([f'`{op.name}`', f'`{op.formula}`', *words, numpy])} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
