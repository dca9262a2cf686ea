"""The made parts of docs/: the gallery is what its commands draw, the ops are the table's."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OPS_TABLE = runpy.run_path(str(ROOT / "tools" / "ops_table.py"))
GALLERY = runpy.run_path(str(ROOT / "tools" / "gallery.py"))
PAGE = ROOT / "docs" / "gallery.md"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery") / "pictures"
    GALLERY["draw"](folder)
    return folder


def rounded(svg):
    """The picture with its numbers cut to 6 digits: the last ones are a processor's own."""
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda match: f"{float(match[0]):.6g}", svg)


def test_there_are_enough_pictures_each_with_its_command():
    images = re.findall(r"!\[.+\]\(gallery/(.+)\)", PAGE.read_text())
    files = [arguments[arguments.index("-o") + 1] for arguments in GALLERY["commands"]()]
    assert images == files
    assert len(images) >= 16
    assert sorted(images) == sorted(path.name for path in (ROOT / "docs" / "gallery").iterdir())


def test_the_pictures_are_what_the_commands_draw(drawn):
    for path in sorted(drawn.iterdir()):
        kept = (ROOT / "docs" / "gallery" / path.name).read_text()
        assert rounded(kept) == rounded(path.read_text()), f"make gallery: {path.name} is stale"


def test_the_page_of_ops_is_the_table():
    assert (ROOT / "docs" / "ops.md").read_text() == OPS_TABLE["page"](), "make docs: it is stale"
