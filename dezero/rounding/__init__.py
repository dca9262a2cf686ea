"""Numbers that carry how far rounding can have taken them, through NumPy's functions.

The forwards and the rules of the built-in ops are plain NumPy, so what they make of `Bounded`
operands is a running error analysis of them: to first order and a little more, see Higham, Accuracy
and Stability of Numerical Algorithms, 2nd ed., 3.3. It knows arrays alone, no graph.
"""

from .bounded import Bounded, UnknownBoundError, bounded, unbounded
from .elementwise import FUNCTIONS

__all__ = [
    "FUNCTIONS",
    "Bounded",
    "UnknownBoundError",
    "bounded",
    "unbounded",
]
