"""The Sphinx extension: the directive ``dzviz`` puts a picture into a page.

It is drawn when its page is read, so that mistakes are reported with file and line. HTML gets the
SVG itself, EPUB a file with it, LaTeX a PDF, what has no pictures the table of the format ``text``.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from dzviz import __version__
from dzviz.arguments.config import find_config, read_config
from dzviz.documents.blocks import UNDIMMED
from dzviz.documents.bounds import guarded
from dzviz.documents.inline import (
    arguments,
    derived,
    drawn,
    element,
    error_text,
    read_derivation,
    read_inline,
    read_text,
)
from dzviz.documents.trust import Trust
from dzviz.errors import DzvizError, LayoutError, UsageError
from dzviz.results import RESULTS
from dzviz.svg.primitives import DARK

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.util.typing import ExtensionMetadata
    from sphinx.writers.html5 import HTML5Translator


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx what there is."""
    app.add_config_value("dzviz_allow_python", False, "env", bool)
    app.add_config_value("dzviz_config", "", "env", str, "A file with display options.")
    app.add_config_value("dzviz_display", {}, "env", dict, "What is read from that file.")
    app.connect("config-inited", _read_display)
    app.connect("builder-inited", _add_sheet)
    app.add_directive("dzviz", Dzviz)
    app.add_directive("dzviz-explain", Explain)
    for name in RESULTS:
        if name != "explain":
            app.add_directive(f"dzviz-{name}", type(name, (Text,), {"kind": name}))
    app.add_node(picture, html=(_visit_html, None))
    app.add_node(derivation, html=(_visit_derivation, None))
    app.add_post_transform(_Elsewhere)
    app.add_post_transform(_Undimmed)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


class picture(nodes.General, nodes.Element):  # noqa: N801 -- docutils' names of nodes are lower-case
    """A picture with its ``svg``, its ``text``, and how it stands in the page."""


class derivation(nodes.General, nodes.Element):  # noqa: N801 -- as above
    """Formulas as MathML in ``html``, for amsmath in ``tex``, as ``text``."""


class _Options(dict[str, Callable[[str], Any]]):
    """The options of a page; every other is one of the picture or a variable's value."""

    def __missing__(self, name: str) -> Callable[[str], Any]:
        return directives.unchanged


def _align(argument: str) -> str:
    return directives.choice(argument, ("left", "center", "right"))


class Dzviz(SphinxDirective):
    """``.. dzviz:: sin(x)`` with the options of the command line, and those of a figure."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = _Options(
        {
            "align": _align,
            "alt": directives.unchanged,
            "caption": directives.unchanged,
            "class": directives.class_option,
            "name": directives.unchanged,
            "width": directives.unchanged,
        }
    )

    def run(self) -> list[nodes.Node]:
        """Draw; what is wrong becomes a warning at this line and a box in the page."""
        try:
            with guarded():
                return self._made()
        except DzvizError as error:
            words = error_text(_in_options(error))
            logger.warning("%s", words, location=self.get_location(), type="dzviz")
            first, _, rest = words.partition("\n")
            box = nodes.error("", nodes.paragraph("", f"dzviz: {first}"))
            box += [nodes.literal_block(rest, rest, language="none")] if rest else []
            self.set_source_info(box)
            return [box]

    def _made(self) -> list[nodes.Node]:
        return self._figure(self._picture())

    def _place(self) -> dict[str, Any]:
        """Return where a command line stands, and how far it is trusted."""
        allowed = self.config.dzviz_allow_python
        return {
            "folder": os.path.dirname(self.env.doc2path(self.env.docname)),
            "trust": Trust(str(self.env.srcdir), allowed, "dzviz_allow_python = True"),
            "config": self.config.dzviz_display,
        }

    def _picture(self) -> picture:
        request = read_inline(self._arguments(), **self._place())
        for file in request.files:
            self.env.note_dependency(file.path)
        alt, width = self.options.get("alt"), self.options.get("width")
        still = drawn(request, "svg")
        moving = still if request.format.name == "svg" else drawn(request, request.format.name)
        made = picture(
            still=still,
            html=element(moving, alt, width, format=request.format.name),
            text=drawn(request, "text"),
            alt=alt or drawn(request, "alt").rstrip(),
            width=width,
            classes=self.options.get("class", []),
        )
        self.set_source_info(made)
        return made

    def _arguments(self) -> list[str]:
        """Write the directive as a command line; several values of ``:set:`` stand apart by ``;``.

        docutils makes the names of options lower-case, but ``:W:`` is not ``:w:``.
        """
        written = re.findall(r"^[ \t]*:([^:\s]+):", self.block_text, re.MULTILINE)
        options: list[tuple[str, str | None]] = []
        for name, value in self.options.items():
            if name == "set":
                options += [("set", part.strip()) for part in re.split("[;\n]", value or "")]
            elif name not in self.option_spec:
                alike = [name, *(word for word in written if word.lower() == name)]
                options.append((alike[-1] if name not in written else name, value))
        texts = [*self.arguments, *(["\n".join(self.content)] if self.content else [])]
        if len(texts) > 1:
            raise UsageError(
                "the expression is given twice", hint="write it after dzviz:: or below"
            )
        return arguments(texts[0] if texts else None, options)

    def _figure(self, made: picture) -> list[nodes.Node]:
        align, caption = self.options.get("align"), self.options.get("caption")
        if not caption:
            made["align"] = align
            self.add_name(made)
            return [made]
        figure = nodes.figure("", made, align=align or "default")
        texts, messages = self.parse_inline(caption, lineno=self.lineno)
        figure += nodes.caption(caption, "", *texts)
        self.set_source_info(figure)
        self.add_name(figure)
        return [figure, *messages]


class Text(Dzviz):
    """``.. dzviz-trace:: sin(x)``: what the command of this ``kind`` prints, as a block of text."""

    kind = ""
    option_spec: ClassVar[Any] = _Options({"name": directives.unchanged})

    def _made(self) -> list[nodes.Node]:
        words = shlex.join([self.kind, *self._arguments()])
        text = read_text(words, **self._place()).rstrip("\n")
        made = nodes.literal_block(text, text, language="none")
        self.set_source_info(made)
        self.add_name(made)
        return [made]


class Explain(Dzviz):
    """``.. dzviz-explain:: sin(x)``: how gradients come about, with the options of that command."""

    option_spec: ClassVar[Any] = _Options({"name": directives.unchanged})

    def _made(self) -> list[nodes.Node]:
        command = shlex.join(["explain", "-q", *self._arguments()])
        request = read_derivation(command, **self._place())
        for file in request.files:
            self.env.note_dependency(file.path)
        made = derivation(**{form: derived(request, form) for form in ("html", "tex", "text")})
        self.set_source_info(made)
        self.add_name(made)
        return [made]


SHEET = Path(__file__).parent / "documents" / "dzviz.css"
"""What pages need of style for pictures in files."""

logger = logging.getLogger(__name__)


class _Elsewhere(SphinxPostTransform):
    """Give those who do not write HTML an image that they can place, or the table."""

    default_priority = 150  # before Sphinx looks at images

    def run(self, **_: Any) -> None:
        builder = self.app.builder
        if builder.format == "html" and builder.name != "epub":
            return
        for made in list(self.document.findall(derivation)):
            tex, text = made["tex"], made["text"]
            formulas = nodes.math_block(tex, tex, nowrap=True, number=None)
            plain = nodes.literal_block(text, text, language="none")
            made.replace_self(formulas if builder.format == "latex" else plain)
        suffixes: tuple[str, ...] = ()
        if builder.format == "html":
            suffixes = ("svg",)  # a page of a book has to announce an SVG that stands in it
        elif "application/pdf" in builder.supported_image_types:
            suffixes = ("pdf", "png")
        for node in list(self.document.findall(picture)):
            table = node["text"]
            node.replace_self(
                self._image(node, suffixes) or nodes.literal_block(table, table, language="none")
            )

    def _image(self, node: picture, suffixes: Sequence[str]) -> nodes.image | None:
        """Write a file of the first of these kinds that can be written; None where none can."""
        from dzviz.svg.pdf_pages import pdf
        from dzviz.svg.raster import png

        writers: dict[str, Callable[[str], bytes]] = {"svg": str.encode, "pdf": pdf, "png": png}
        for suffix in suffixes:
            try:
                data = writers[suffix](node["still"])
            except LayoutError as error:
                logger.warning("%s", error_text(error), location=node, type="dzviz", subtype=suffix)
                continue
            folder = self.app.doctreedir / "dzviz"
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"dzviz-{sha256(node['still'].encode()).hexdigest()[:16]}.{suffix}"
            file.write_bytes(data)
            self.env.images.add_file(self.env.docname, str(file))
            image = nodes.image(uri=str(file), candidates={"*": str(file)})
            kept = ("alt", "width", "align", "ids", "names", "classes")
            image.attributes.update({key: node[key] for key in kept if node.get(key)})
            return image
        return None


class _Undimmed(SphinxPostTransform):
    """Tell the theme of pydata of pictures in files that follow the site, and need no white."""

    default_priority = 150
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for image in self.document.findall(nodes.image):
            path = os.path.join(self.app.srcdir, image["uri"])
            if path.endswith(".svg") and os.path.isfile(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    head = file.read(HEAD)
                if f'class="{DARK}"' in head.partition(">")[0]:
                    image["classes"] += [
                        each for each in UNDIMMED["auto"] if each not in image["classes"]
                    ]


HEAD = 1000
"""The first element of a picture is within this many characters."""


def _visit_html(self: HTML5Translator, node: picture) -> None:
    classes = ["dzviz", *([f"align-{node['align']}"] if node.get("align") else [])]
    self.body.append(self.starttag(node, "div", CLASS=" ".join(classes)))
    self.body.append(f"{node['html']}</div>\n")
    raise nodes.SkipNode


def _visit_derivation(self: HTML5Translator, node: derivation) -> None:
    self.body.append(self.starttag(node, "div", CLASS="dzviz"))
    self.body.append(f"{node['html']}</div>\n")
    raise nodes.SkipNode


def _add_sheet(app: Sphinx) -> None:
    """Have pages of HTML show pictures in files as the switch of their theme says."""
    if app.builder.format == "html":
        app.config.html_static_path.append(str(SHEET))
        app.add_css_file(SHEET.name)


def _read_display(app: Sphinx, config: Config) -> None:
    """Read the display options once; as a value of the configuration, they make pages out of date.

    A warning says what is wrong: Sphinx would show an error here with its traceback.
    """
    try:
        if config.dzviz_config:
            config.dzviz_display = read_config(os.path.join(app.confdir, config.dzviz_config))
        else:
            config.dzviz_display = find_config(str(app.srcdir))
    except UsageError as error:
        logger.warning("%s", error_text(error), type="dzviz")


def _in_options(error: DzvizError) -> DzvizError:
    """Say ``:order:`` where an error says ``--order``."""
    option = re.compile(r"(?<![\w-])--([a-zA-Z_][\w-]*)")
    hint = error.hint and option.sub(r":\1:", error.hint)
    return DzvizError(option.sub(r":\1:", str(error)), place=error.place, hint=hint)
