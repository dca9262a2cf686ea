"""``dzviz beside``: two graphs in one picture."""

from __future__ import annotations

from typing import Any

from dzviz.arguments.draw import themes_of
from dzviz.arguments.expression import check_written
from dzviz.arguments.options import read_options
from dzviz.arguments.two import Operand, TwoCommand, beside_options, taken_operands
from dzviz.cli.output import write_file, write_stdout
from dzviz.cli.status import Status
from dzviz.cli.warnings import warn
from dzviz.formats import FORMATS, Format, format_named, format_of_file
from dzviz.options import Layout, Look
from dzviz.pipeline.beside import beside as drawn
from dzviz.pipeline.beside import check_beside
from dzviz.styles import check_objects
from dzviz.themes import files_of


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
    status = Status.of_command(quiet)
    operands = taken_operands(a, b, random_seed=random_seed, backward=backward)
    drawing = drawn([one.graph for one in operands], (a.name, b.name), format, look, layout)
    results: list[Any] = [list(drawing.within(theme).chunks()) for theme in themes]
    status.end()
    for one in operands:
        warn(one.warnings, one.notes, quiet=quiet)
    for file, data in zip(files, results, strict=True):
        if file in (None, "-"):
            write_stdout(data, binary=format.binary, force=file == "-")
        else:
            write_file(str(file), data)


def _format(output: str | None, name: str | None) -> Format:
    """Return the format that is asked for.

    Raises:
        UsageError: It does not draw two pictures as one.
    """
    if name is not None:
        format = format_named(name)
    else:
        format = FORMATS["svg"] if output in (None, "-") else format_of_file(str(output))
    check_beside(format)
    return format


command = TwoCommand(
    "beside",
    callback=beside,
    help=beside.__doc__,
    params=beside_options(),
)
