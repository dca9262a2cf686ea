"""Draw the picture of an MLP of PyTorch; it runs in an environment that has it."""

from __future__ import annotations

import sys
from contextlib import chdir
from pathlib import Path

from dzviz.cli.main import run

DOCS = Path(__file__).parents[1] / "docs"

KEPT = DOCS / "torch.svg"
"""Where the picture is shown from."""

COMMAND = (
    *("draw", "--py-function", "mlp.py:loss", "--x", "[[1, 2]]", "--backend", "torch"),
    *("--contributions", "all", "-q"),
)
"""What draws it, in docs/examples."""


def draw(path: Path) -> None:
    """Draw it into a file."""
    with chdir(DOCS / "examples"):
        if code := run([*COMMAND, "-o", str(path)]):
            sys.exit(code)


if __name__ == "__main__":
    draw(KEPT.resolve())
