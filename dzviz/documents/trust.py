"""How far a document is trusted: which files it can read and write, and whether it runs code.

A document may read and write files in its own folder tree, links included, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from dzviz.errors import UsageError
from dzviz.files import FilePath, below, is_in, named, real
from dzviz.records import NamedTuple
from dzviz.themes import files_of


class Trust(NamedTuple):
    """How far a document is trusted: its files lie below ``root``, code runs only if ``python``.

    ``way`` is how whoever builds the documents allows for that.
    """

    root: str
    python: bool = False
    way: str = "--allow-python"


class Target(NamedTuple):
    """A file for one theme: as the document names it, and where it is."""

    theme: str
    name: str
    file: FilePath


def trust_options(who: str, may: str, file: str) -> list[click.Parameter]:
    """Return the options of a `Trust`, in words for those ``who`` have it."""
    return [
        click.Option(
            ["--root"],
            type=click.Path(),
            metavar="DIR",
            help=f"The folder that contains all files that {who} may {may}: by default the "
            f"current folder, or the folder of {file} if that is elsewhere.",
        ),
        click.Option(
            ["--allow-python"],
            is_flag=True,
            help=f"Let {who} use --py-function, which runs code.",
        ),
    ]


def root_of(path: str, root: str | None) -> str:
    """Return the folder that a document and its files lie in.

    That is ``root``, or else the current folder if the document is in it, or else its own.

    Raises:
        UsageError: The document lies outside of it; as by a link that leads out.
    """
    here = real(os.curdir)
    folder = real(os.path.dirname(path) or os.curdir)
    if root is None:
        root = here if is_in(here, folder) else folder
    elif not os.path.isdir(real(root)):
        raise UsageError(f"--root: there is no folder '{root}'")
    if not is_in(real(root), real(path)):
        raise UsageError(
            f"it leads out of the documents' folder '{root}'", hint="name the folder with --root"
        )
    return root


def inside(file: FilePath, folder: str, trust: Trust, what: str) -> FilePath:
    """Return where a file of a document is, links followed, if that is in its tree.

    Raises:
        UsageError: It is not.
    """
    found = below(file, folder, trust.root)
    if found is None:
        raise UsageError(
            f"{what}: '{file.name}' leads out of the documents' folder",
            hint="documents read and write only in the folder that contains them all",
        )
    return found


def targets(
    output: str, themes: Sequence[str], folder: str, trust: Trust, what: str = "-o"
) -> tuple[Target, ...]:
    """Name a file for each theme, as `dzviz.themes.files_of` does.

    Raises:
        UsageError: A file is not within the tree.
    """
    return tuple(
        Target(theme, name, inside(named(name), folder, trust, what))
        for theme, name in zip(themes, files_of(output, themes), strict=True)
    )


def files_of_values(values: dict[str, Any], folder: str, trust: Trust) -> list[FilePath]:
    """See that a document may read the files of these values, and return these.

    Raises:
        UsageError: It may not.
    """
    files = []
    for name, value in values.items():
        if not isinstance(value, str):
            values[name] = inside(value, folder, trust, f"the value of {name}")
            files.append(values[name])
    return files


def check_python(what: str, trust: Trust) -> None:
    """See that a document may run code.

    Raises:
        UsageError: It may not.
    """
    if not trust.python:
        raise UsageError(
            f"{what}, which this document is not allowed to do",
            hint=f"whoever builds it can allow it: {trust.way}",
        )
