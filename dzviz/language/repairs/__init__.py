"""A fault in a text -> texts in which it may be repaired.

Knows how people write formulas elsewhere. It does not know the grammar: a repair may guess freely,
since only what parses is ever offered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from dzviz.language.repairs.fault import Wrong, significant
from dzviz.language.repairs.shape import (
    applied,
    as_list,
    as_outputs,
    assigned,
    closed,
    joined,
    joined_lines,
    listed,
    matched,
    method,
    rows,
    times,
    times_j,
    unchained,
    unpacked,
    with_comma,
    with_point,
    without,
    without_annotation,
    without_index,
    without_module,
    without_zeros,
)
from dzviz.language.repairs.signs import (
    absolute,
    body,
    both,
    chosen,
    exponential,
    opposite,
    per_cent,
    raised,
    renamed,
    respelled,
    rooted,
    unbraced,
    unquoted,
    updated,
    without_import,
)
from dzviz.language.tokens import TextError


def repaired(error: TextError, functions: Collection[str]) -> Iterator[str]:
    """Yield the texts that may be meant, the likeliest first."""
    assert error.place is not None  # an error of the text has a place
    text, start, end = error.place
    tokens = significant(text)
    at = next((n for n, token in enumerate(tokens) if token.end > start), None)
    if at is None:
        return
    wrong = Wrong(text, end, tokens, at, functions)
    for repair in REPAIRS.get(error.kind, ()):
        better = repair(wrong)
        if better is not None:
            yield better


REPAIRS: Final[dict[str, tuple[Callable[[Wrong], str | None], ...]]] = {
    "attribute": (without_module, method),
    "chain": (unchained,),
    "colon": (without_annotation,),
    "comma": (with_comma,),
    "complex": (times_j,),
    "dangling": (joined_lines, without),
    "dot": (without,),
    "equals": (unpacked, assigned),
    "extra": (without,),
    "index": (without_index,),
    "lonely": (without,),
    "mismatch": (matched,),
    "missing": (listed, applied, times),
    "pair": (joined,),
    "place": (with_point, as_list),
    "semicolon": (rows,),
    "sign": (
        exponential,
        respelled,
        absolute,
        per_cent,
        updated,
        both,
        body,
        unquoted,
        unbraced,
    ),
    "strange": (raised, rooted, respelled),
    "unclosed": (closed,),
    "unpack": (without,),
    "unused": (as_outputs,),
    "word": (respelled, both, opposite, chosen, body, without_import, renamed),
    "zeros": (without_zeros,),
}
"""For each kind of fault the repairs to try, the likeliest first."""
