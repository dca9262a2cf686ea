"""``dzviz draw``, which is also what ``dzviz EXPR`` means: a graph in any format."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from dzviz.cli.expression import ExpressionCommand, Subject, complete_file
from dzviz.cli.looks import choices, look_options, read_look
from dzviz.cli.output import refused, shown, write_file, write_stdout
from dzviz.cli.parts import extent_options, read_extent, tell_folded, tell_wide
from dzviz.cli.process import remove_temporary, temporaries
from dzviz.cli.running import (
    BACKWARD,
    ORDER,
    QUIET,
    RETAIN_GRAD,
    STRICT,
    WRT,
    Run,
    compute,
    wanted,
    warn,
)
from dzviz.cli.status import Status
from dzviz.errors import DzvizError, UsageError
from dzviz.extent import chosen
from dzviz.formats import FORMATS, Format, Layout, format_named, format_of_file

if TYPE_CHECKING:
    from dzviz.graph import Graph
    from dzviz.look import Look

ENGINES = ("auto", "wasm", "dot", "pygraphviz")


class Computation(NamedTuple):
    """What is computed: a subject with values, and which passes are run."""

    subject: Subject
    values: Mapping[str, str]
    random_seed: int
    retain_grad: bool
    backward: bool
    order: int
    wrt: str | None


class Drawing(NamedTuple):
    """A graph that only needs to be written."""

    graph: Graph
    format: Format
    look: Look
    layout: Layout

    def chunks(self) -> Iterator[str] | Iterator[bytes]:
        """Write it, chunk by chunk; what can fail fails before the first one."""
        return self.format.write(self.graph, self.look, self.layout)


def prepare(
    computation: Computation,
    format: Format,
    options: dict[str, Any],
    layout: Layout,
    *,
    film: bool = False,
    strict: bool = False,
    quiet: bool = True,
    begin: Callable[[str], None] = lambda _: None,
) -> Drawing:
    """Compute a graph and choose what of it is drawn, and how.

    ``options`` are those of `Look` and `Extent` as the command line has them; ``begin`` is told
    what is being done.

    Raises:
        DzvizError: Whatever is wrong.
    """
    subject, values, seed, retain_grad, backward, order, wrt = computation
    extent = read_extent(options)
    look = read_look(options)
    names = wanted(order, wrt)
    told = format.told or film
    begin("computing")
    run = compute(subject, values, seed, order=order, wrt=names, recorded=told)
    if backward:
        run.backward(retain_grad=retain_grad)
    graph = room = run.graph(story=told, words=format.words)
    if format.placed and not told and not backward:
        room = roomy(run)
    begin("choosing what to draw")
    drawn, room = chosen(
        graph, room, extent, placed=format.placed, film=format.film or film, style=look.style
    )
    begin("")
    warn(run, graph, strict=strict, quiet=quiet)
    if not quiet:
        tell_folded(drawn, extent)
        if format.placed and not told:
            tell_wide(drawn, extent, look.style)
    begin("placing the nodes" if format.placed else "describing the graph")
    return Drawing(drawn, format, look, layout._replace(room=room))


def draw(
    subject: Subject,
    values: Mapping[str, str],
    random_seed: int,
    output: str | None,
    format_name: str | None,
    frames: str | None,
    animate: bool,
    open_file: bool,
    retain_grad: bool,
    backward: bool,
    order: int,
    wrt: str | None,
    engine: str,
    layout_timeout: float,
    font: str | None,
    strict: bool,
    quiet: bool,
    config: str | None,
    **look: Any,
) -> None:
    """Draw the computational graph of an expression.

    EXPR is written as in Python: x**2 + sin(x), with names for parts: a = x**2; a*sin(a). Each of
    its variables is an option. Without -o the result goes to standard output, as DOT.
    """
    if frames is not None:
        if output is not None or animate:
            other = "--animate" if animate else "-o"
            raise UsageError(f"--frames and {other} are two ways to write; give one of them")
        from dzviz.cli.frames import format_of_frames

        format = format_of_frames(frames, format_name)
    elif format_name is not None:
        format = format_named(format_name)
        if not quiet and output not in (None, "-"):
            _warn_of_suffix(str(output), format)
    elif output not in (None, "-"):
        format = format_of_file(str(output))
    else:
        format = FORMATS["svg" if animate or (open_file and output is None) else "dot"]
    if animate:
        format = animated(format)
    if config is not None:
        from dzviz.config import read_config

        look |= unsaid(read_config(config))
    status = Status(quiet)
    click.get_current_context().call_on_close(status.end)
    computation = Computation(subject, values, random_seed, retain_grad, backward, order, wrt)
    placing = Layout(engine, layout_timeout, font, watch=status.watch)
    drawing = prepare(
        computation,
        format,
        look,
        placing,
        film=frames is not None,
        strict=strict,
        quiet=quiet,
        begin=status.begin,
    )
    if frames is not None:
        from dzviz.cli.frames import write_frames

        write_frames(frames, format, drawing.graph, drawing.look, drawing.layout)
        status.end()
        if open_file:
            _show(frames, quiet)
        return
    chunks = drawing.chunks()
    status.end()

    path = output
    to_stdout = path == "-" or (path is None and not open_file)
    on_terminal = to_stdout and sys.stdout.isatty()
    if not on_terminal and not format.binary:
        status.begin("writing")
        total = len(drawing.graph.nodes) + len(drawing.graph.edges)
        chunks = status.through(chunks, total, lines=format.name == "dot")  # many lines at once
    if to_stdout:
        write_stdout(chunks, binary=format.binary, force=path == "-")
    elif path is None:
        path = _write_for_viewer(format.suffixes[0] if format.suffixes else ".txt", chunks)
    else:
        write_file(path, chunks)
    if open_file and path not in (None, "-"):
        _show(str(path), quiet)
    elif not quiet and path is None and sys.stdout.isatty() and sys.stderr.isatty():
        sys.stderr.write(f"dzviz: {_counts(drawing.graph)}. See it: {_command()}\n")


command = ExpressionCommand(
    "draw",
    callback=draw,
    help=draw.__doc__,
    params=[
        click.Option(
            ["-o", "--output"],
            metavar="FILE",
            shell_complete=complete_file,
            help="Write to a file; its suffix says the format. - is standard output.",
        ),
        click.Option(
            ["-T", "--format", "format_name"],
            metavar="FORMAT",
            shell_complete=choices(tuple(FORMATS)),
            help=f"The format: {', '.join(FORMATS)}.",
        ),
        click.Option(
            ["--frames"],
            metavar="FOLDER|FILE.pdf",
            help="Draw every step: as files in a new or empty folder (SVG, or PNG by -T png), or "
            "as pages of a PDF.",
        ),
        click.Option(
            ["--animate"],
            is_flag=True,
            help="Make the SVG a film of all steps that plays by itself; -o film.gif is one, too.",
        ),
        click.Option(
            ["--open", "open_file"], is_flag=True, help="Show the picture and print its path."
        ),
        RETAIN_GRAD,
        BACKWARD,
        ORDER,
        WRT,
        *look_options(),
        *extent_options(),
        click.Option(
            ["--engine"],
            type=click.Choice(ENGINES),
            default="auto",
            show_default=True,
            help="What places the nodes of a picture.",
        ),
        click.Option(
            ["--layout-timeout"],
            type=click.FloatRange(min=0, min_open=True),
            default=30.0,
            show_default=True,
            metavar="SECONDS",
            help="How long that may take.",
        ),
        click.Option(
            ["--font"],
            envvar="DZVIZ_FONT",
            show_envvar=True,
            metavar="FILE",
            shell_complete=complete_file,
            help="A font for characters that the usual one lacks.",
        ),
        click.Option(
            ["--config"],
            metavar="FILE",
            shell_complete=complete_file,
            help="Display options where none are given: dzviz.toml, or [tool.dzviz] in "
            "pyproject.toml. Without it no such file is read.",
        ),
        STRICT,
        QUIET,
    ],
)


def unsaid(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those options that the command line says nothing of."""
    source = click.get_current_context().get_parameter_source
    said = {name for name in options if source(name) is ParameterSource.COMMANDLINE}
    return {name: value for name, value in options.items() if name not in said}


def animated(format: Format) -> Format:
    """Return the format of a film for that of a picture.

    Raises:
        UsageError: It has none.
    """
    if format.name not in ("svg", "animation"):
        hint = "leave out --animate" if format.film else "as in: -o film.svg --animate"
        raise UsageError(f"--animate is for SVG, not {format.name}", hint=hint)
    return FORMATS["animation"]


def _warn_of_suffix(path: str, format: Format) -> None:
    """Say where a file's suffix promises another format than the one that was asked for."""
    try:
        promised = format_of_file(path)
    except UsageError:
        return
    plain = promised.name == "text" and not format.binary
    film = promised.name == "svg" and format.name == "animation"
    if promised != format and not plain and not film:
        sys.stderr.write(
            f"dzviz: warning: {shown(path)} has the suffix of {promised.name}, and -T makes it "
            f"{format.name}\n"
        )


def roomy(run: Run) -> Graph:
    """Take the graph with the gradients that it would have, so that it can be placed alike."""
    shown = run.graph()
    try:
        run.backward()
    except DzvizError:  # there is no pass to leave room for
        return shown
    return run.graph()


def _write_for_viewer(suffix: str, chunks: Iterator[str] | Iterator[bytes]) -> str:
    """Write a file into a new folder of its own, which stays for the viewer; return its path."""
    import tempfile

    with refused("a file for the viewer"):
        folder = os.path.join(tempfile.gettempdir(), f"dzviz-{os.urandom(8).hex()}")
    temporaries.add(folder)
    try:
        with refused(shown(folder)):
            os.mkdir(folder, 0o700)
        path = os.path.join(folder, f"graph{suffix}")
        write_file(path, chunks)
    except BaseException:
        remove_temporary(folder)
        raise
    temporaries.discard(folder)
    return path


def _show(path: str, quiet: bool) -> None:
    from dzviz.language.carets import visible

    told = visible(path).encode() if sys.stdout.isatty() else os.fsencode(path)
    write_stdout([told + b"\n"], binary=False)
    if not _launched(os.path.abspath(path)) and not quiet:
        sys.stderr.write("dzviz: warning: no program here opens it; the file is written\n")


def _launched(path: str) -> bool:
    """Open a file in the viewer; what xdg-open says where there is none is not for the user."""
    if not sys.platform.startswith("linux"):
        return click.launch(path) == 0
    import subprocess

    try:
        quiet = subprocess.DEVNULL
        viewer = subprocess.Popen(["xdg-open", path], stdin=quiet, stdout=quiet, stderr=quiet)
        return viewer.wait(timeout=5) == 0
    except OSError:
        return False
    except subprocess.TimeoutExpired:  # a viewer that stays in the foreground
        return True


def _counts(graph: Graph) -> str:
    from dzviz.words import plural

    return f"{plural(len(graph.nodes), 'node')}, {plural(len(graph.edges), 'edge')}"


def _command() -> str:
    """The user's own command with ``--open``; in double quotes, which every shell reads."""
    args = list(sys.argv[1:])
    args.insert(args.index("--") if "--" in args else len(args), "--open")
    return " ".join(["dzviz", *map(quoted, args)])


def quoted(arg: str) -> str:
    """Quote an argument where it needs it; in double quotes where they do for every shell.

    What does not print is written in bytes, as bash and zsh read them: a terminal would obey it.
    """
    import shlex

    if shlex.quote(arg) == arg:
        return arg
    if not arg.isprintable():
        signs = (f"\\{c}" if c in "\\'" else c if c.isprintable() else _bytes_of(c) for c in arg)
        return f"$'{''.join(signs)}'"
    return f'"{arg}"' if not set('"$`\\!%').intersection(arg) else shlex.quote(arg)


def _bytes_of(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))
