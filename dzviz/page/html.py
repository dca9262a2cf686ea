"""A page: the picture with all its steps in one file, for a browser without any network.

Everything that it says and draws is written here or in `dzviz.page.panels`, as text for a table of
which the page's script shows, at each step, what belongs there. The script and the style stand in
the page and are the only ones that its policy lets run.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from html import escape
from string import Template

from dzviz.graph.model import FunctionNode, Graph
from dzviz.options import Layout, Look
from dzviz.page import source, words
from dzviz.page.content import Content, content_of, harmless, head_of, plain_look, still
from dzviz.page.data import Texts, layers, quote
from dzviz.page.formulas import formulas
from dzviz.page.languages import (
    COUNT,
    LANGUAGE_BUTTON,
    in_languages,
    main_of,
    note,
    skeleton,
    spoken,
    template,
    theme_button,
    words_of_script,
)
from dzviz.page.views import View, views
from dzviz.styles import style_named
from dzviz.svg import primitives as pen
from dzviz.svg.canvas import placed_alone
from dzviz.svg.fitting import fitted
from dzviz.svg.timeline import Timeline, size, timeline
from dzviz.svg.timeline import moment as moment_of
from dzviz.text.captions import caption_lines
from dzviz.text.descriptions import description
from dzviz.text.languages import say
from dzviz.text.phrases import clean
from dzviz.text.variables import Table
from dzviz.themes import AUTO, THEMES

POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the page may do: nothing but its own script and style, and pictures that it holds itself."""

SCREEN = "1880x760px"
"""The room of a picture on a large screen."""

LONG = 7
"""A picture that is so many times longer than high is in rows."""

MOST_WRAPPED = 200
"""In a larger graph rows would take long to be found."""

INKS = ("background", "text", "quiet", "edge", "active")
"""The colours of a theme that the page around the picture uses, too."""


def write(graph: Graph, look: Look, layout: Layout) -> Iterator[str]:
    """Write a graph as a page; all that can fail fails here, before the first chunk.

    Raises:
        LayoutError: No engine could place the nodes.
    """

    def make(look: Look, more: str) -> str:
        first, *others = views(graph, layout.expanded, look.style, look.lang)

        def page_of(view: View, more: str = "") -> str:
            return _page(view, look, _wrapped(view, look, layout), more)

        others_too = "".join(template(view.key, look.lang, page_of(view)) for view in others)
        return page_of(first, others_too + more)

    return iter([in_languages(look, make)])


def _wrapped(view: View, look: Look, layout: Layout) -> Layout:
    """Have a picture in rows that would be far longer than a screen, where its text would be small.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    graph, look = view.graph, plain_look(look)
    if len(graph.nodes) > MOST_WRAPPED or not graph.events:
        return layout
    layout = replace(layout, known={})
    _, _, width, height = size(graph, look, layout)
    if max(width, height) < LONG * min(width, height):
        return layout
    fixed = layout.fixed | {"style", "rank_dir"}
    return fitted(graph, replace(look, fit=SCREEN), replace(layout, fixed=fixed), moves=True).layout


def whole(graph: Graph, look: Look, layout: Layout) -> str:
    """Write all that a page of a graph says, for callers that show it in a page of their own.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    return main_of(_page(_first(graph, look, layout), look, layout))


def moment(graph: Graph, look: Look, layout: Layout, number: int) -> Timeline:
    """Draw one step of what `whole` draws, at the same places.

    Raises:
        LayoutError: No engine could place the nodes.
    """
    view = _first(graph, look, layout)
    layout = layout if view.is_whole else replace(layout, room=None)
    if view.graph.events:
        return moment_of(view.graph, plain_look(look), layout, number)
    return _film(view.graph, plain_look(look), layout)


def _first(graph: Graph, look: Look, layout: Layout) -> View:
    """Return the view that is shown first, as the only one."""
    view = next(views(graph, layout.expanded, look.style, look.lang))
    closed = note(look.lang, _CLOSED) if view.opens else ""
    return view._replace(note=closed, opens=(), closes=())


def _page(view: View, look: Look, layout: Layout, more: str = "") -> str:
    """Write a page of one view, with ``more`` of them in it."""
    graph = view.graph
    layout = layout if view.is_whole else replace(layout, room=None)
    drawn = plain_look(look)
    content = content_of(graph, drawn, _film(graph, drawn, layout))
    film, known = content.film, Texts()
    stepping = len(film.steps) > 1
    line = formulas(graph, film.steps, drawn)
    tracks = content.tracks if line is None else [*content.tracks, line]
    lang = look.lang
    if stepping:
        label = escape(say(lang, "Equation"))
        dock = player(film, line="" if line is None else _LINE.format(label=label))
    else:
        dock = why_no_steps(graph, lang)
    slots = {
        "picture": "".join(picture_of(content)),
        "player": view.note or dock,
        "variables": f"<div {VALUES}>\n{variables(graph, drawn)}</div>\n",
        "story": story_table(story(film), lang) if stepping else "",
        "data": quote(
            {**head_of(content), **content.facts, "layers": layers(tracks, known)} | known.as_data()
        ),
        "views": _leads(view) if view.opens or view.closes else "",
        "more": more,
    }
    leads = bool(view.opens or view.closes)
    return page(graph, look, slots, scripts=("views.js",) if leads else ())


def page(
    graph: Graph,
    look: Look,
    slots: Mapping[str, str],
    *,
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
) -> str:
    """Fill the skeleton of a page; these scripts stand before that of all pages."""
    style = "".join(map(source, ("page.css", *styles))) + colours(plain_look(look))
    script = "".join(map(source, (*scripts, "page.js")))
    title = clean(graph.title if look.title is None else look.title)
    title = title or say(look.lang, "computational graph")
    usual = {
        "policy": _POLICY.format(POLICY.format(script=_hash(script), style=_hash(style))),
        "lang": look.lang,
        "theme": "" if look.theme == AUTO else f' data-theme="{look.theme}"',
        "title": escape(title),
        "style": f"<style>{style}</style>",
        "script": f"<script>{script}</script>",
        "editor": "",
        "heading": _heading(graph, look, escape(title)),
        "themes": "" if look.theme == "print" else theme_button(look.lang),
        "languages": LANGUAGE_BUTTON,
        "words": words_of_script(),
        "keys": "",
    }
    return Template(skeleton("page.html", look.lang)).substitute(usual | dict(slots))


def _film(graph: Graph, look: Look, layout: Layout) -> Timeline:
    """Draw all steps; a graph of which nothing was recorded is as it is."""
    if graph.events:
        return timeline(graph, look, layout)
    return still(*placed_alone(graph, look, layout))


def _leads(view: View) -> str:
    """Write down what leads to other views."""
    leads = quote({"opens": view.opens, "closes": view.closes})
    return f'<script type="application/json" id="views">{leads}</script>\n'


def picture_of(content: Content) -> Iterator[str]:
    """Draw the last step, each track in a group that the script can fill again."""
    film = content.film
    sheet = film.canvas
    yield from pen.page(sheet.look, sheet.title, description(content.graph, sheet.look), *sheet.box)
    for key, states in film.tracks:
        yield f'<g data-key="{key}">\n{states[-1][1]}</g>\n'
    yield f'<g data-caption="">\n{sheet.caption}</g>\n'
    yield "</svg>\n"


def _heading(graph: Graph, look: Look, title: str) -> str:
    """Head the page with the expression, below a title where one is given."""
    if not graph.expression:
        return f"<h1>{title}</h1>\n"
    text = f'<code id="expression">{escape(harmless(graph.expression))}</code>'
    return f"<h1>{text}</h1>\n" if look.title is None else f"<h1>{title}</h1>\n<p>{text}</p>\n"


def player(film: Timeline, values: str = "", line: str = "") -> str:
    """Write the player, below its slider those of ``values``, and the place of a ``line``."""
    last, lang = len(film.steps) - 1, film.canvas.look.lang
    count = escape(
        film.place(last) if not film.counts else say(lang, COUNT, number=last, last=last)
    )
    text = words(film.texts[-1])
    player = spoken(_PLAYER, lang)
    return player.format(last=last, count=count, text=text, values=values, line=line)


def why_no_steps(graph: Graph, lang: str) -> str:
    """Say why nothing can be stepped through, and what does away with that."""
    if graph.folded is not None:
        return note(
            lang,
            (
                "This page has no steps, since what repeats is drawn once. The page of a "
                "part ({part}) or of all nodes ({all}) has them."
            ),
        )
    if any(isinstance(node, FunctionNode) for node in graph.nodes):
        return note(
            lang,
            (
                "This page has no steps, since none were recorded. In Python, {record} "
                "records them if the engine reports its steps."
            ),
        )
    return ""


def variables(graph: Graph, look: Look) -> str:
    """Write the Variables as the text format does."""
    head, *lines = Table(graph, look)
    cells = "".join(f'<th scope="col">{escape(word)}</th>' for word in head)
    text = [f"<thead><tr>{cells}</tr></thead>\n<tbody>\n"]
    for first, *rest in lines:
        cells = "".join(f"<td>{words(cell)}</td>" for cell in rest)
        text.append(f'<tr><th scope="row">{words(first)}</th>{cells}</tr>\n')
    caption = "<br>\n".join(
        map(words, caption_lines(graph, look, signs=style_named(look.style).legend))
    )
    return f"<table>\n{''.join(text)}</tbody>\n</table>\n<p>{caption}</p>\n"


def story(film: Timeline) -> str:
    """Tell all steps, one row each."""
    return "".join(
        f'<tr id="row{i}"><th scope="row"><a href="#step={i}">{i}</a></th>'
        f"<td>{words(text)}</td></tr>\n"
        for i, text in enumerate(film.texts)
    )


def story_table(rows: str, lang: str, key: str = "") -> str:
    """Put the rows of all steps into a table; the script fills one with a ``key`` again."""
    named = f' data-key="{key}"' if key else ""
    return spoken(_STORY, lang).format(rows=rows, key=named)


def colours(look: Look) -> str:
    """Write the colours of a page; in the theme for paper nothing becomes dark."""
    light, dark = look.colours, THEMES["dark"]
    inks = {name: (getattr(light, name), getattr(dark, name)) for name in INKS}
    if look.background.startswith("#"):
        inks["background"] = look.background, dark.background
    if look.theme == "print":
        return f":root{{{''.join(f'--{name}:{ink};' for name, (ink, _) in inks.items())}}}\n"
    exchanges = pen.exchanges()
    if look.background.startswith("#"):
        exchanges += [(what, *inks["background"]) for what in ("fill", "stroke")]
    rules = [
        f'svg [{what}="{ink}"]{{{what}:light-dark({ink},{other})}}'
        for what, ink, other in exchanges
    ]
    settings = [f"--{name}:light-dark({ink},{other});" for name, (ink, other) in inks.items()]
    return "\n".join([f":root{{{''.join(settings)}}}", *rules, ""])


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


_POLICY = '<meta http-equiv="Content-Security-Policy" content="{}">\n'

_CLOSED = (
    "An op made of other ops is drawn as one; the option {expand} draws its parts and "
    "adds the steps."
)

_LINE = '<div id="line" data-key="line" role="group" aria-label="{label}" tabindex="0"></div>\n'

_PLAYER = """\
<section id="player" aria-label="\u2039Player\u203a">
<div>
<button type="button" id="first" aria-label="\u2039First step\u203a">&laquo;</button>
<button type="button" id="back" aria-label="\u2039Step back\u203a">&lsaquo;</button>
<button type="button" id="play">\u2039Play\u203a</button>
<button type="button" id="next" aria-label="\u2039Next step\u203a">&rsaquo;</button>
<input type="range" id="slider" min="0" max="{last}" value="{last}" aria-label="\u2039Step\u203a">
<output id="count" for="slider">{count}</output>
</div>
{values}<div id="sayings">
<div><p id="told" data-key="told" role="status">{text}</p>
{line}<p id="why"></p></div>
<div><h2 id="waiting">\u2039Queue\u203a</h2>
<ol data-key="queue" aria-labelledby="waiting"></ol></div>
</div>
</section>
"""

_STORY = """\
<section id="story" aria-labelledby="steps">
<h2 id="steps">\u2039Steps\u203a</h2>
<table>
<thead><tr><th scope="col">\u2039step\u203a</th>\
<th scope="col">\u2039what happens\u203a</th></tr></thead>
<tbody{key}>
{rows}</tbody>
</table>
</section>
"""

VALUES = 'class="values" role="group" aria-labelledby="values" tabindex="0"'
"""What the element is that holds the table of Variables."""
