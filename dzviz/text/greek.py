"""Greek letters by their names, as formulas have them."""

from __future__ import annotations

import unicodedata

SMALL = {
    name: unicodedata.lookup(f"GREEK SMALL LETTER {name.upper().replace('LAMBDA', 'LAMDA')}")
    for name in (
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
        *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"),
        "omega",
    )
}
"""Small letters; omicron is an o, and no letter of formulas."""

CAPITAL = {
    name.capitalize(): SMALL[name].upper()
    for name in (
        *("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi"),
        "omega",
    )
}
"""Those capital letters that are no Latin ones."""

GREEK = SMALL | CAPITAL
"""Names that are letters."""
