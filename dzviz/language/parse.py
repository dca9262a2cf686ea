"""Text -> checked syntax tree, where what is refused comes with a hint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from dzviz.errors import ExpressionError, Place, UsageError
from dzviz.language.syntax import Mention, Program, read
from dzviz.language.tokens import TextError


def parse(text: str, *, functions: Callable[[], Collection[str]] = tuple) -> Program:
    """Return the checked syntax of an expression.

    A node's ``col_offset`` and ``end_col_offset`` count characters of the whole text (not bytes of
    a line, as Python's do). The outputs are the values of a tuple at the end, or the last value,
    also when that is assigned to a name. ``calls`` are all functions called, ``free`` the first
    mentions of names read before they are assigned, and ``unused`` the assigned names that nothing
    reads. ``functions`` gives the names known; it is asked for a hint only. What is not in the
    language raises an `ExpressionError` with its place.
    """
    try:
        return read(text)
    except TextError as error:
        from dzviz.language.hints import hint  # which few runs need

        raise ExpressionError(str(error), place=error.place, hint=hint(error, functions)) from None


def unknown_function(
    program: Program, call: Mention, functions: Collection[str]
) -> ExpressionError:
    """Return the error for a call of a function that does not exist, with did-you-mean."""
    from dzviz.language.hints import hint_for_function

    return ExpressionError(
        f"unknown function '{call.name}'",
        place=Place(program.text, *call.span),
        hint=hint_for_function(program, call, functions),
    )


def missing_value(
    program: Program,
    missing: Sequence[str],
    *,
    functions: Collection[str] = (),
    option: Callable[[str], str] = "--{} VALUE".format,
) -> UsageError:
    """Return the error for free names without a value, with the options to add.

    ``option`` writes a name's option, for names that are an option of the command itself.
    """
    from dzviz.language.hints import hint_for_value

    first = next(mention for mention in program.free if mention.name == missing[0])
    *others, last = [f"'{name}'" for name in missing]
    if len(missing) > 9:
        others, last = others[:8], f"{len(missing) - 8} more"
    listed = f"{', '.join(others)} and {last}" if others else last
    return UsageError(
        f"no value for {listed}",
        place=Place(program.text, *first.span),
        hint=hint_for_value(program, missing, functions, option),
    )
