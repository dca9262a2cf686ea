"""The rooms of the house and their order, and who calls whom while a command runs.

``python tests/support/house.py REPORT ARGUMENTS...`` runs dzviz under a profiler,
and writes the calls into a file.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]

FLOORS = (
    "dezero",
    "dzviz._dezero",
    "dzviz.engine",
    "dzviz.records",
    "dzviz.frozen",
    "dzviz.errors",
    "dzviz.budget",
    "dzviz.progress",
    "dzviz.files",
    "dzviz.streams",
    "dzviz.themes",
    "dzviz.graph",
    "dzviz.fields",
    "dzviz.options",
    "dzviz.text",
    "dzviz.diagnosis",
    "dzviz.comparison",
    "dzviz.equations",
    "dzviz.layout",
    "dzviz.styles",
    "dzviz.placing",
    "dzviz.svg",
    "dzviz.page",
    "dzviz.formats",
    "dzviz.language",
    "dzviz.sources",
    "dzviz.lint",
    "dzviz.pipeline",
    "dzviz.sweeps",
    "dzviz.arguments",
    "dzviz.results",
    "dzviz.documents",
    "dzviz.server",
    "dzviz.python",
    "dzviz.mkdocs",
    "dzviz.sphinx",
    "dzviz.cli",
    "dzviz.__main__",
    "dzviz",
)
"""The rooms from the bottom to the top; a folder is one, and so is a module beside them."""

LIKE_PYTHONS = ("dzviz.records", "dzviz.frozen")
"""Modules that do what the standard library's do: what they call is called by their user."""


def modules() -> dict[str, Path]:
    """Find all modules by their dotted names."""
    found = {}
    for package in ("dezero", "dzviz"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


def floor(name: str) -> int:
    """Return the floor on which a module is."""
    if name == "dzviz":
        return FLOORS.index("dzviz")
    return next(i for i, room in enumerate(FLOORS) if f"{name}.".startswith(f"{room}."))


class Call(NamedTuple):
    """A call from one module to another: which functions, how often."""

    source: str
    caller: str
    target: str
    callee: str
    count: int

    @property
    def up(self) -> bool:
        """Whether it leads to a higher floor."""
        return floor(self.target) > floor(self.source)


def calls_in(report: Path) -> list[Call]:
    """Read the calls that were written into a file."""
    return [Call(*call) for call in json.loads(report.read_text(encoding="utf-8"))]


def main() -> None:
    """Run dzviz under a profiler; what is foreign between two of our modules is passed over."""
    report, *arguments = sys.argv[1:]
    sys.path[0] = str(ROOT)
    names = {str(path): name for name, path in MODULES.items() if name not in LIKE_PYTHONS}
    calls: Counter[tuple[str, ...]] = Counter()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        target = names.get(frame.f_code.co_filename)
        if event != "call" or target is None or frame.f_code.co_name == "<module>":
            return
        caller = frame.f_back
        while caller is not None and caller.f_code.co_filename not in names:
            caller = caller.f_back
        if caller is not None and names[caller.f_code.co_filename] != target:
            code, called = caller.f_code, frame.f_code
            source = names[code.co_filename]
            calls[source, code.co_qualname, target, called.co_qualname] += 1

    from dzviz.__main__ import main as dzviz

    sys.argv = ["dzviz", *arguments]
    sys.setprofile(note)
    try:
        dzviz()
    finally:
        sys.setprofile(None)
        found = [[*call, count] for call, count in sorted(calls.items())]
        Path(report).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
