"""The table of options: what is computed, how it looks, how much it shows, how it is placed.

A field says all that is known of an option: its name, type, default, help and limits, which formats
and styles it concerns, and whether a document may set it. The command line, documents, Python and
the reference are made of that. It knows no graph, no click and no format; names of a table's rows
are checked where they are looked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dzviz.errors import UsageError, did_you_mean
from dzviz.fields import check_all, option, options_of
from dzviz.frozen import frozen
from dzviz.themes import AUTO, THEMES, Theme, theme_named

if TYPE_CHECKING:
    from dzviz.graph.model import Graph

PLACED = ("picture", "tex", "page", "film")
"""The kinds of formats in which shapes have places."""

DRAWN = (*PLACED, "diagram", "chart")
"""Those that have shapes."""

SIZED = ("picture", "tex", "film", "diagram")
"""Those that have a size of their own."""

CAPTIONED = (*DRAWN, "table")
"""Those that have a title and a legend."""

WORDED = (*CAPTIONED, "description")
"""Those that people read."""

KINDS = (*WORDED, "data", "attributes")
"""Every kind of format.

- ``picture``: shapes at places, of one state, for a screen or paper
- ``tex``: the same as a source of LaTeX
- ``page``: the same with all steps and what each says, for a browser
- ``film``: the same, one state after the other
- ``diagram``: shapes for a program that places them, and sets their type, as Graphviz does
- ``chart``: shapes for a program that places them in its own look, as Mermaid does
- ``table``: lines of text for the terminal
- ``description``: sentences for who sees no picture
- ``data``: all that is known of the graph, to be read again
- ``attributes``: nodes and edges with flat attributes, for other programs
"""

STILL = tuple(kind for kind in KINDS if kind != "film")
"""Those that need not show every step."""

ENGLISH = "en"

LANGUAGES = (ENGLISH, "ko", "ja")
"""What pictures and answers can say their sentences in."""

SPOKEN = ("picture", "page", "film", "chart", "description")
"""The kinds of formats that say them in another language than English: the others are ASCII."""

RADIUS = 2
"""The default number of edges around a node that are its surroundings."""

NOT_FINITE = "nan"
"""Stands for the place where the first NaN or infinity arose."""

NODE = "the name or the id of a node"

FOLD = ("auto", "always", "none")

FULL = 12
"""With more digits a number is written as it is, without a word about rounding."""

SHOWN = ("name", "data", "grad", "seed", "dtype", "generation", "constant", "caption")
"""What is said by default; the shape only of arrays that are not shown in full."""

FACTS = (*SHOWN, "shape", "order")
"""What can be said: of nodes, and in the caption below; ``order`` is that of the backward pass."""


ONLY: Mapping[str, Mapping[str, Any]] = {
    "forward": {"hide": ("grad", "generation"), "contributions": "none"},
    "backward": {"hide": ("data",), "contributions": "all"},
    "shapes": {
        "show": ("shape",),
        "hide": ("data", "grad", "dtype", "generation"),
        "contributions": "none",
    },
    "derivative": {},
}
"""What a picture may be of alone, and what that means for other options."""

FRAMES: Mapping[str, tuple[float, float, str]] = {
    "slide": (960.0, 540.0, "a 16:9 slide"),
    "page": (453.5, 700.0, "an A4 page"),
    "article": (345.0, 550.0, "a page of LaTeX's article class"),
    "column": (241.0, 640.0, "a column of a paper"),
    "readme": (628.5, 600.0, "a README"),
}
"""What a picture may be for: width and height in points, what it is called."""

STEPS = r"(\d{1,6})(?:-(\d{1,6}))?"
"""The first and the last of some steps."""

UNITS = r"([1-9]\d{0,4}(?:\.\d+)?)x([1-9]\d{0,4}(?:\.\d+)?)(pt|px|mm|cm|in|)"
"""A frame's width, height and unit."""


def _option(default: Any, help: str, formats: tuple[str, ...] = KINDS, **more: Any) -> Any:
    """Make a field of an option, which concerns every kind of format unless told."""
    return option(default, help, formats=formats, **more)


@frozen(kw_only=True)
class Passes:
    """The options of what is computed.

    Raises:
        UsageError: A value is not as it should be.
    """

    heading: ClassVar = "What is computed"

    random_seed: int = _option(
        0,
        "The seed for rand and randn in values, and for the random numbers of a backend.",
        least=0,
    )
    retain_grad: bool = _option(False, "Keep the gradients of intermediate values.")
    backward: bool = _option(
        True, "Leave out the backward pass and the gradients.", option="no-backward"
    )
    order: int = _option(
        0,
        "Differentiate N times first. The graph is that of the N-th derivative, and the gradients "
        "are derivatives of it.",
        least=0,
    )
    wrt: str | None = _option(
        None,
        "The variable to differentiate by, or one for each order: x,w means first by x, then by w.",
        metavar="NAME[,NAME]",
    )

    def __post_init__(self) -> None:
        check_all(self, Passes)


@frozen(slots=True)
class Look:
    """The display options. A field here is also an option of the command line.

    Raises:
        UsageError: A value is not among the choices, or out of range.
    """

    heading: ClassVar = "How it looks"

    style: str = _option(
        "boxes", "How the graph becomes shapes.", formats=CAPTIONED, table="styles"
    )
    theme: str = _option(
        "light",
        "The colours. auto: the SVG is light or dark as the web page around it is, or else as the "
        "reader's system is. light,dark: two files, a.svg and a-dark.svg for -o a.svg.",
        choices=(*THEMES, AUTO),
        formats=DRAWN,
    )
    background: str = _option(
        "",
        "The colour behind the graph: transparent, or a colour like #fffff0.",
        metavar="COLOUR",
        formats=DRAWN,
    )
    show: tuple[str, ...] = _option(
        (), f"Show these facts too: {', '.join(FACTS)}.", each=FACTS, formats=WORDED
    )
    hide: tuple[str, ...] = _option(
        (), "Hide these facts; the same names as for --show.", each=FACTS, formats=WORDED
    )
    contributions: str = _option(
        "auto",
        "Which edges show the share that flowed back. auto: those of Variables that are used more "
        "than once.",
        choices=("auto", "all", "none"),
        formats=DRAWN,
        styles="shares",
    )
    only: str = _option(
        "",
        "Draw only the values (forward), what flows back (backward), the shapes, or, with "
        "--order, the part that computes the derivative.",
        choices=("", *ONLY),
    )
    edges: str = _option(
        "plain",
        "How thick the edges are. plain: all alike; flow: thicker where more flowed back.",
        choices=("plain", "flow"),
        formats=DRAWN,
        styles="flows",
    )
    precision: int = _option(4, "Significant digits of a number.", least=1, most=17, formats=WORDED)
    max_elements: int = _option(
        6, "Show arrays of up to N elements in full, and larger arrays as a summary.", least=0
    )
    title: str | None = _option(
        None,
        "The text below the graph, instead of the expression.",
        metavar="TEXT",
        formats=CAPTIONED,
    )
    lang: str = _option(
        ENGLISH,
        "The language of the text in pictures, films and pages. Names, ops and numbers stay. "
        "A page has a button that switches it. DOT, TikZ, tables and JSON are in English.",
        choices=LANGUAGES,
        formats=SPOKEN,
    )
    legend: str = _option(
        "auto",
        "The key below the graph. auto: it explains the marks that occur; on: all marks.",
        choices=("auto", "on", "off"),
        formats=CAPTIONED,
    )
    pace: float = _option(
        1.5,
        "How long a film shows each step. It shows the last step three times as long.",
        metavar="SECONDS",
        least=0.1,
        most=60.0,
        formats=("film",),
    )
    steps: str = _option(
        "",
        "Put only steps A to B into a film or --frames, or draw step A as a picture. dzviz trace "
        "prints the numbers of the steps.",
        metavar="A[-B]",
        formats=("film", "picture"),
    )
    full: bool = _option(
        False,
        "Write all that is known into the JSON, such as whole arrays and the events of the passes. "
        "--graph makes the same graph of it.",
        formats=("data",),
    )
    steady: bool = _option(
        False,
        "Give all pictures of a graph the same layout: with and without --no-backward, with and "
        "without --retain-grad. Each box has room for the longest of its texts.",
        formats=("picture", "tex"),
    )
    rank_dir: str = _option(
        "LR",
        "The direction of the graph: left to right, or top to bottom.",
        choices=("LR", "TB"),
        formats=DRAWN,
    )
    font_size: float = _option(
        11.0,
        "The size of ordinary text. Everything else scales with it.",
        metavar="POINTS",
        formats=SIZED,
        least=1.0,
        most=200.0,
    )
    scale: float = _option(
        1.0,
        "Scale the whole picture by this factor.",
        metavar="FACTOR",
        least=0.05,
        most=50.0,
        formats=SIZED,
    )
    fit: str = _option(
        "",
        f"Make the picture fit a frame, with the text as large as possible: {', '.join(FRAMES)}, "
        "or WxH, as in 400x300 (points) or 160x90mm (pt, px, mm, cm, in). It chooses --style and "
        "--rank-dir if you do not, and wraps a long graph into rows.",
        metavar="FRAME",
        formats=("picture", "tex", "film"),
    )
    standalone: bool = _option(
        False,
        "Write TikZ as a complete document, on a page of the size of the picture.",
        formats=("tex",),
    )

    def __post_init__(self) -> None:
        check_all(self, Look)
        for name, value in ONLY[self.only].items() if self.only else ():
            old = getattr(self, name)
            value = tuple(dict.fromkeys((*old, *value))) if isinstance(value, tuple) else value
            object.__setattr__(self, name, value)
        if self.background and not re.fullmatch("transparent|#[0-9a-fA-F]{6}", self.background):
            raise UsageError(
                f"background is transparent or a colour like #fffff0, not '{self.background}'"
            )

        if self.steps and not re.fullmatch(STEPS, self.steps):
            raise UsageError(
                f"steps must be a range like 3-7 or a single step like 5, not {self.steps!r}"
            )
        if self.fit and self.fit not in FRAMES and not re.fullmatch(UNITS, self.fit):
            raise UsageError(
                f"fit is one of {', '.join(FRAMES)}, or WxH like 160x90mm, not {self.fit!r}",
                hint=did_you_mean(self.fit, FRAMES),
            )
        if self.fit and (self.scale, self.font_size) != (1.0, 11.0):
            raise UsageError(
                "--fit finds the size itself", hint="leave out --scale and --font-size"
            )

    def says(self, fact: str) -> bool:
        """Whether this fact of `FACTS` is said."""
        return (fact in SHOWN or fact in self.show) and fact not in self.hide

    @property
    def enlargement(self) -> float:
        """How much larger the picture is than usual."""
        return self.scale * self.font_size / 11.0

    @property
    def colours(self) -> Theme:
        """The colours of the theme."""
        return theme_named(self.theme)


LANGUAGE = next(option for option in options_of(Look) if option.name == "lang")
"""The option of the language."""


@frozen(slots=True)
class View:
    """The options of large graphs. A field here is also an option of the command line.

    Raises:
        UsageError: A value is not as it should be.
    """

    heading: ClassVar = "How much is drawn"

    fold: str = _option(
        "auto",
        "Draw repeated parts only once, with the number of repetitions and the range of their "
        "values. auto: in pictures of more than --max-nodes nodes.",
        choices=FOLD,
        formats=STILL,
        styles="folds",
    )
    focus: str | None = _option(
        None,
        f"Draw only the surroundings of a variable or a node (v12, f3), or of {NOT_FINITE}, the "
        "place where the first NaN or infinity arose. RADIUS counts edges; the default is "
        f"{RADIUS}.",
        metavar="NAME[:RADIUS]",
        what=NODE,
    )
    from_: str | None = _option(
        None,
        "Draw only what is computed from this node.",
        metavar="NAME",
        what=NODE,
    )
    to: str | None = _option(
        None,
        "Draw only what this node is computed from.",
        metavar="NAME",
        what=NODE,
    )
    depth: int | None = _option(
        None,
        "Draw frames nested deeper than N levels as one node each; 0: every frame.",
        metavar="N",
        least=0,
    )
    expand: str | None = _option(
        None,
        "Draw these ops as a frame with the simpler ops they are made of: attention, lstm_cell, "
        "..., or all.",
        metavar="OP[,OP]",
        what="the names of ops, as in attention,lstm_cell",
        formats=STILL,
        styles="folds",
    )
    max_nodes: int = _option(
        1000,
        "The largest number of nodes in a picture. DOT, JSON and text have no limit.",
        least=1,
        formats=PLACED,
    )

    def __post_init__(self) -> None:
        check_all(self, View)
        if self.focus is not None and (self.from_ is not None or self.to is not None):
            raise UsageError("--focus does not go with --from and --to", hint="take one of them")

    @property
    def cuts(self) -> bool:
        """Whether only a part is drawn."""
        return (self.focus, self.from_, self.to) != (None, None, None)

    @property
    def expanded(self) -> tuple[str, ...]:
        """The names of the ops that are drawn with their parts."""
        return tuple(name.strip() for name in (self.expand or "").split(",") if name.strip())


@frozen(slots=True)
class Layout:
    """How nodes are placed in the formats that need it.

    ``engine`` and ``timeout`` (in seconds) say by what; ``font`` is a file for characters that the
    usual font lacks; ``room`` is the same graph with every gradient known, for which to leave room.
    A page, which draws ops closed and with their parts, begins with these ``expanded``.

    A ``tight`` one has less room between nodes, and a long one is in several ``rows``. Options of
    the look that are ``fixed`` are not for `dzviz.svg.fitting` to choose; ``known`` are placements
    by their DOT, so that what is tried twice is placed once. ``kept`` are places that stay as long
    as they can, see `dzviz.placing.kept`.

    Raises:
        UsageError: A value is not as it should be.
    """

    heading: ClassVar = "How it is placed"

    engine: str = _option(
        "auto",
        "The layout engine, which places the nodes of a picture.",
        table="engines",
        formats=PLACED,
        documents=False,
    )
    timeout: float = _option(
        30.0,
        "The longest time for the layout.",
        option="layout-timeout",
        metavar="SECONDS",
        above=0,
        formats=PLACED,
        documents=False,
    )
    font: str | None = _option(
        None,
        "A font for characters that the usual font lacks.",
        metavar="FILE",
        environment="DZVIZ_FONT",
        formats=PLACED,
        binary=True,
        documents=False,
    )
    room: Graph | None = None
    expanded: tuple[str, ...] = ()
    tight: bool = False
    rows: int = 1
    fixed: frozenset[str] = frozenset()
    known: dict[str, Any] | None = None
    kept: Any = None

    def __post_init__(self) -> None:
        check_all(self, Layout)
