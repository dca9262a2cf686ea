"""The limits of a command in a document: stricter than those of a command that the user wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dzviz.budget import Limits, limited
from dzviz.errors import DzvizError, EvaluationError, UsageError, out_of_memory
from dzviz.text.phrases import grouped

MOST: Mapping[str, int] = {
    "max_nodes": 3_000,
    "max_elements": 10_000,
    "order": 20,
}
"""The options whose numbers make a picture large, and the largest that a document may say."""

PICTURE = Limits(30.0, 1 << 30, "a picture of a document")
"""What one picture of a document may take."""


def check_sizes(given: Mapping[str, Any], of: str = "document") -> None:
    """See that the options of a command ask for nothing larger than a document may.

    ``of`` is what the picture is of: a live page is held to the same.

    Raises:
        UsageError: One does.
    """
    for name, most in MOST.items():
        if given.get(name, 0) > most:
            option = name.replace("_", "-")
            raise UsageError(
                f"--{option} is at most {grouped(most)} for a picture of a {of}, "
                f"not {grouped(given[name])}",
                hint="larger pictures can be drawn on the command line",
            )


@contextmanager
def guarded() -> Iterator[None]:
    """Hold what one picture takes to its limits, and make any error one of the document.

    Whoever builds a hundred pages wants to know which line of which page it is, also of an error
    that nobody foresaw, as of a user's own class.
    """
    try:
        with limited(PICTURE):
            yield
    except DzvizError:
        raise
    except MemoryError:
        raise out_of_memory() from None
    except Exception as error:
        from dzviz.sources.user_errors import message_of

        raise EvaluationError(f"drawing it raised {message_of(error)}") from error
