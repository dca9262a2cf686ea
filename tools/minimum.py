"""Print the oldest versions that pyproject.toml allows, as constraints for pip.

It knows the packages that pyproject.toml names; what those bring is as new as they allow.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def minimum(project: str) -> dict[str, str]:
    """Return each package that a pyproject.toml's text gives a lowest version, and that version."""
    table = tomllib.loads(project)
    extras = table["project"]["optional-dependencies"].values()
    lists = [table["build-system"]["requires"], table["project"]["dependencies"], *extras]
    matches = [_BOUNDED.match(each) for requirements in lists for each in requirements]
    return {match["name"]: match["version"] for match in matches if match}


_BOUNDED = re.compile(r"(?P<name>[\w.-]+)(?:\[.*\])?(?:>=|==)(?P<version>\d+(?:\.\d+)*)")


if __name__ == "__main__":
    for name, version in minimum(PROJECT.read_text(encoding="utf-8")).items():
        print(f"{name}=={version}")
