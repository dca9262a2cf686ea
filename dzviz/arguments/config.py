"""Display options from a file: ``dzviz.toml``, or the table ``[tool.dzviz]`` of ``pyproject.toml``.

They are what documents are drawn with where nothing else is said. A command that draws for itself
reads no such file, unless it is asked to.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from dzviz.errors import UsageError, did_you_mean
from dzviz.fields import options_of
from dzviz.files import FilePath, NoFileError, below, named, read
from dzviz.options import Look
from dzviz.styles import with_style

NAMES = ("dzviz.toml", "pyproject.toml")
"""The files that are looked for in a folder; the first that says something counts."""

MAX_BYTES = 256 << 10
"""More than any such file has. Of a key in many parts, each part takes tomllib a KiB."""

MAX_PARTS = 32
"""The largest number of parts in a key: tomllib keeps every beginning of it (quadratic memory)."""

# Possessive, and from the beginning of a part alone: else a long word would take quadratic time.
_PART = r"""(?>[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){_PART}(?>[ \t]*+\.[ \t]*+{_PART}){{{MAX_PARTS}}}")


def find_config(folder: str) -> dict[str, Any]:
    """Read the display options of a folder; none where no file has any.

    Raises:
        UsageError: A file is no TOML, leads out of the folder, or has what is no display option.
    """
    for name in NAMES:
        path = os.path.join(folder, name)
        file = below(named(path), folder, folder)
        if file is None:
            raise UsageError(
                f"'{path}' leads out of its folder", hint="--config FILE can read any file"
            )
        try:
            found = _read(file)
        except (FileNotFoundError, NotADirectoryError, NoFileError):
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
    try:
        return _read(named(path))
    except OSError as error:
        raise _unreadable(path, error) from None


def _read(file: FilePath) -> dict[str, Any]:
    import tomllib

    path = file.name
    try:
        text = read(file, MAX_BYTES, regular=file.root is not None)
        if len(text) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES >> 10} KiB")
        if _LONG_KEY.search(decoded := text.decode()):
            raise ValueError(f"a key has more than {MAX_PARTS} parts")
        table: Any = tomllib.loads(decoded)
    except RecursionError:
        raise _unreadable(path, ValueError("it is nested too deep")) from None
    except ValueError as error:
        raise _unreadable(path, error) from None
    for key in ("tool", "dzviz") if _is_project(path) else ():
        table = table.get(key, {}) if isinstance(table, Mapping) else table
    if not isinstance(table, Mapping):
        raise UsageError(f"[tool.dzviz] in '{path}' is not a table")
    return {key.replace("-", "_"): _option(key, value, path) for key, value in table.items()}


def _unreadable(path: str, error: Exception) -> UsageError:
    reason = getattr(error, "strerror", None) or error
    return UsageError(f"cannot read the display options in '{path}': {reason}")


def _is_project(path: str) -> bool:
    return os.path.basename(path) == "pyproject.toml"


def _option(key: str, value: Any, path: str) -> Any:
    """Check one option, and bring it into the form that the command line has."""
    options = {option.name.replace("_", "-"): option for option in options_of(Look)}
    option = options.get(key.replace("_", "-"))
    if option is None:
        hint = did_you_mean(key, options) or f"there are {', '.join(options)}"
        raise UsageError(f"'{key}' in '{path}' is not a display option", hint=hint)
    several = "each" in option.metadata
    if several and isinstance(value, list):
        value = tuple(value)
    elif several and isinstance(value, str):
        value = tuple(word.strip() for word in value.split(",") if word.strip())
    try:
        with_style(Look(**{option.name: value}))
    except (UsageError, TypeError, ValueError, ArithmeticError) as error:
        likely = error.hint if isinstance(error, UsageError) else None
        what = str(error) if isinstance(error, UsageError) else f"{key}: {error}"
        raise UsageError(f"in '{path}': {what}", hint=likely) from None
    return ",".join(value) if several else value
