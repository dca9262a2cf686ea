"""Draw the gallery and the documents as other processors would, and compare what they show.

NumPy has code for several generations of processors and chooses at its start, and so has the
OpenBLAS that it brings; both can be made to use older code. Their sums are rounded otherwise: the
exact values change, and what is shown must not.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import numpy as np
from gallery import DOCS, EXAMPLES, PAGES, commands
from numpy._core import _multiarray_umath as simd

from dzviz.cli.main import run
from dzviz.documents.markers import MARKUPS, find_markers
from dzviz.errors import LayoutError
from dzviz.results import RESULTS

SHOWN = ("dot", "text", "alt", "mermaid", "svg")
"""The formats that have to be the same everywhere, byte by byte."""

EXACT = "json"
"""The format with all digits."""

Outputs = dict[str, dict[str, str]]
"""What each command makes, by the format's name."""


class Processor(NamedTuple):
    """An older processor: what makes NumPy and OpenBLAS take it for that."""

    kernel: str = ""
    without: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Name it in a table."""
        less = f"NumPy without {' '.join(self.without)}" if self.without else ""
        return less or (f"OpenBLAS for {self.kernel}" if self.kernel else "this one")

    @property
    def environment(self) -> dict[str, str]:
        """The variables to start Python with."""
        given = {
            "OPENBLAS_CORETYPE": self.kernel,
            "NPY_DISABLE_CPU_FEATURES": " ".join(self.without),
        }
        return {name: value for name, value in given.items() if value}


def kernels(library: bytes) -> list[str]:
    """Return the processors that an OpenBLAS has code for, by the names of its tables of them."""
    return sorted({name.decode() for name in re.findall(rb"\0gotoblas_([A-Z0-9]+)(?=\0)", library)})


def processors(names: Sequence[str], features: Sequence[str]) -> list[Processor]:
    """Return this processor and those older ones; a feature goes with all that build on it."""
    older = [Processor(without=tuple(features[i:])) for i in range(len(features))]
    return [Processor(), *map(Processor, names), *older]


def openblas() -> Path | None:
    """Return the OpenBLAS that NumPy brings; None if it uses another library."""
    folders = [
        Path(np.__file__).parent.with_name("numpy.libs"),
        Path(np.__file__).parent / ".dylibs",
    ]
    found = [path for folder in folders for path in sorted(folder.glob("*openblas*"))]
    return found[0] if found else None


def loaded(library: Path | None) -> tuple[str, list[str]]:
    """Return the kernels that OpenBLAS uses in this process, and the features that NumPy does."""
    kernel = ""
    if library is not None:
        (name,) = set(
            re.findall(rb"\0(\w{0,40}openblas_get_corename\w{0,40})(?=\0)", library.read_bytes())
        )
        function = ctypes.CDLL(str(library))[name.decode()]
        function.restype = ctypes.c_char_p
        kernel = function().decode()
    return kernel, [name for name in simd.__cpu_dispatch__ if simd.__cpu_features__[name]]


def drawings() -> dict[str, tuple[Path, list[str]]]:
    """Return the folder and the arguments of every picture of the gallery and the documents."""
    found = {}
    for page in PAGES:
        for name, arguments in commands(page).items():
            found[f"{page.stem}/{name}"] = EXAMPLES, arguments
    for page in [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]:
        for marker in find_markers(page.read_text(), MARKUPS["markdown"]).markers:
            words = shlex.split(marker.command)
            if words[0] not in RESULTS:
                found[f"{page.name}:{marker.line}"] = page.parent, words
    return found


def outputs(folder: Path, arguments: Sequence[str]) -> dict[str, str]:
    """Make every format of a picture; a film and a plot only as SVG, and the first of themes."""
    given = [each.split(",")[0] if each.startswith("light,") else each for each in arguments]
    for option in ("-o", "-T"):
        if option in given:
            place = given.index(option)
            del given[place : place + 2]
    written = {}
    with chdir(folder), tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary, "picture")
        for format in (*SHOWN, EXACT):
            if "--sweep" in given and format != "svg":
                written[format] = ""  # it is a plot
                continue
            still = [each for each in given if each != "--animate" or format == "svg"]
            code = run(["-q", *still, "-T", format, "-o", str(file)])
            if code not in (0, LayoutError.exit_code):
                sys.exit(code)
            # What is too large is so everywhere; the message says what and in which format.
            written[format] = "" if code else file.read_text(encoding="utf-8")
    return written


def started(processor: Processor, work: str) -> subprocess.CompletedProcess[str]:
    """Let a new process do a part of ``WORK`` as on this processor."""
    command = [sys.executable, __file__, work]
    environment = {**os.environ, **processor.environment}
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=False, cwd=DOCS.parent
    )


def takes_effect(processor: Processor) -> bool:
    """Whether this machine runs the code for that processor, and NumPy and OpenBLAS do use it."""
    done = started(processor, "probe")
    if done.returncode:  # as by an instruction that there is not
        return False
    kernel, features = json.loads(done.stdout)
    right = not processor.kernel or kernel.upper() == processor.kernel
    return right and not set(features) & set(processor.without)


def changed(one: Outputs, other: Outputs, formats: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pictures and formats in which outputs differ."""
    return [
        (name, form) for name in one for form in formats if one[name][form] != other[name][form]
    ]


def first_difference(one: str, other: str) -> str:
    """Return the first lines that differ, from where they do."""
    pairs = zip([*one.splitlines(), ""], [*other.splitlines(), ""], strict=False)
    old, new = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
    alike = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    start = max(alike - 20, 0)
    return f"    - {old[start : start + 80]}\n    + {new[start : start + 80]}"


def report(results: Mapping[Processor, Outputs]) -> Iterator[str]:
    """Tell in a table how many pictures changed, and below it what is shown otherwise."""
    (_, default), *others = results.items()
    width = max(len(str(processor)) for processor in results)
    yield f"{'processor':{width}}  {EXACT:>7}" + "".join(f"  {name:>7}" for name in SHOWN)
    for processor, drawn in others:
        counts = (len(changed(default, drawn, [format])) for format in (EXACT, *SHOWN))
        yield f"{processor!s:{width}}" + "".join(f"  {count:7}" for count in counts)
    for processor, drawn in others:
        for name, format in changed(default, drawn, SHOWN):
            yield f"{processor}: {name} as {format}"
            yield first_difference(default[name][format], drawn[name][format])


def probe() -> object:
    """Multiply and sum a little with the code that is loaded, and return which that is."""
    a = np.linspace(-1, 1, 64 * 64).reshape(64, 64)
    for dtype in (np.float32, np.float64):
        b = a.astype(dtype)
        np.sum(np.exp(np.sin(b @ b)) @ b[0])
    return loaded(openblas())


def pictures() -> object:
    """Make all outputs."""
    return {name: outputs(*drawing) for name, drawing in drawings().items()}


WORK = {"probe": probe, "pictures": pictures}


def made(processor: Processor) -> Outputs:
    """Make all outputs in a process that takes this processor's code.

    Raises:
        CalledProcessError: It did not end well.
    """
    done = started(processor, "pictures")
    done.check_returncode()
    drawn: Outputs = json.loads(done.stdout)
    return drawn


def main(arguments: Sequence[str]) -> int:
    """Run one part of the work, or all of it; 1 where something is shown otherwise."""
    if arguments:
        json.dump(WORK[arguments[0]](), sys.stdout)
        return 0
    library = openblas()
    names = kernels(library.read_bytes()) if library is not None else []
    results: dict[Processor, Outputs] = {}
    for processor in processors(names, loaded(library)[1]):
        if takes_effect(processor):
            results[processor] = made(processor)
        else:
            print(f"{processor}: not on this machine", flush=True)
    default, *others = results.values()
    print(f"{len(default)} pictures; how many of them changed:", *report(results), sep="\n")
    if not any(changed(default, other, [EXACT]) for other in others):
        print("No exact value changed: this says nothing.")
        return 1
    return 1 if any(changed(default, other, SHOWN) for other in others) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
