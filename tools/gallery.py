"""Draw the pictures of the pages that are made of pictures, by the commands that stand there."""

from __future__ import annotations

import re
import shlex
import sys
import tempfile
from contextlib import chdir
from pathlib import Path

from dzviz.cli.main import run
from dzviz.documents.equivalence import is_equivalent, precision_of
from dzviz.options import Look

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = DOCS / "examples"

PAGES = tuple(
    DOCS / name
    for name in ("gallery.md", "lectures.md", "reference/styles.md", "reference/themes.md")
)
"""The pages; the pictures of each are in the folder of its name beside it."""


def commands(page: Path) -> dict[str, list[str]]:
    """Return the arguments of every ``dzviz`` command in the page's shell blocks, by its file."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    found = [shlex.split(line)[1:] for line in lines if line.startswith("dzviz ")]
    return {arguments[arguments.index("-o") + 1]: arguments for arguments in found}


def draw(page: Path, folder: Path) -> list[str]:
    """Run every command beside the Python files of docs/examples, and draw into ``folder``.

    Returns those of the files that the page shows otherwise, or not at all. What differs as it
    does from processor to processor is not among them.
    """
    stale = []
    for name, arguments in commands(page).items():
        made, kept = folder.resolve() / name, page.with_suffix("") / name
        with chdir(EXAMPLES):
            code = run(["-q", *(str(made) if each == name else each for each in arguments)])
        if code:
            sys.exit(code)
        precision = precision_of("svg", Look().precision, shlex.join(arguments))
        old = kept.read_bytes() if kept.exists() else b""
        if not is_equivalent("svg", old, made.read_bytes(), precision):
            stale.append(name)
    return stale


def main() -> None:
    """Write the pictures that are stale."""
    for page in PAGES:
        page.with_suffix("").mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            for name in draw(page, Path(folder)):
                (page.with_suffix("") / name).write_bytes(Path(folder, name).read_bytes())


if __name__ == "__main__":
    main()
