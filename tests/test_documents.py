"""The documents show what their markers ask for: README and the pages of docs/."""

import os
import re
from pathlib import Path

import pytest

from dzviz.cli import main as cli
from dzviz.documents.markers import MARKUPS, find_markers

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_is_up_to_date(path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    code = cli.run(["embed", "--check", str(path.relative_to(ROOT))])
    assert code == 0, f"make docs: {capsys.readouterr().err}"


def test_every_picture_of_a_marker_is_shown_and_no_other_is_kept():
    named = set()
    for path in DOCUMENTS:
        text = path.read_text()
        for marker in find_markers(text, MARKUPS["markdown"]).markers:
            body = text[marker.start : marker.stop]
            names = re.findall(r'(?:src|srcset)="([^"]+)"|\]\(([^)]+)\)', body)
            paths = (path.parent / (one or other) for one, other in names)
            named |= {Path(os.path.normpath(each)) for each in paths}
    kept = set((ROOT / "docs" / "pictures").iterdir())
    assert {path for path in named if path.parent == ROOT / "docs" / "pictures"} == kept
    assert len(kept) >= 8
