"""Display options from a file: ``dzviz.toml``, or the table ``[tool.dzviz]`` of ``pyproject.toml``.

They are what documents are drawn with where nothing else is said. A command that draws for itself
reads no such file, unless it is told to.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dzviz.errors import UsageError, did_you_mean
from dzviz.options import Look
from dzviz.styles import with_style

NAMES = ("dzviz.toml", "pyproject.toml")
"""The files that are looked for in a folder; the first that says something counts."""


def find_config(folder: str) -> dict[str, Any]:
    """Read the display options of a folder; none where no file has any.

    Raises:
        UsageError: A file is no TOML, or has what is no display option.
    """
    for name in NAMES:
        path = os.path.join(folder, name)
        try:
            found = read_config(path) if stat.S_ISREG(os.stat(path).st_mode) else {}
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _unreadable(path, error) from None
        if found:
            return found
    return {}


def read_config(path: str) -> dict[str, Any]:
    """Read the display options of one file, as the command line would have them.

    Raises:
        UsageError: It cannot be read, is no TOML, or has what is no display option.
    """
    import tomllib

    try:
        with open(path, "rb") as file:
            data: Any = tomllib.load(file)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    table = data
    for key in ("tool", "dzviz") if _is_project(path) else ():
        table = table.get(key, {}) if isinstance(table, Mapping) else table
    if not isinstance(table, Mapping):
        raise UsageError(f"[tool.dzviz] in '{path}' is no table")
    return {key.replace("-", "_"): _option(key, value, path) for key, value in table.items()}


def _unreadable(path: str, error: Exception) -> UsageError:
    reason = getattr(error, "strerror", None) or error
    return UsageError(f"cannot read the display options in '{path}': {reason}")


def _is_project(path: str) -> bool:
    return os.path.basename(path) == "pyproject.toml"


def _option(key: str, value: Any, path: str) -> Any:
    """Check one option, and bring it into the form that the command line has."""
    options = {option.name.replace("_", "-"): option for option in fields(Look)}
    option = options.get(key.replace("_", "-"))
    if option is None:
        hint = did_you_mean(key, options) or f"there are {', '.join(options)}"
        raise UsageError(f"'{key}' in '{path}' is no display option", hint=hint)
    several = "each" in option.metadata
    if several and isinstance(value, list):
        value = tuple(value)
    elif several and isinstance(value, str):
        value = tuple(word.strip() for word in value.split(",") if word.strip())
    try:
        with_style(Look(**{option.name: value}))
    except (UsageError, TypeError) as error:
        likely = error.hint if isinstance(error, UsageError) else None
        raise UsageError(f"in '{path}': {error}", hint=likely) from None
    return ",".join(value) if several else value
