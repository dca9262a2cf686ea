"""The value of a variable: the text of a formula without variables, a file, or an array."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dzviz.errors import DzvizError, EvaluationError, UsageError
from dzviz.files import FilePath

if TYPE_CHECKING:
    from numpy.typing import NDArray


def read_value(name: str, text: str | FilePath | NDArray[Any], seed: int) -> Any:
    """Read a variable's value: a formula without variables, or a file; an array is its own.

    ``int(...)`` around all of it makes whole numbers.

    Raises:
        UsageError: It is neither.
    """
    if isinstance(text, FilePath):
        from dzviz.language.files import read_array

        return read_array(text)
    if not isinstance(text, str):
        return text
    from dzviz.language.evaluate import evaluate_value
    from dzviz.language.parse import parse

    whole = "int" in text and re.fullmatch(r"\s*int\s*\((.*)\)\s*", text, re.DOTALL)
    try:
        value = evaluate_value(parse(whole[1] if whole else text), (seed, name))
        return integers(value) if whole else value
    except DzvizError as error:
        message = f"the value of {name}: {error}"
        is_file = text.lower().endswith((".npy", ".npz", ".csv", ".json"))
        hint = f"a file is given as @{text}" if is_file else error.hint
        raise UsageError(message, place=error.place, hint=hint) from None


def integers(value: NDArray[Any]) -> NDArray[Any]:
    """Make integers of whole numbers.

    Raises:
        EvaluationError: One is not whole, or too large.
    """
    if not ((value % 1 == 0) & (abs(value) < 2.0**63)).all():
        raise EvaluationError("int() takes whole numbers of up to 63 bits")
    return value.astype("int64")
