"""What a missing tool does to the tests that need it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEST = "-k README and jq"


@pytest.mark.parametrize(
    ("required", "code", "words"),
    [
        ("0", 0, "skipped for a missing tool: 1 (jq 1)"),
        ("1", 1, "DZVIZ_REQUIRE_ALL=1, and jq is missing"),
    ],
)
def test_a_missing_tool(required: str, code: int, words: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_docs.py", TEST],
        cwd=ROOT,
        env={**os.environ, "DZVIZ_REQUIRE_ALL": required, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert words in done.stdout
