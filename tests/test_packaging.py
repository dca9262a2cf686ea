"""What is released: a wheel and an sdist that hold what they should, and install in a new place.

Building and installing takes packages from pip's index, so it runs where it is asked for: in CI.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from support.checkout import check_out
from support.docs import ROOT
from support.installed import in_wheel

import dzviz

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

in_ci = pytest.mark.skipif(
    "DZVIZ_FRESH_MACHINE" not in os.environ, reason="takes minutes: CI runs it"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was made of it."""
    checkout, folder = (tmp_path_factory.mktemp(name) for name in ("checkout", "dist"))
    check_out(checkout)
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(checkout), cwd=folder)
    return folder


def run(*command: str, cwd: Path) -> str:
    clean = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-5000:]}"
    return done.stdout


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


@in_ci
@pytest.mark.needs("git")
def test_the_wheel_holds_the_packages_and_nothing_else(built: Path) -> None:
    wheel = only(built, "*.whl")
    assert wheel.name == f"dzviz-{dzviz.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as file:
        names = {name for name in file.namelist() if ".dist-info/" not in name}
    assert names == set(in_wheel())
    assert [name for name in names if re.match(r"dezero/.*\.py$", name)] == ["dezero/__init__.py"]
    kinds = {Path(name).name for name in names}
    assert kinds >= {"py.typed", "graph.schema.json", "trace.schema.json", "page.js", "page.css"}


@in_ci
@pytest.mark.needs("git")
def test_the_sdist_holds_what_it_takes_to_test(built: Path) -> None:
    with tarfile.open(only(built, "*.tar.gz")) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert names >= {"Makefile", "README.md", "LICENSE", "mkdocs.yml", "tests/conftest.py"}
    assert names >= {"tools/gallery.py", "docs/gallery/sin.svg", "dzviz/page/page.js"}


@in_ci
@pytest.mark.needs("git")
def test_the_wheel_works_in_a_new_environment(built: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", "new", cwd=tmp_path)
    python, command = (str(tmp_path / "new" / "bin" / name) for name in ("python", "dzviz"))
    wheel = only(built, "*.whl")
    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[gif,pdf]", cwd=tmp_path)
    assert run(command, "--version", cwd=tmp_path) == f"dzviz {dzviz.__version__}\n"
    for start in ([command], [python, "-m", "dzviz"]):
        for name in ("sin.svg", "sin.png", "sin.pdf", "sin.gif", "sin.html"):
            run(*start, "sin(x)", "--x", "1.0", "-o", name, cwd=tmp_path)
            assert (tmp_path / name).stat().st_size > 0
            (tmp_path / name).unlink()
    run(python, "-m", "pip", "check", cwd=tmp_path)
    program = (
        "import dzviz.python.api, dezero.utils as u; u.get_dot_graph(u.Variable(u.np.ones(2)))"
    )
    run(python, "-W", "error", "-c", program, cwd=tmp_path)


def test_the_version_has_one_home() -> None:
    assert "version" in PROJECT["project"]["dynamic"]
    found = [
        path.relative_to(ROOT).as_posix()
        for package in ("dezero", "dzviz")
        for path in (ROOT / package).rglob("*.py")
        if re.search(rf"\b{re.escape(dzviz.__version__)}\b", path.read_text(encoding="utf-8"))
    ]
    assert found == ["dzviz/__init__.py"]


def test_every_package_has_a_lowest_version_that_is_tested() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "minimum.py")]
    printed = subprocess.run(tool, capture_output=True, text=True, check=True).stdout
    pinned = dict(line.split("==") for line in printed.splitlines())
    extras = PROJECT["project"]["optional-dependencies"]
    lists = [PROJECT["project"]["dependencies"], *extras.values()]
    asked = {re.split(r"[^\w-]", each)[0]: each for list in lists for each in list}
    assert len(asked) > 20
    for name in set(asked) - {"dzviz", "types-docutils"}:
        lowest = asked[name].partition(";")[0].removesuffix(".*")
        assert lowest.endswith(f"={pinned[name]}")


def test_every_extra_is_told_of() -> None:
    page = (ROOT / "docs" / "install.md").read_text()
    table = page.partition("## Extras")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert told == list(PROJECT["project"]["optional-dependencies"])


@pytest.mark.needs("mkdocs")
def test_the_site_is_made_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    run(*command, cwd=ROOT)
    pages = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")]
    assert len(pages) > 15
    for page in pages:
        loaded = re.findall(r"<(?:script|img|link|source)[^>]*?(?:src|href)=\"([^\"]*)\"", page)
        assert [address for address in loaded if re.match(r"(?:https?:)?//", address)] == []


def test_every_page_is_in_the_menu() -> None:
    menu = re.findall(r"^ +- (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    docs = ROOT / "docs"
    assert sorted(menu) == sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
