"""SVGs of ours in the formats of pictures: steps of a film, each of them or one alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from dzviz.errors import UsageError
from dzviz.options import Layout, Look
from dzviz.svg.timeline import Timeline, frames

Chunks = list[str] | list[bytes]


def stills(film: Timeline, format: str, look: Look, layout: Layout) -> Iterator[Chunks]:
    """Draw each step of a film as SVG or PNG, or all of them as the pages of one PDF.

    Raises:
        LayoutError: The extra ``pdf`` is not installed, or no font has a character.
    """
    return converted(frames(film), format, look, layout)


def converted(pictures: Iterable[str], format: str, look: Look, layout: Layout) -> Iterator[Chunks]:
    """Write SVGs as they are, as PNG, or as the pages of one PDF.

    Raises:
        LayoutError: The extra ``pdf`` is not installed, or no font has a character.
    """
    if format == "pdf":
        from dzviz.svg.pdf_pages import pdf

        yield [pdf(*pictures, font=layout.font)]
    elif format == "png":
        from dzviz.svg.png import pixels

        yield from ([pixels(picture, look, layout)] for picture in pictures)
    else:
        yield from ([picture] for picture in pictures)


def step(film: Timeline, format: str, look: Look, layout: Layout) -> Iterator[Any]:
    """Draw the only step of a film.

    Raises:
        UsageError: There are several.
        LayoutError: As `stills` does.
    """
    if len(film.steps) > 1:
        raise UsageError(
            f"--steps {look.steps} are {len(film.steps)} pictures",
            hint="--frames FOLDER writes them, --animate makes a film of them",
        )
    (made,) = stills(film, format, look, layout)
    return iter(made)
