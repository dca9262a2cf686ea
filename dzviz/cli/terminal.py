"""What a stream can show: whether text on it is coloured."""

from __future__ import annotations

import os
from typing import TextIO


def has_colour(stream: TextIO) -> bool:
    """Whether to colour text: on terminals that can, or as the environment says.

    ``NO_COLOR`` (https://no-color.org) and ``FORCE_COLOR`` decide where they are not empty.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
