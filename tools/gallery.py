"""Draw the pictures of the pages that are made of pictures, by the commands that stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = DOCS / "examples"

PAGES = tuple(DOCS / name for name in ("gallery.md", "reference/styles.md", "reference/themes.md"))
"""The pages; the pictures of each are in the folder of its name beside it."""


def commands(page: Path) -> list[list[str]]:
    """Return the arguments of every ``dzviz`` command in the page's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("dzviz ")]


def draw(page: Path, folder: Path) -> None:
    """Run every command beside the Python files of docs/examples, and draw into ``folder``."""
    folder.mkdir(exist_ok=True)
    for arguments in commands(page):
        place = arguments.index("-o") + 1
        arguments[place] = str(folder.resolve() / arguments[place])
        subprocess.run([sys.executable, "-m", "dzviz", "-q", *arguments], cwd=EXAMPLES, check=True)


if __name__ == "__main__":
    for page in PAGES:
        draw(page, page.with_suffix(""))
