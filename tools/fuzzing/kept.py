"""What was found: cases in ``tests/found``, each with its round, which the tests try again."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOUND = Path(__file__).parents[2] / "tests" / "found"


def keep(name: str, case: Mapping[str, Any], problem: str) -> None:
    """Write a case that shows a mistake where the tests find it."""
    FOUND.mkdir(exist_ok=True)
    text = json.dumps({"round": name, "problem": problem[:500], **case}, indent=1)
    digest = hashlib.sha256(json.dumps(case).encode()).hexdigest()[:12]
    (FOUND / f"{name}-{digest}.json").write_text(f"{text}\n")
    print(f"{name}: {problem[:200]}\n  {json.dumps(case)[:2000]}", file=sys.stderr)


def found() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every case that a round once found, with the name of the round."""
    for path in sorted(FOUND.glob("*.json")):
        case = json.loads(path.read_text())
        yield case.pop("round"), case
