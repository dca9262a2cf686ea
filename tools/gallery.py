"""Draw the pictures of docs/gallery.md by the commands that stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "gallery.md"
EXAMPLES = PAGE.parent / "examples"


def commands(page: Path = PAGE) -> list[list[str]]:
    """Return the arguments of every ``dzviz`` command in the page's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("dzviz ")]


def draw(folder: Path) -> None:
    """Run every command beside the Python files of docs/examples, and draw into ``folder``."""
    folder.mkdir(exist_ok=True)
    for arguments in commands():
        place = arguments.index("-o") + 1
        arguments[place] = str(folder.resolve() / arguments[place])
        subprocess.run([sys.executable, "-m", "dzviz", "-q", *arguments], cwd=EXAMPLES, check=True)


if __name__ == "__main__":
    draw(PAGE.parent / "gallery")
