"""``dzviz draw``, which is also what ``dzviz EXPR`` means: a graph in any format."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dzviz.arguments.draw import draw_options, themes_of
from dzviz.arguments.expression import ExpressionCommand, check_written, taken
from dzviz.arguments.options import read_options
from dzviz.arguments.shell import quoted
from dzviz.cli.depfile import DEPFILE, check_depfile, write_depfile
from dzviz.cli.output import quoted_path, write_file, write_stdout
from dzviz.cli.status import Status
from dzviz.cli.warnings import warn
from dzviz.errors import UsageError
from dzviz.fields import options_of, written
from dzviz.files import absolute, named
from dzviz.formats import FORMATS, Format, format_named, format_of_file
from dzviz.options import Layout, Look, View
from dzviz.pipeline import Computation, Drawing, Given, Values, animated, prepare
from dzviz.streams import stdout
from dzviz.themes import files_of

if TYPE_CHECKING:
    from dzviz.graph.model import Graph
    from dzviz.sources import Subject
    from dzviz.sweeps.drawing import SweptDrawing


def draw(
    subject: Subject | Given,
    values: Values,
    output: str | None,
    format_name: str | None,
    frames: str | None,
    depfile: str | None,
    animate: bool,
    open_file: bool,
    strict: bool,
    quiet: bool,
    config: str | None,
    sweep: tuple[str, ...],
    **options: Any,
) -> None:
    """Draw the computational graph of an expression.

    EXPR is written as in Python: x**2 + sin(x). It can name its parts: a = x**2; a*sin(a). Each of
    its variables is an option. Without -o, the picture goes to standard output as DOT.
    """
    format = _format(output, format_name, frames, animate, open_file)
    context = click.get_current_context()
    options, explicit = _configured(config, options)
    context.meta["reads"] += [named(path) for path in (config, options["font"]) if path]
    if sweep:
        from dzviz.sweeps.axes import reads

        context.meta["reads"] += reads(sweep)
    themes = themes_of(options, output, open_file=open_file)
    files = [output] if len(themes) == 1 else files_of(str(output), themes)
    check_written(*files, frames, depfile)
    check_depfile(depfile, frames or output)
    if not quiet:
        _warn_of_suffix(output, format_name, format)
    status = Status.of_command(quiet)
    computation = taken(subject, values, options)
    look, view = read_options(Look, options), read_options(View, options)
    layout = replace(read_options(Layout, options), fixed=frozenset(explicit))
    how: dict[str, Any] = {"film": frames is not None, "strict": strict}
    drawing: Drawing | SweptDrawing
    if sweep:
        drawing = swept(computation, sweep, format, look, view, layout, **how)
    else:
        drawing = prepare(computation, format, look, view, layout, **how)
    warn(drawing.warnings, drawing.notes + _idle(drawing), quiet=quiet)
    drawn = [drawing.within(theme) for theme in themes]
    path = _write(drawn, status, files, frames, open_file)
    write_depfile(depfile, *([frames] if frames else files))
    if open_file and path is not None:
        _show(path, quiet)
    elif not quiet and output is None and not frames and stdout().isatty() and sys.stderr.isatty():
        sys.stderr.write(f"dzviz: {_counts(drawing.graph)}. See it: {_command()}\n")
    if drawing.failed is not None:
        raise drawing.failed


def _configured(config: str | None, options: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """Add a file's display options where the command line says nothing; also say which are given.

    Raises:
        UsageError: The file cannot be read, or an option in it is wrong.
    """
    explicit = options.keys() - not_given(options).keys()
    if config is None:
        return options, explicit
    from dzviz.arguments.config import read_config

    configured = read_config(config)
    return options | not_given(configured), explicit | configured.keys()


def swept(
    computation: Computation | Given, sweep: tuple[str, ...], *drawn: Any, **how: Any
) -> SweptDrawing:
    """Compute what is drawn at each value of a sweep; the rest is what `prepare` there takes."""
    from dzviz.sweeps.axes import read_axes
    from dzviz.sweeps.drawing import prepare

    assert not isinstance(computation, Given)  # COMPUTING refuses it
    axes = read_axes(sweep, computation.subject, computation.values)
    return prepare(computation, axes, *drawn, **how)


command = ExpressionCommand(
    "draw", callback=draw, help=draw.__doc__, params=[*draw_options(), DEPFILE]
)


def not_given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those options that the command line says nothing of."""
    source = click.get_current_context().get_parameter_source
    given = {name for name in options if source(name) is ParameterSource.COMMANDLINE}
    return {name: value for name, value in options.items() if name not in given}


def _format(
    output: str | None, name: str | None, frames: str | None, animate: bool, open_file: bool
) -> Format:
    """Return the format that is asked for, by name, by a file's suffix or by how it is written.

    Raises:
        UsageError: There is none, or two ways to write do not go together.
    """
    if frames is not None:
        if output is not None or animate:
            other = "--animate" if animate else "-o"
            raise UsageError(f"give either --frames or {other}, not both")
        from dzviz.cli.frames import format_of_frames

        return format_of_frames(frames, name)
    if name is not None:
        format = format_named(name)
    elif output not in (None, "-"):
        format = format_of_file(str(output))
    else:
        format = FORMATS["svg" if animate or (open_file and output is None) else "dot"]
    return animated(format) if animate else format


def _warn_of_suffix(output: str | None, name: str | None, format: Format) -> None:
    """Say where a file's suffix promises another format than the one that was asked for."""
    if name is None or output in (None, "-"):
        return
    try:
        promised = format_of_file(str(output))
    except UsageError:
        return
    plain = promised.name == "text" and not format.binary
    film = promised.name == "svg" and format.name == "animation"
    if promised != format and not plain and not film:
        sys.stderr.write(
            f"dzviz: warning: {quoted_path(str(output))} has the suffix of {promised.name}, but -T "
            f"makes it {format.name}\n"
        )


def _idle(drawing: Drawing | SweptDrawing) -> tuple[str, ...]:
    """Say which options of the command line can change nothing in this format and style.

    Of some a note says so already.
    """
    source = click.get_current_context().get_parameter_source
    return tuple(
        f"--{written(option)} changes nothing in {where}"
        for kind in (Look, View, Layout)
        for option in options_of(kind)
        if source(option.name) is ParameterSource.COMMANDLINE and (where := drawing.idle(option))
        if not any(note.startswith(f"--{written(option)} ") for note in drawing.notes)
    )


def _write(
    drawings: Sequence[Drawing | SweptDrawing],
    status: Status,
    files: Sequence[str | None],
    frames: str | None,
    open_file: bool,
) -> str | None:
    """Write drawings where they are asked for; return the path of the first, if it has one."""
    drawing, output = drawings[0], files[0]
    if frames is not None:
        from dzviz.cli.frames import write_frames

        write_frames(frames, drawing)
        status.end()
        return frames
    format, chunks = drawing.format, drawing.chunks()
    others = [(file, each.chunks()) for file, each in zip(files[1:], drawings[1:], strict=True)]
    status.end()
    to_stdout = output == "-" or (output is None and not open_file)
    if not (to_stdout and stdout().isatty()) and not format.binary:
        status.begin("writing")
        total = len(drawing.graph.nodes) + len(drawing.graph.edges)
        chunks = status.through(chunks, total, lines=format.name == "dot")  # many lines at once
    if to_stdout:
        write_stdout(chunks, binary=format.binary, force=output == "-")
        return None
    if output is None:
        suffix = format.suffixes[0] if format.suffixes else ".txt"
        from dzviz.cli.viewer import write_for_viewer

        return write_for_viewer(f"graph{suffix}", chunks)
    for file, parts in [(output, chunks), *others]:
        write_file(str(file), parts)
    return output


def _show(path: str, quiet: bool) -> None:
    from dzviz.cli.viewer import launched
    from dzviz.language.carets import visible

    line = visible(path).encode() if stdout().isatty() else os.fsencode(path)
    write_stdout([line + b"\n"], binary=False)
    if not launched(os.path.abspath(absolute(path))) and not quiet:
        sys.stderr.write("dzviz: warning: found no program to open it; the file has been written\n")


def _counts(graph: Graph) -> str:
    from dzviz.text.phrases import plural

    return f"{plural(len(graph.nodes), 'node')}, {plural(len(graph.edges), 'edge')}"


def _command() -> str:
    """The user's own command with ``--open``; in double quotes, which every shell reads."""
    args = list(sys.argv[1:])
    args.insert(args.index("--") if "--" in args else len(args), "--open")
    return " ".join(["dzviz", *map(quoted, args)])
