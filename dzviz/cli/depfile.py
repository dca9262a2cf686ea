"""The rule that says what a result was made of, for make and ninja."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Collection, Iterator

import click

from dzviz.arguments.options import Option
from dzviz.cli.output import write_file
from dzviz.errors import UsageError
from dzviz.files import FilePath, absolute

DEPFILE = Option(
    ["--depfile"],
    metavar="FILE",
    help="Write a rule for make and ninja that lists the files and modules on which -o depends.",
)


def check_depfile(depfile: str | None, output: str | None) -> None:
    """See that there is a result whose rule is to be written.

    Raises:
        UsageError: It goes to no file.
    """
    if depfile is not None and output in (None, "-"):
        raise UsageError("--depfile needs -o FILE", hint="add -o FILE")


def write_depfile(depfile: str | None, *outputs: str | None) -> None:
    """Write the rule of the ``outputs``: every file that the command has read, and every module.

    Raises:
        OutputError: It cannot be written.
    """
    if depfile is None:
        return
    meta = click.get_current_context().meta
    reads: list[FilePath] = meta.get("reads", [])
    known: Collection[str] = meta.get("modules", sys.modules)
    files = dict.fromkeys([*map(_name, reads), *_modules(known)])
    targets = " ".join(_escaped(str(output)) for output in outputs)
    parts = [f"{targets}:", *(_escaped(file) for file in files if file != "-")]
    write_file(depfile, [" \\\n  ".join(parts) + "\n"])


def _name(file: FilePath) -> str:
    """Return a file as it was written, without the key of what is in it."""
    name = file.name if file.key is None else file.name[: -len(file.key) - 1]
    return file.path if name.startswith("~") else name


def _modules(known: Collection[str]) -> Iterator[str]:
    """Yield the files of new modules that are neither Python's, nor installed, nor ours."""
    import sysconfig

    paths = sysconfig.get_paths()
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    roots = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    roots += [ours, os.path.join(os.path.dirname(ours), "dezero")]
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name in known or not isinstance(file, str):
            continue
        path = os.path.realpath(file)
        if not any(path.startswith(os.path.join(os.path.realpath(root), "")) for root in roots):
            near = os.path.relpath(path, absolute(os.curdir))
            yield path if near.startswith(os.pardir) else near


def _escaped(path: str) -> str:
    """Write a path as make and ninja read it."""
    return re.sub(r"([\\]*)([ #])", r"\1\1\\\2", path).replace("$", "$$")
