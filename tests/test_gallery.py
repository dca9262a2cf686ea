"""The made parts of docs/: pictures are what their commands draw, pages are what the tables say."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = runpy.run_path(str(ROOT / "tools" / "reference.py"))
GALLERY = runpy.run_path(str(ROOT / "tools" / "gallery.py"))


def rounded(svg):
    """The picture with its numbers cut to 6 digits: the last ones are a processor's own."""
    return re.sub(r"-?\d+\.\d+(e-?\d+)?", lambda match: f"{float(match[0]):.6g}", svg)


@pytest.mark.parametrize("page", GALLERY["PAGES"], ids=lambda page: page.stem)
def test_each_picture_has_its_command(page):
    images = re.findall(rf"!\[.+\]\({page.stem}/(.+)\)", page.read_text())
    files = [arguments[arguments.index("-o") + 1] for arguments in GALLERY["commands"](page)]
    assert images == files
    assert len(images) >= (16 if page.stem == "gallery" else 4)
    assert sorted(images) == sorted(path.name for path in page.with_suffix("").iterdir())


@pytest.mark.parametrize("page", GALLERY["PAGES"], ids=lambda page: page.stem)
def test_the_pictures_are_what_the_commands_draw(page, tmp_path):
    GALLERY["draw"](page, tmp_path)
    assert list(tmp_path.iterdir())
    for path in sorted(tmp_path.iterdir()):
        kept = (page.with_suffix("") / path.name).read_text()
        stale = rounded(kept) != rounded(path.read_text())
        assert not stale, f"make docs: {path.name} is stale"


@pytest.mark.parametrize("name", REFERENCE["PAGES"])
def test_a_made_page_is_what_the_tables_say(name):
    kept = (DOCS / name).read_text(encoding="utf-8")
    stale = kept != REFERENCE["PAGES"][name]()  # pytest would take minutes to show how
    assert not stale, "make docs: it is stale"


def test_every_page_of_the_reference_is_made_or_known():
    by_hand = {"reference/language.md"}
    pages = {path.relative_to(DOCS).as_posix() for path in (DOCS / "reference").glob("*.md")}
    assert pages == {name for name in REFERENCE["PAGES"] if "reference/" in name} | by_hand
