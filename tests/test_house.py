"""One way through the house: a module imports from its own folder and from the floors below it."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import pytest
from support.docs import ROOT
from support.house import FLOORS, MODULES, floor

BY_NAME = {
    "dezero/__init__.py": "names that are loaded when they are asked for",
    "dezero/functions/__init__.py": "the families of ops",
    "dezero/ops.py": "the table of ops",
    "dezero/rounding/bounded.py": "the table of NumPy's functions",
    "dezero/names.py": "the one core of a process",
    "dezero/utils.py": "pictures are drawn by dzviz, where it is installed",
    "dzviz/__init__.py": "names that are loaded when they are asked for",
    "dzviz/engine.py": "the one core of a process",
    "dzviz/graph/model.py": "a notebook asks a graph for its picture",
    "dzviz/cli/commands/__init__.py": "the table of commands",
    "dzviz/formats/__init__.py": "the table of formats",
    "dzviz/results/__init__.py": "the table of results",
    "dzviz/styles/__init__.py": "the table of styles",
    "dzviz/layout/__init__.py": "the table of layout engines",
    "dzviz/sources/__init__.py": "the table of sources",
    "dzviz/sources/modules.py": "a user's own module",
    "dzviz/svg/gif.py": "an optional package",
    "dzviz/svg/pdf_pages.py": "an optional package",
    "dzviz/layout/pygraphviz.py": "an optional package",
    "dzviz/layout/wasm.py": "an optional package",
    "dzviz/svg/fonts.py": "an optional package",
}
"""Where a module may be imported by its name, and why."""


class Arrow(NamedTuple):
    """An import, wherever in the module it stands."""

    source: str
    target: str
    line: int


def arrows(name: str) -> Iterator[Arrow]:
    """Find what a module imports of ours, also in functions and for the types alone."""
    path = MODULES[name]
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            wanted = [f"{home}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in wanted:
            while target and target not in MODULES:
                target = target.rpartition(".")[0]
            if target and target != name:
                yield Arrow(name, target, node.lineno)


ARROWS = [arrow for name in MODULES for arrow in arrows(name)]


def test_the_house_is_seen():
    assert len(MODULES) > 100
    assert len(ARROWS) > 500
    assert {floor(name) for name in MODULES} == set(range(len(FLOORS)))


def test_no_arrow_leads_up():
    up = [a for a in ARROWS if floor(a.target) > floor(a.source) and a.target != "dzviz"]
    assert [f"{a.source}:{a.line} -> {a.target}" for a in up] == []


def test_there_is_no_circle():
    graph: dict[str, set[str]] = {name: set() for name in MODULES}
    for arrow in ARROWS:
        if arrow.target not in ("dzviz", "dezero", "dzviz._dezero"):  # loaded as asked for
            graph[arrow.source].add(arrow.target)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


def test_who_knows_that_a_large_graph_is_in_columns():
    knows = {arrow.source for arrow in ARROWS if arrow.target == "dzviz.graph.columns"}
    assert knows == {
        "dzviz.sources.nodes",
        "dzviz.sources.columns",
        "dzviz.sources.snapshot",
        "dzviz.formats.dot",
        "dzviz.formats.dot.columns",
        "dzviz.graph.numbered",
    }


def test_modules_are_loaded_by_name_in_these_files_alone():
    found = set()
    for path in MODULES.values():
        text = path.read_text(encoding="utf-8")
        if "import_module" in text or "__import__" in text or "importlib.util" in text:
            found.add(path.relative_to(ROOT).as_posix())
    assert found - set(BY_NAME) == set()


def test_the_engine_knows_numpy_alone():
    for name, path in MODULES.items():
        if not f"{name}.".startswith("dezero."):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            tops = []
            if isinstance(node, ast.Import):
                tops = [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                tops = [(node.module or "").partition(".")[0]]
            foreign = [t for t in tops if t != "numpy" and t not in sys.stdlib_module_names]
            assert foreign == [], f"{name}:{node.lineno}"
