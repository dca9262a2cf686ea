"""``--frames``: every step of a film as a file in a folder, or as a page of a PDF."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dzviz.arguments.shell import quoted
from dzviz.cli.folder import check_folder, write_folder
from dzviz.cli.output import write_file
from dzviz.errors import UsageError
from dzviz.formats import FORMATS, Format, format_named

if TYPE_CHECKING:
    from dzviz.pipeline import Drawing
    from dzviz.sweeps.drawing import SweptDrawing

DRAWN = ("svg", "png", "pdf")
"""The formats of a frame; pages of PDF are one file."""


FILMS = (".avi", ".key", ".mov", ".mp4", ".odp", ".ppt", ".pptx", ".webm", ".zip")
"""The suffixes of what others show steps with, which dzviz does not write."""


def format_of_frames(path: str, name: str | None) -> Format:
    """Return the format of the frames at ``path``: the one ``name`` says, or else PDF or SVG.

    Raises:
        UsageError: That is none for frames, or not at this path.
    """
    if path in ("", "-"):
        raise UsageError("--frames writes files", hint="--frames FOLDER, or --frames steps.pdf")
    suffix = os.path.splitext(path)[1].lower()
    pages = suffix in FORMATS["pdf"].suffixes
    format = format_named(name or ("pdf" if pages else "svg"))
    if format.name not in DRAWN:
        raise UsageError(f"--frames draws {', '.join(DRAWN)}, not {format.name}")
    if pages != (format.name == "pdf"):
        hint = "--frames steps.pdf" if format.name == "pdf" else f"--frames FOLDER -T {format.name}"
        raise UsageError(f"--frames '{path}' cannot hold {format.name}", hint=f"as in: {hint}")
    foreign = suffix in FILMS and not os.path.isdir(path)
    if not pages and (foreign or any(suffix in each.suffixes for each in FORMATS.values())):
        film = {".gif": f"-o {quoted(path)}", ".svg": f"-o {quoted(path)} --animate"}.get(
            suffix, "--frames FOLDER"
        )
        raise UsageError(f"--frames takes a folder or a PDF, not '{path}'", hint=f"as in: {film}")
    if not pages:
        check_folder(path)
    return format


def write_frames(path: str, drawing: Drawing | SweptDrawing) -> None:
    """Write the steps of a graph whose events were recorded, or the values of a sweep.

    Raises:
        LayoutError: They could not be drawn.
        OutputError: They could not be written.
    """
    from dzviz.svg.stills import stills

    film = drawing.timeline()
    pictures = stills(film, drawing.format.name, drawing.look, drawing.layout)
    if drawing.format.name == "pdf":
        write_file(path, next(pictures))
    else:
        first, word = (1, "value") if film.counts else (film.first, "step")
        digits = len(str(film.last + bool(film.counts)))
        files = (
            (f"{word}-{number:0{digits}}{drawing.format.suffixes[0]}", data)
            for number, data in enumerate(pictures, first)
        )
        write_folder(path, files)
