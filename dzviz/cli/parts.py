"""The options of large graphs, and what is said of them."""

from __future__ import annotations

import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from dzviz.options import View
from dzviz.styles import style_named

if TYPE_CHECKING:
    from dzviz.graph.model import Graph

WIDE = 150
"""A picture of more nodes is metres wide; who does not know how to have less of it is told."""

MOST_PLACED = 3_000
"""Engines place no more nodes in the time that they have (``--layout-timeout``), or far fewer."""


def extent_options() -> list[click.Parameter]:
    """Make an option of every field of `View`, which checks the values itself."""
    return [
        click.Option(
            [f"--{option.name.rstrip('_').replace('_', '-')}", option.name],
            type=click.INT if option.type == "int" else click.STRING,
            default=option.default,
            show_default=option.default is not None,
            metavar="|".join(option.metadata.get("choices", ()))
            or option.metadata.get("metavar", "N"),
            help=option.metadata["help"],
        )
        for option in fields(View)
    ]


def read_extent(given: dict[str, Any]) -> View:
    """Take the options of large graphs out of the options' values.

    Raises:
        UsageError: One of them is not as it should be.
    """
    return View(**{option.name: given.pop(option.name) for option in fields(View)})


def tell_folded(drawn: Graph, extent: View) -> None:
    """Say on stderr that the graph was folded though nobody asked for it."""
    from dzviz.text.words import grouped, represented

    if drawn.folded is not None and extent.fold == "auto":
        nodes = represented(drawn)
        way = "--fold none --max-nodes N draws all" if nodes <= MOST_PLACED else "-T dot has all"
        sys.stderr.write(
            f"dzviz: {grouped(nodes)} nodes drawn as {grouped(len(drawn.nodes))}, what repeats "
            f"once; {way}\n"
        )


def tell_wide(drawn: Graph, extent: View, style: str) -> None:
    """Say on stderr what makes a large picture smaller, to who has tried none of it."""
    from dzviz.text.words import grouped

    if len(drawn.nodes) > WIDE and drawn.part is None and extent.fold == "auto":
        ways = "--fold always draws once what repeats, " if style_named(style).folds else ""
        sys.stderr.write(
            f"dzviz: {grouped(len(drawn.nodes))} nodes make a wide picture; {ways}"
            "--focus NAME draws a part\n"
        )
