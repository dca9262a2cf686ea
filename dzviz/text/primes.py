"""How derivatives are named: by primes, from the fourth on by a number in raised brackets."""

from __future__ import annotations

import re
from collections.abc import Callable

_RAISED = str.maketrans(
    "0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
_FLAT = {raised: digit for digit, raised in _RAISED.items()}
_ORDER = f"\u207d([{''.join(map(chr, _FLAT))}]+)\u207e"

PRIMES = 3
"""More primes than these are hard to count."""


def derivative_name(y: str, order: int) -> str:
    r"""Name a derivative of ``y``.

    >>> print(ascii([derivative_name("y", order) for order in (0, 3, 12)]))
    ['y', "y'''", 'y\u207d\xb9\xb2\u207e']
    """
    if order <= PRIMES:
        return y + "'" * order
    return f"{y}\u207d{str(order).translate(_RAISED)}\u207e"


def raised_order(name: str, y: str, order: int) -> str:
    """Name a derivative as `derivative_name` does where a program wrote it ``y(4)``."""
    named = derivative_name(y, order)
    return named if name == with_orders(named) else name


def with_orders(text: str, write: Callable[[str], str] = "({})".format) -> str:
    r"""Write the numbers of orders in a text otherwise than in raised brackets.

    >>> print(with_orders("y\u207d\u2074\u207e = 2"))
    y(4) = 2
    """
    return re.sub(_ORDER, lambda found: write(found[1].translate(_FLAT)), text)


def parted_order(name: str) -> tuple[str, str]:
    r"""Part a name into what it is a derivative of, and its primes or its order in brackets.

    >>> parted_order("y''"), parted_order("y\u207d\u2074\u207e")
    (('y', "''"), ('y', '(4)'))
    """
    if name.endswith("\u207e") and (found := re.search(_ORDER, name)) and found.end() == len(name):
        return name[: found.start()], with_orders(found[0])
    base = name.rstrip("'")
    return base, name[len(base) :]
