"""The project as pip lays it out, without pip: in a wheel two folders have changed places."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from support.docs import ROOT


def in_wheel() -> dict[str, Path]:
    """Return what a wheel holds, by the places there."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    wheel = wheel["targets"]["wheel"]
    moves = {f"{source}/": f"{place}/" for source, place in wheel["sources"].items()}
    found = {}
    for path in (path for package in wheel["packages"] for path in (ROOT / package).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(ROOT).as_posix()
            moved = [
                place + name[len(source) :]
                for source, place in moves.items()
                if name.startswith(source)
            ]
            found[moved[0] if moved else name] = path
    return found


def install(folder: Path) -> None:
    """Copy the packages into a folder as a wheel of them would be."""
    for name, path in in_wheel().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name)
