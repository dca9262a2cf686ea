"""A copy of the project as it would be cloned."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from support.docs import ROOT


def check_out(folder: Path) -> None:
    """Copy what git would clone, and what is not committed yet."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listing.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
