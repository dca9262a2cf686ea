"""The made parts of docs/: pictures are what their commands draw, pages are what the tables say."""

import re
import runpy
from pathlib import Path
from shutil import copytree

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REFERENCE = runpy.run_path(str(ROOT / "tools" / "reference.py"))
GALLERY = runpy.run_path(str(ROOT / "tools" / "gallery.py"))


@pytest.mark.parametrize("page", GALLERY["PAGES"], ids=lambda page: page.stem)
def test_each_picture_has_its_command(page):
    images = re.findall(rf"!\[.+\]\({page.stem}/(.+)\)", page.read_text())
    files = list(GALLERY["commands"](page))
    assert images == files
    assert len(images) >= (16 if page.stem == "gallery" else 4)
    assert sorted(images) == sorted(path.name for path in page.with_suffix("").iterdir())


@pytest.mark.parametrize("page", GALLERY["PAGES"], ids=lambda page: page.stem)
def test_the_pictures_are_what_the_commands_draw(page, tmp_path):
    stale = GALLERY["draw"](page, tmp_path)
    assert list(tmp_path.iterdir())
    assert not stale, "make docs: they are stale"


def test_a_picture_that_shows_anything_else_is_stale(tmp_path):
    page = next(page for page in GALLERY["PAGES"] if page.stem == "themes")
    copy = tmp_path / page.name
    copy.write_text(page.read_text())
    copytree(page.with_suffix(""), copy.with_suffix(""))
    first, second, third, *_ = (copy.with_suffix("") / name for name in GALLERY["commands"](page))
    first.write_text(first.read_text().replace(' x="', ' x="1'))  # as if it stood elsewhere
    second.write_text(re.sub(r"data 0\.\d", "data 0.0", second.read_text()))
    third.unlink()
    (tmp_path / "new").mkdir()
    assert GALLERY["draw"](copy, tmp_path / "new") == [second.name, third.name]


@pytest.mark.parametrize("name", REFERENCE["PAGES"])
def test_a_made_page_is_what_the_tables_say(name):
    kept = (DOCS / name).read_text(encoding="utf-8")
    stale = kept != REFERENCE["PAGES"][name]()  # pytest would take minutes to show how
    assert not stale, "make docs: it is stale"


def test_every_page_of_the_reference_is_made_or_known():
    by_hand = {"reference/glossary.md", "reference/language.md"}
    pages = {path.relative_to(DOCS).as_posix() for path in (DOCS / "reference").glob("*.md")}
    assert pages == {name for name in REFERENCE["PAGES"] if "reference/" in name} | by_hand
