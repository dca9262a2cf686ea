"""Arguments as they are written for a shell."""

from __future__ import annotations

import os


def quoted(arg: str) -> str:
    """Quote an argument where it needs it; in double quotes where they do for every shell.

    What does not print is written in bytes, as bash and zsh read them: a terminal would obey it.
    """
    import shlex  # not for every start

    if shlex.quote(arg) == arg:
        return arg
    if not arg.isprintable():
        signs = (f"\\{c}" if c in "\\'" else c if c.isprintable() else _bytes_of(c) for c in arg)
        return f"$'{''.join(signs)}'"
    return f'"{arg}"' if not set('"$`\\!%').intersection(arg) else shlex.quote(arg)


def _bytes_of(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))
