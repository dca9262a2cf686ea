"""README's set-up on a machine that has Python and make, and none of the tools we can do without.

It takes minutes and installs packages, so it runs where it is asked for: in CI. There it has the
oldest packages that pyproject.toml allows; the rest of CI has the newest.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.checkout import check_out
from support.docs import ROOT, setup
from support.tools import PROGRAMS

# How to reach packages, and where the Pythons are; what else is set belongs to this machine.
INHERITED = re.compile(r"PIP_\w+|PYENV_\w+|SSL_\w+|\w+_CA_BUNDLE|\w+_proxy|TMPDIR", re.IGNORECASE)

OLDEST_PYTHON = sys.version_info[:2] == (3, 11)
"""The oldest packages have wheels for the oldest Python, not for those that came after them."""


@pytest.mark.skipif("DZVIZ_FRESH_MACHINE" not in os.environ, reason="takes minutes: CI runs it")
@pytest.mark.needs("git", "make")
def test_the_set_up_of_readme(tmp_path: Path, record_property: Callable[[str, str], None]) -> None:
    checkout, home, programs = (tmp_path / name for name in ("checkout", "home", "programs"))
    for folder in (checkout, home, programs):
        folder.mkdir()
    check_out(checkout)
    link_programs(programs)
    inherited = {name: text for name, text in os.environ.items() if INHERITED.fullmatch(name)}
    environment = {**inherited, "HOME": str(home), "PATH": str(programs)}
    if OLDEST_PYTHON:
        environment["PIP_CONSTRAINT"] = str(tmp_path / "minimum.txt")
        (tmp_path / "minimum.txt").write_text(oldest_packages())
    assert shutil.which("dot", path=environment["PATH"]) is None
    outputs = {}
    for command in setup():
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=checkout,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=2700,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-5000:]}"
        outputs[command] = done.stdout
    assert (checkout / "demo/sin.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(checkout / "demo/sin.svg").getroot().tag.endswith("svg")
    assert str(checkout / "demo/sin.png") in outputs["make demo"]
    assert " passed" in outputs["make test"].splitlines()[-1]
    assert re.search(r"skipped for a missing tool: [1-9].*dot ", outputs["make test"])
    (tested,) = re.findall("^with .+", outputs["make test"], re.MULTILINE)
    record_property("README's set-up", tested)
    record_property("README's set-up", outputs["make test"].splitlines()[-1])
    (numpy,) = re.findall("^numpy==(.+)", oldest_packages(), re.MULTILINE)
    assert (f"numpy {numpy}." in tested) == OLDEST_PYTHON


def oldest_packages() -> str:
    """Return what `tools/minimum.py` prints."""
    tool = [sys.executable, str(ROOT / "tools" / "minimum.py")]
    return subprocess.run(tool, capture_output=True, text=True, check=True).stdout


def link_programs(folder: Path) -> None:
    """Fill a folder with all programs on the PATH but the optional ones and this environment's."""
    optional = {name for tool in set(PROGRAMS) - {"bash", "make"} for name in PROGRAMS[tool]}
    for place in os.environ["PATH"].split(os.pathsep):
        if sys.prefix != sys.base_prefix and Path(place) == Path(sys.prefix, "bin"):
            continue
        for program in Path(place).iterdir() if Path(place).is_dir() else []:
            link = folder / program.name
            if program.name not in optional and not link.is_symlink():
                link.symlink_to(program)
