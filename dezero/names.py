"""The names of this package: one copy a process under both, and a warning of others called so.

It is `dezero` to its users and `dzviz._dezero` to dzviz, which computes with it also where the name
`dezero` is somebody else's.
"""

import os
import sys
import warnings
from importlib import import_module

NAMES = ("dezero", "dzviz._dezero")

MARK = b"dzviz._dezero"
"""What is written in the ``__init__.py`` of every copy of this package."""


def settle(name: str) -> bool:
    """Prepare the import of this package as ``name``; tell whether it is loaded already.

    If it is, under its other name, then ``name`` and all below it stand for the same modules.
    """
    if name == "dezero":
        _warn_of_others()
    for other in NAMES:
        package = sys.modules.get(other)
        if other != name and _folder(getattr(package, "__file__", None)) == _folder(__file__):
            for module in ("", *_modules()):
                sys.modules[name + module] = import_module(other + module)
            return True
    return False


def _modules() -> list[str]:
    """The modules of this package, each with a dot before it."""
    top = os.path.dirname(__file__)
    found = []
    for folder, _, files in os.walk(top, onerror=_fail):
        package = folder[len(top) :].replace(os.sep, ".")
        stems = [file.removesuffix(".py") for file in files if file.endswith(".py")]
        found += [f"{package}.{stem}".removesuffix(".__init__") for stem in sorted(stems)]
    return [module for module in found if module]


def _fail(error: OSError) -> None:
    """Refuse to go on without the modules of a folder: they would be loaded twice."""
    raise error


def _folder(file: str | None) -> str | None:
    return os.path.dirname(os.path.realpath(file)) if file else None


def _warn_of_others() -> None:
    """Warn where another `dezero` stands on the path: a script may have meant that one."""
    other = next((folder for folder in sys.path if _is_other(folder)), None)
    if other is None:
        return
    other = os.path.abspath(other)
    used = getattr(sys.modules["dezero"].__spec__, "origin", None) or __file__
    frame = sys._getframe()
    while frame.f_back and _is_import(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    warnings.warn_explicit(
        f"this `dezero` belongs to dzviz, in {os.path.dirname(os.path.dirname(used))}; there is "
        f"another one in {other}. To import that one, put its folder first, before the import: "
        f"sys.path.insert(0, {other!r})",
        UserWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
    )


def _is_other(folder: str) -> bool:
    """Tell whether a folder of the path holds a `dezero` that is no copy of this one."""
    for file in (os.path.join("dezero", "__init__.py"), "dezero.py"):
        try:
            with open(os.path.join(folder, file), "rb") as opened:
                return MARK not in opened.read()
        except OSError:
            continue
    return False


def _is_import(module: str) -> bool:
    return module.partition(".")[0] in ("dezero", "importlib", "_frozen_importlib")
