"""``dzviz beside``: two graphs in one picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dzviz.arguments.draw import themes_of
from dzviz.arguments.expression import check_written
from dzviz.arguments.options import QUIET, Option, field_options, read_options
from dzviz.arguments.two import TwoCommand, taken_operands
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.fields import options_of
from dzviz.formats import FORMATS, format_named, format_of_file
from dzviz.options import Layout, Look
from dzviz.styles import check_objects
from dzviz.themes import files_of

if TYPE_CHECKING:
    from dzviz.arguments.two import Operand
    from dzviz.formats import Format

DRAWN = ("svg", "png", "pdf")
"""The formats in which two pictures become one."""

LEFT_OUT = ("fit", "steps", "pace", "full", "standalone", "title")
"""The display options that are not for two pictures at once, or not for these formats."""

LOOKS = [option.name for option in options_of(Look) if option.name not in LEFT_OUT]


def beside(
    a: Operand,
    b: Operand,
    output: str | None,
    format_name: str | None,
    quiet: bool,
    random_seed: int,
    backward: bool,
    **options: Any,
) -> None:
    """Draw two graphs side by side, at the same scale.

    An operand is a graph in JSON (*.json), a function in a Python file (FILE.py:NAME), or else an
    expression. --NAME VALUE sets a variable in every operand that has it. If the pictures are long,
    one is drawn above the other. Each picture has its own caption.
    """
    format = _format(output, format_name)
    themes = themes_of(options, output)
    files = files_of(str(output), themes) if len(themes) > 1 else [output]
    check_written(*files)
    look, layout = read_options(Look, options), read_options(Layout, options)
    check_objects(look)
    operands = taken_operands(a, b, random_seed=random_seed, backward=backward)
    from dzviz.pipeline import drawing_of
    from dzviz.svg.joined import joined

    drawings = [drawing_of(one.graph, FORMATS["svg"], look) for one in operands]
    drawings = [each._replace(layout=layout) for each in drawings]
    words = f"{a.name} | {b.name}", " ".join(each.alt() for each in drawings)
    results = []
    for theme in themes:
        pictures = ["".join(map(str, each.within(theme).chunks())) for each in drawings]
        svg = joined(pictures, replace(look, theme=theme), *words)
        results.append(_written(svg, format, look, layout))
    for one in operands:
        warn(one.warnings, one.notes, quiet=quiet)
    for file, data in zip(files, results, strict=True):
        if file in (None, "-"):
            write_stdout([data], binary=format.binary, force=file == "-")
        else:
            write_file(str(file), [data])


def _format(output: str | None, name: str | None) -> Format:
    """Return the format that is asked for.

    Raises:
        UsageError: It does not draw two pictures as one.
    """
    if name is not None:
        format = format_named(name)
    else:
        format = FORMATS["svg"] if output in (None, "-") else format_of_file(str(output))
    if format.name not in DRAWN:
        raise UsageError(
            f"{format.name} does not draw two graphs side by side",
            hint=f"formats: {', '.join(DRAWN)}",
        )
    return format


def _written(svg: str, format: Format, look: Look, layout: Layout) -> Any:
    """Write a picture in a format."""
    if format.name == "png":
        from dzviz.svg.png import pixels

        return pixels(svg, look, layout)
    if format.name == "pdf":
        from dzviz.svg.pdf_pages import pdf

        return pdf(svg, font=layout.font)
    return svg


command = TwoCommand(
    "beside",
    callback=beside,
    help=beside.__doc__,
    params=[
        Option(
            ["-o", "--output"],
            metavar="FILE",
            help="Write to this file. Its suffix selects the format. - is standard output.",
            heading="What is written",
        ),
        Option(
            ["-T", "--format", "format_name"],
            metavar="FORMAT",
            words=lambda: DRAWN,
            help=f"The format: {', '.join(DRAWN)}.",
            heading="What is written",
        ),
        *field_options(Look, *LOOKS),
        *field_options(Layout),
        QUIET,
    ],
)
