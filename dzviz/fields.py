"""Fields of dataclasses that are options: what is known of one, and which values it takes.

It knows no option; they are in `dzviz.options`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import Field, field, fields
from math import isfinite
from typing import Any

from dzviz.errors import UsageError, did_you_mean


def option(
    default: Any,
    help: str,
    *,
    formats: tuple[str, ...],
    binary: bool = False,
    styles: str | None = None,
    documents: bool = True,
    **more: Any,
) -> Any:
    """Make a field of an option.

    ``formats`` are the kinds of formats that it concerns, of which perhaps only those that are
    ``binary``; ``styles`` is the property that the styles have which it concerns. ``documents`` may
    set it or may not. Of the rest, ``choices`` and ``each`` are words, or
    ``table`` whose rows are; ``least``, ``above`` and ``most`` are limits, ``metavar`` and ``what``
    name a value in help and errors, ``option`` and ``environment`` are where it is given.
    """
    facts = {"formats": formats, "binary": binary, "styles": styles, "documents": documents}
    return field(default=default, metadata={"help": help, **facts, **more})


def options_of(kind: type[Any]) -> tuple[Field[Any], ...]:
    """Return the fields that are options, of a dataclass."""
    return tuple(option for option in fields(kind) if "help" in option.metadata)


def written(option: Field[Any]) -> str:
    """Return how an option is written behind the two minuses."""
    name: str = option.metadata.get("option", option.name.rstrip("_").replace("_", "-"))
    return name


def check_all(options: Any, kind: type[Any]) -> None:
    """See that every option of a ``kind`` has a value that it may have.

    Raises:
        UsageError: One has not.
    """
    for option in options_of(kind):
        value = getattr(options, option.name)
        if value is not option.default:
            _check(written(option), value, option.type, option.metadata)


def _check(name: str, value: Any, kind: Any, limits: Mapping[str, Any]) -> None:
    if value is None and kind.endswith("| None"):
        return
    if kind.startswith("int") and (isinstance(value, bool) or not isinstance(value, int)):
        raise UsageError(f"{name} is a whole number, not {value!r}")
    if kind == "bool" and not isinstance(value, bool):
        raise UsageError(f"{name} is True or False, not {value!r}")
    if kind.startswith("str") and not isinstance(value, str | None):
        raise UsageError(f"{name} is {limits.get('what', 'text')}, not {value!r}")
    if kind == "float" and (
        isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value)
    ):
        raise UsageError(f"{name} is a number, not {value!r}")
    if "choices" in limits:
        check_choice(name, value, limits["choices"])
    if "each" in limits:
        if not isinstance(value, tuple):
            raise UsageError(f"{name} is a tuple of names, not {value!r}")
        for item in value:
            check_choice(name, item, limits["each"])
    least, above, most = (limits.get(limit) for limit in ("least", "above", "most"))
    if above is not None and not value > above:
        raise UsageError(f"{name} is more than {above}, not {value}")
    if least is not None and value < least:
        raise UsageError(f"{name} is at least {least}, not {value}")
    if most is not None and value > most:
        raise UsageError(f"{name} is at most {most}, not {value}")


def check_choice(name: str, value: Any, choices: Collection[str]) -> None:
    """See that an option has one of these values.

    Raises:
        UsageError: It has not.
    """
    if value not in choices:
        raise UsageError(
            f"{name} is one of {', '.join(filter(None, choices))}, not {value!r}",
            hint=did_you_mean(str(value), choices),
        )
