"""Text in files that others wrote: UTF-8, or UTF-16 as Windows' PowerShell writes it.

It does not know what the text is.
"""

from __future__ import annotations


def decode(data: bytes) -> str:
    """Return the text without its byte order mark. Raises UnicodeDecodeError."""
    return data.decode(encoding_of(data))


def encoding_of(data: bytes) -> str:
    """Return the name of the encoding, which passes over a byte order mark."""
    return "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
