"""What holds for the project as a whole, whatever is in it."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from support.tools import importable

import dezero
import dzviz

ROOT = Path(__file__).parents[1]
PACKAGES = [dezero, dzviz]
SOURCES = sorted(path for package in PACKAGES for path in Path(package.__path__[0]).rglob("*.py"))
MODULES = [
    name
    for path in SOURCES
    if importable(name := ".".join(path.relative_to(ROOT).with_suffix("").parts))
]
TEXTS = sorted(
    path
    for pattern in [
        "*.md",
        "*.toml",
        "Makefile",
        ".ci/*",
        "d*/**/*.py",
        "dzviz/page/page.*",
        "docs/**/*",
        "tests/**/*.py",
    ]
    for path in ROOT.glob(pattern)
    if path.is_file() and path.suffix not in (".png", ".pdf", ".gif", ".woff2", ".npy")
)


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 10
    assert ROOT / "README.md" in TEXTS
    assert ROOT / ".ci/run" in TEXTS


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    paragraph = docstring.partition("\n\n")[0]
    assert paragraph.endswith((".", ":", "?"))


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_sorted_and_there(name: str) -> None:
    module = import_module(name.removesuffix(".__init__"))
    public = getattr(module, "__all__", [])
    assert list(public) == in_order(public)
    assert len(set(public)) == len(public)
    for each in public:
        getattr(module, each)


def in_order(names: list[str]) -> list[str]:
    """Sort as ruff does: constants, classes, and the rest."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_no_module_takes_the_name_of_something_public(package: ModuleType) -> None:
    """``import dzviz.render`` would put the module where the function ``dzviz.render`` is."""
    name, public = package.__name__, set(package.__all__)
    modules = {info.name for info in pkgutil.iter_modules(package.__path__)}
    assert modules
    assert public
    both = {each for each in public & modules if not is_module(f"{name}.{each}")}
    assert both == set()


def is_module(name: str) -> bool:
    package, _, last = name.rpartition(".")
    return getattr(import_module(package), last) is sys.modules.get(name)


def imports(path: Path) -> set[str]:
    """Return the top packages that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    direct = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    others = [
        node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level
    ]
    return {name.partition(".")[0] for name in direct + others}


def test_dezero_imports_numpy_and_the_standard_library() -> None:
    files = [path for path in SOURCES if Path(dezero.__path__[0]) in path.parents]
    assert len(files) > 3
    allowed = {"dezero", "numpy", *sys.stdlib_module_names}
    # Drawing is dzviz's business: the book's helpers ask for it where they are called.
    allowed_there = {ROOT / "dezero/utils.py": {"dzviz"}}
    strangers = {path: imports(path) - allowed - allowed_there.get(path, set()) for path in files}
    assert {path: names for path, names in strangers.items() if names} == {}


@pytest.mark.parametrize("package", ["dezero", "dzviz"])
def test_importing_loads_no_more_than_it_should(package: str) -> None:
    code = f"import sys; old = set(sys.modules); import {package}; print(*set(sys.modules) - old)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert package in loaded
    heavy = {"click", "graphviz", "wasmtime", "resvg_py", "matplotlib", "networkx", "scipy"}
    assert loaded & heavy == set()
    if package == "dzviz":
        assert "numpy" not in loaded


def test_nothing_names_a_machine_or_the_workshop() -> None:
    # Written in pieces: this file is read too.
    words = ["/ro" + "ot/", "/wo" + "rk/", "/Us" + "ers/", "DES" + "IGN.md", "py" + "pi.org"]
    home = re.compile("/ho" + r"me/\w")
    found = {
        str(path.relative_to(ROOT)): [word for word in words if word in text] + home.findall(text)
        for path in TEXTS
        for text in [path.read_text(encoding="utf-8")]
    }
    assert {path: words for path, words in found.items() if words} == {}


def test_every_text_is_utf_8_with_lf_and_ends_in_one() -> None:
    for path in TEXTS:
        data = path.read_bytes()
        data.decode()
        assert b"\r" not in data, path
        assert not data or (data.endswith(b"\n") and not data.endswith(b"\n\n")), path


def test_the_changelog_knows_the_version_or_what_comes() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] in ("Unreleased", dzviz.__version__)


def test_packages_are_typed() -> None:
    for package in PACKAGES:
        assert Path(package.__path__[0], "py.typed").is_file()


def test_make_help_knows_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    described = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert targets == described
    assert {"help", "demo", "test", "check"} <= set(targets)
