"""Which backward passes made a gradient, in a few words or in a sentence."""

from __future__ import annotations

from dzviz.graph.model import Passes
from dzviz.options import ENGLISH
from dzviz.text.languages import say
from dzviz.text.notes import phrase
from dzviz.text.numbers import number
from dzviz.text.phrases import both, clean, grouped, listed

FOUND = "as found: which passes made it is not known"
"""What is said of gradients of which nobody knows what made them."""


def passes_note(passes: Passes, lang: str = ENGLISH) -> str:
    """Say in a node what its gradient is, in short: ``2 passes``, ``of y``."""
    if passes.various:
        return say(lang, "several passes")
    if passes.changed:
        return say(lang, "changed since")
    if not passes.times:
        return say(lang, "assigned" if passes.assigned else "as found")
    if passes.times == 1 and not passes.assigned:
        return say(lang, "of {name}", name=phrase(clean(passes.of[0], 20), lang))
    assigned = [say(lang, "assigned")] if passes.assigned else []
    return ", ".join([*assigned, _passes(passes, lang)])


def passes_phrase(passes: Passes, lang: str = ENGLISH) -> str:
    """Say what a gradient is: ``added up over 2 passes of y``, ``from backward of y``."""
    of = [phrase(clean(each), lang) for each in passes.of]
    several = both(listed(of[:-1], ", "), of[-1], lang) if len(of) > 1 else "".join(of)
    if passes.various:
        return say(lang, "not the same for everything that is drawn here once")
    if not passes.times:
        return say(lang, "assigned by hand" if passes.assigned else FOUND)
    if passes.times == 1 and not passes.assigned:
        text = say(lang, "from backward of {names}", names=several)
    else:
        comma = "," if len(of) > 1 and lang == ENGLISH else ""
        text = say(
            lang,
            "assigned by hand, then added up over {passes} of {names}"
            if passes.assigned
            else "added up over {passes} of {names}",
            passes=f"{_passes(passes, lang)}{comma}",
            names=several,
        )
    if passes.seed is True:
        text = say(lang, "{what} from seeds", what=text)
    elif passes.seed is not False:
        text = say(lang, "{what} from seed {value}", what=text, value=number(passes.seed))
    return say(lang, "{what}; it or data has changed since", what=text) if passes.changed else text


def _passes(passes: Passes, lang: str) -> str:
    count = grouped(passes.times)
    return say(lang, "{count} pass" if passes.times == 1 else "{count} passes", count=count)
