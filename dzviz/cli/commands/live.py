"""``dzviz live``: a page with an editor, drawn again after each change."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dzviz.arguments.expression import ExpressionCommand
from dzviz.arguments.options import QUIET, Option, field_options
from dzviz.arguments.split import split
from dzviz.cli.output import write_stdout
from dzviz.cli.process import forgive, remove_temporary, temporaries
from dzviz.cli.viewer import launched, write_for_viewer
from dzviz.errors import UsageError
from dzviz.fields import written
from dzviz.files import FilePath, absolute
from dzviz.options import Layout, Look, Passes, View
from dzviz.server.site import Site
from dzviz.server.start import Start, page_options
from dzviz.sources.expression import Expression

if TYPE_CHECKING:
    from dzviz.pipeline import Given, Values
    from dzviz.sources import Subject

LOOK = 0.3
"""The most seconds before a signal ends it."""

EXAMPLE = ("a = x**2; a*sin(a)", "--x", "3")
"""What there is to begin with where nothing is asked for."""

OPENING = """\
<!DOCTYPE html>
<meta charset="utf-8">
<title>dzviz live</title>
<meta http-equiv="refresh" content="0; url={address}">
<p><a href="{address}">dzviz live</a></p>
"""
"""A file that leads to the page: its address would stand among the arguments of the browser."""


def live(
    subject: Subject | Given,
    values: Values,
    port: int,
    no_browser: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Draw in a browser, and again after each change of the formula, a value or an option.

    The page has an editor for the formula, a slider or a field for each value, and the options. Its
    address, and a command that it shows, contain all of this. The address is the first line on
    standard output. It contains a token: whoever has it can draw. The server only answers this
    machine. It watches the files that you name. Ctrl-C ends it.
    """
    start = _start(subject, values, options)
    site = Site(start, port)
    folder = ""
    try:
        write_stdout([f"{site.address}\n"], binary=False)
        if not quiet:
            sys.stderr.write("dzviz: live until Ctrl-C\n")
        if not no_browser:
            path = write_for_viewer("live.html", [OPENING.format(address=escape(site.address))])
            folder = os.path.dirname(path)
            temporaries.add(folder)
            threading.Thread(target=_open, args=(path, quiet), daemon=True).start()
        while True:  # another thread may get the signal; this one then hears of it when it wakes
            time.sleep(LOOK)
    except BaseException as error:
        if not forgive(error):
            raise
    finally:
        site.close()
        if folder:
            remove_temporary(folder)


def _open(path: str, quiet: bool) -> None:
    if not launched(path) and not quiet:
        sys.stderr.write("dzviz: warning: no browser could be opened; the address is above\n")


def _start(subject: Subject | Given, values: Values, options: Mapping[str, Any]) -> Start:
    """Return what stood on the command line, as it was written."""
    context = click.get_current_context()
    sources = context.meta["sources"]
    file = sources.get("--file")
    given = {
        written(option): "" if option.type == "bool" else str(options[option.name])
        for _, option in page_options()
        if context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    }
    return Start(
        formula=subject.text if isinstance(subject, Expression) else None,
        function=sources.get("--py-function"),
        graph=sources.get("--graph"),
        file=None if file == "-" else file,
        values={n: f"@{v.name}" if isinstance(v, FilePath) else str(v) for n, v in values.items()},
        options=given,
        settings={name: context.meta["settings"].get(f"--{name}") for name in ("backend", "dtype")},
        engine=options["engine"],
        timeout=options["timeout"],
        reads=[each.path for each in context.meta["reads"] if each.name != "-"],
        folder=os.path.abspath(absolute(os.curdir)),
    )


class LiveCommand(ExpressionCommand):
    """A command over an expression, or an example, that remembers where it came from."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words that stand for an expression."""
        if not ctx.resilient_parsing:
            found = split(args, super().get_params(ctx))
            if found.text is None and not found.sources and not {"-h", "--help"} & {*found.rest}:
                args = [*EXAMPLE, *args]
            if found.graph == "-":
                raise UsageError(
                    "dzviz live watches the file of a graph, but standard input is not a file"
                )
            ctx.meta["sources"], ctx.meta["settings"] = found.sources, dict(found.options)
        return super().parse_args(ctx, args)


command = LiveCommand(
    "live",
    callback=live,
    help=live.__doc__,
    params=[
        *(
            option
            for kind in (Passes, Look, View)
            for option in field_options(
                kind,
                *(o.name for k, o in page_options() if k is kind and o.name != "random_seed"),
            )
        ),
        *field_options(Layout, "engine", "timeout"),
        Option(
            ["--port"],
            type=click.IntRange(0, 65535),
            default=0,
            metavar="N",
            show_default=True,
            help="The port on 127.0.0.1 and ::1; 0 selects any free port.",
            heading="Where the page is",
        ),
        Option(
            ["--no-browser"],
            is_flag=True,
            help="Do not open a browser.",
            heading="Where the page is",
        ),
        QUIET,
    ],
)
