"""Files that are there already: read within bounds, and written over only where dzviz made them."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping

from dzviz import files
from dzviz.errors import DocumentError, UsageError
from dzviz.files import decode
from dzviz.formats import FORMATS

MAX_BYTES = 16 << 20
"""More than any document has."""

ANSWERS: Mapping[str, bytes] = {
    ".tsv": rb"(?:variable|output|function)\t\w+\t\w+",
    ".csv": rb"(?:variable|output|function),\w+,\w+",
    ".txt": (
        r"(?:step +pass|variable +gradient|function +operand|.*\.grad (?:is|=) |op +to +gain|"
        r"\S+ += .* = [-\d\[(inN]|단계 +방향|ステップ +向き|연산 +대상|演算 +宛先|"
        r"[^\t\n]+(?:\t\S+)?\t-?[\[\dn]|[-\[\de., \]nanif]+\n\Z)"
    ).encode(),
}
"""How files of answers begin, which may be written over like pictures, by their suffix."""


def check_existing(file: files.FilePath, suffix: str, what: str) -> None:
    """See that a file may be written: it is not there, is empty, or is a picture of its kind.

    Raises:
        UsageError: It is something else, which is not ours to write over.
        DocumentError: It is no file, or cannot be read.
    """
    old = content(file)
    patterns = beginnings(suffix)
    if old and not any(re.match(pattern, old[:4096]) for pattern in patterns):
        why = "but is not a picture" if patterns else "and nothing tells a picture of its format"
        raise UsageError(f"{what} exists, {why}", hint="remove it if you do not need it")


def beginnings(suffix: str) -> list[bytes]:
    """Return how the files of a suffix begin that dzviz writes, as patterns."""
    begins = [format.begins for format in FORMATS.values() if suffix in format.suffixes]
    return [*filter(None, begins), *filter(None, [ANSWERS.get(suffix)])]


def decoded(data: bytes) -> tuple[bytes, str]:
    """Return a document's byte order mark, if there is one, and its text.

    Raises:
        DocumentError: It is too large, or is not UTF-8.
    """
    bom = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    return bom, text_of(data[len(bom) :], bytes.decode)


def text_of(data: bytes, decode: Callable[[bytes], str] = decode) -> str:
    """Return the text of what was read; PowerShell's UTF-16, too, unless ``decode`` says otherwise.

    Raises:
        DocumentError: It is too large, or is not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(f"it is larger than {MAX_BYTES >> 20} MiB")
    try:
        return decode(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError("this is not UTF-8 text", line=line) from None


def content(file: files.FilePath) -> bytes | None:
    """Read a file as far as may be of use; None where there is none.

    Raises:
        DocumentError: It is something else, or cannot be read.
    """
    try:
        return files.read(file, MAX_BYTES)
    except files.NoFileError:
        raise DocumentError(f"'{file.name}' is not a file") from None
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DocumentError(f"cannot read '{file.name}': {reason}") from None
