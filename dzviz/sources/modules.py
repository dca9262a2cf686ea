"""A user's own module, from a file or by its name: loading it runs it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.machinery import PathFinder, SourceFileLoader
from typing import TYPE_CHECKING, Any

from dzviz.errors import UsageError, did_you_mean
from dzviz.files import FilePath, NoFileError, read

if TYPE_CHECKING:
    from dzviz.sources.watch import Watch

MAX_BYTES = 16 << 20
"""More than any Python file has."""


def is_path(place: str) -> bool:
    """Whether it names a file, not a module."""
    return place.endswith(".py") or os.sep in place or (os.altsep or os.sep) in place


def load_file(file: FilePath, variable: str) -> tuple[Any, Watch | None]:
    """Run a file; its passes are watched where it assigns the ``variable`` name a value."""
    try:
        source = read(file, MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError, NoFileError, ValueError):
        raise UsageError(f"there is no file '{file.name}'") from None
    except OSError as error:
        raise UsageError(f"cannot read '{file.name}': {error.strerror or error}") from None
    if len(source) > MAX_BYTES:
        raise UsageError(f"'{file.name}' is larger than {MAX_BYTES >> 20} MiB")
    path = os.path.abspath(file.path)
    name = os.path.splitext(os.path.basename(path))[0]
    if name in sys.modules or name in sys.stdlib_module_names or _is_elsewhere(name, path):
        name = f"{name}_of_file"  # a file re.py is not Python's re
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or not isinstance(spec.loader, SourceFileLoader):
        raise UsageError(f"'{file.name}' is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    # What was read is what is run: the loader would go to the path once more.
    code = spec.loader.source_to_code(source, path)
    if not _assigns(source, variable):
        exec(code, vars(module))
        return module, None
    from dzviz.sources.watch import watch_without_plugs

    with watch_without_plugs() as watch:
        exec(code, vars(module))
    return module, watch


def _assigns(source: bytes, name: str) -> bool:
    """Whether a file gives a value to a name, which may be a Variable."""
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in ast.walk(ast.parse(source))
    )


def _is_elsewhere(name: str, path: str) -> bool:
    """Whether a module of this name is installed, which code of ours may ask for later."""
    others = [entry for entry in sys.path if entry != os.path.dirname(path)]
    return PathFinder.find_spec(name, others) is not None


def load_module(name: str) -> Any:
    """Import a module by its name.

    Raises:
        UsageError: There is none.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise UsageError(
                f"there is no module '{name}'", hint="for a file, write its name: model.py:loss"
            ) from None
        raise


def similar(module: Any, name: str, accepted: Callable[[Any], bool]) -> str | None:
    """Say which functions a module has, and what else is ``accepted``, or what may be meant."""
    names = [
        key
        for key, value in vars(module).items()
        if not key.startswith("_") and (_is_callable(module, value) or accepted(value))
    ]
    if likely := did_you_mean(name, names):
        return likely
    return f"it has {', '.join(names)}" if names else None


def _is_callable(module: Any, value: Any) -> bool:
    """Whether it is a function, or an object that the module calls one: ``jax.jit(f)``."""
    if inspect.isfunction(value) or isinstance(value, partial):
        return True
    own = getattr(value, "__module__", None) == module.__name__
    return own and callable(value) and not inspect.isclass(value)
