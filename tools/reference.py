"""Write the pages of docs/ that are made of the tables: options, formats, ops, and so on.

Each page is one function in `PAGES`. What the tables do not say stands here, above them.
"""

from __future__ import annotations

import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import Field
from pathlib import Path
from typing import Any

import click

import dzviz
from dzviz import errors, themes
from dzviz.cli.commands import COMMANDS, load
from dzviz.cli.help import EXIT_CODES
from dzviz.diagnosis.answers import CAUSES
from dzviz.documents.bounds import MOST
from dzviz.documents.bounds import PICTURE as LIMITS
from dzviz.engine import OPS
from dzviz.fields import options_of, written
from dzviz.formats import FORMATS
from dzviz.lint.remarks import RULES
from dzviz.options import Layout, Look, View
from dzviz.styles import STYLES

DOCS = Path(__file__).parents[1] / "docs"

EXPRESSION = '"x * sin(x)" --x 1.0'
"""What the pages draw, so that their pictures can be compared."""


def options() -> str:
    """Return the page of every command's options."""
    lines = [
        "# Commands and options\n",
        "This page shows what `dzviz COMMAND --help` prints for each command.",
        '`dzviz "sin(x)" --x 1` is short for `dzviz draw "sin(x)" --x 1`. Each variable of the',
        "expression becomes an option, too.\n",
        "For `draw`, the column *concerns* lists the formats and styles in which an option can",
        "change something. The column *also in* lists the other places for the option: the",
        "command line in a *document*; the *file* `dzviz.toml` (or `[tool.dzviz]` in",
        "`pyproject.toml`) with defaults for documents; and *Python*, as in",
        '`dzviz.render(y, "svg", rank_dir="TB")`.\n',
        f"A picture in a document can take at most {LIMITS.seconds:g} s and",
        f"{LIMITS.memory >> 30} GiB.",
    ]
    for name, summary in COMMANDS.items():
        command = load(name)
        head = ["option", "value", "meaning", "default"]
        head += ["concerns", "also in"] if name == "draw" else []
        lines += [f"\n## dzviz {name}\n", f"{summary}\n"]
        lines += [f"{_escaped(paragraph)}\n" for paragraph in _paragraphs(command)[1:]]
        shown = [param for param in command.params if not getattr(param, "hidden", False)]
        lines += table(head, (_option(param, name == "draw") for param in shown))
    return page(lines)


def formats() -> str:
    """Return the page of formats."""
    lines = [
        "# Formats\n",
        "The suffix of `-o FILE` selects the format; `-T FORMAT` selects it by name. Without `-o`,",
        "the result goes to standard output, by default as DOT. Formats that are *placed* need a",
        "layout engine (one is built in) and are limited to `--max-nodes` nodes. Formats with *all",
        "steps* record what happens in the passes.\n",
        *table(
            ["format", "suffixes", "what it is", "placed", "all steps", "made of"],
            (
                [
                    f"`{format.name}`",
                    _codes(format.suffixes) or "none: use `-T`",
                    format.help,
                    _mark(format.placed),
                    _mark(format.events),
                    "bytes" if format.binary else "UTF-8 text",
                ]
                for format in FORMATS.values()
            ),
        ),
        "\n`--animate` turns SVG into the format `animation`. `--frames FOLDER` writes one file",
        "per step, `--frames FILE.pdf` one page per step.",
        "\n## Numbers\n",
        "An exact number is as short as possible (`1`, `0.5`). A rounded number keeps its zeros",
        "(`1.000` for 1.00001). Only an exact zero is written `0`. `~0` is a number that is no",
        "larger than the rounding error in it can be. dzviz computes a",
        "[bound](../how-it-works.md#what-is-only-rounding) of that error and assumes that the",
        "inputs are exact:\n",
        *session('dzviz "sum(x) - 0.6" --x "[0.1,0.2,0.3]" -T text'),
        "\nAll output except JSON and the data of a page is therefore the same on every processor.",
        "Tooltips have 12 digits. With a higher `--precision`, numbers are written as computed.",
    ]
    for name, format in FORMATS.items():
        if not format.binary and not format.placed:
            lines += [f"\n## {name}\n", f"{format.help[0].upper()}{format.help[1:]}.\n"]
            lines += session(f'dzviz "sin(x)" --x 1.0 -T {name}')
    lines += ["\n[The schema](schemas.md) describes the fields of the JSON."]
    return page(lines)


def exit_codes() -> str:
    """Return the page of exit codes."""
    kinds = {kind.exit_code: [] for kind in errors.DzvizError.__subclasses__()}
    for kind in errors.DzvizError.__subclasses__():
        kinds[kind.exit_code].append(kind.__name__)
    return page(
        [
            "# Exit codes\n",
            "dzviz writes data to standard output and everything else to standard error. If a",
            "command fails, standard output stays empty and an existing file is not changed:",
            "results are written whole or not at all. There is one exception: if an op of a",
            "backend such as PyTorch raises an error, what was computed before it is drawn, and",
            "the exit code is 4. In Python, the same errors are exceptions in `dzviz.errors`, all",
            "of them subclasses of `dzviz.DzvizError`.\n",
            *table(
                ["code", "what happened", "in Python"],
                (
                    [code, text, _codes(kinds.get(int(code), []) if code.isdecimal() else [])]
                    for code, text in EXIT_CODES
                ),
            ),
        ]
    )


def schemas() -> str:
    """Return the page of the JSON schemas."""
    lines = [
        "# JSON\n",
        "`-T json` writes a graph in the node-link form of networkx. `dzviz trace -T json` adds",
        "the events of its passes. JSON Schemas describe both; they are in the folder of the",
        "package `dzviz.formats`: `graph.schema.json`, `graph-2.schema.json` (what `--full` writes",
        "and `--graph` reads) and `trace.schema.json`.",
    ]
    for name in ("graph", "graph-2", "trace"):
        lines += _schema(name)
    return page(lines)


def answers() -> str:
    """Return the page of what commands that answer a question write as JSON."""
    causes = [[each.state, word, each.happened] for word, each in CAUSES.items()]
    return page(
        [
            "# Answers\n",
            "This page lists the possible answers of [`dzviz why` and `lint`](../howto/why.md),",
            "and what `dzviz why`, `flow`, `lint`, [`diff`](../howto/diff.md) and the commands for",
            "[numbers](../howto/scripts.md) write with `-T json`. The JSON Schemas are in the",
            "folder of the package `dzviz.formats`: `why.schema.json` and so on. The ids of nodes",
            "are those of [`dzviz draw -T json`](schemas.md) for the same graph.",
            "\n## Every cause\n",
            "JAX gives a gradient of 0 where no path leads to the output, so its state is `zero`",
            "where that of other engines is `none`.\n",
            *table(["state", "cause", "what happened"], causes),
            "\n## Every rule of lint\n",
            *table(["rule", "what it is about"], ([f"`{n}`", text] for n, text in RULES.items())),
            *(line for name in ("why", "flow", "lint", "diff", *NUMBERS) for line in _schema(name)),
        ]
    )


NUMBERS = ("value", "grad", "gradcheck")
"""The commands that write numbers for scripts, each with a schema."""


def _schema(name: str) -> Iterator[str]:
    """Tell the fields of a schema, and of what is in it."""
    schema = json.loads((Path(dzviz.__file__).parent / f"formats/{name}.schema.json").read_text())
    yield from [f"\n## {schema['title']}\n", f"{schema['description']}\n", *_fields(schema)]
    inner = dict(schema["$defs"])
    if "graph" in schema["properties"]:
        inner = {"graph": schema["properties"]["graph"], **inner}
    for key, part in inner.items():
        if "$ref" in part:
            continue
        yield f"\n### {key}\n"
        if "description" in part:
            yield f"{part['description']}\n"
        yield from _fields(part) if "properties" in part else [f"{_type(part)}."]


def styles() -> str:
    """Return the page of styles, each with a picture."""
    lines = [
        "# Styles\n",
        "`--style` selects how a graph becomes shapes. A format that lacks the shapes of a style",
        "(DOT and Mermaid have no circles with slots) shows the same facts with its own shapes.",
    ]
    for name, style in STYLES.items():
        told = "" if style.folds else " It shows every object, so it cannot fold."
        lines += [f"\n## {name}\n", f"{style.help[0].upper()}{style.help[1:]}.{told}\n"]
        lines += picture(f"{EXPRESSION} --style {name} -o {name}.svg", "styles", f"Style {name}")
        lines += ["\nIts key, with `--legend on`:\n"]
        lines += [f"- {_escaped(line)}" for line in style.legend.splitlines() if line]
    return page(lines)


def theme_page() -> str:
    """Return the page of themes, each with a picture and its colours."""
    lines = [
        "# Themes\n",
        "`--theme` selects the colours. Text has a contrast of at least 4.5 to 1 on its",
        "background; lines and marks have at least 3 to 1. This is level AA of WCAG, and the tests",
        "compute it. No fact is shown by colour only.",
    ]
    for name in (*themes.THEMES, themes.AUTO):
        lines += [f"\n## {name}\n"]
        if name == themes.AUTO:
            lines += [
                "SVG and HTML are dark or light like the page around them. If there is none, or",
                "if it does not say which it is (by `color-scheme`, or by the switch of a theme",
                "that dzviz knows), they follow the reader's screen. Other formats are light.\n",
            ]
        lines += picture(f"{EXPRESSION} --theme {name} -o {name}.svg", "themes", f"Theme {name}")
    found = {name: themes.colours(theme) for name, theme in themes.THEMES.items()}
    parts = dict.fromkeys(part for colours in found.values() for part in colours)
    lines += ["\n## The colours\n"]
    lines += table(
        ["colour of", *found],
        (
            [part, *(_codes([c[part]] if part in c else []) for c in found.values())]
            for part in parts
        ),
    )
    return page(lines)


def ops() -> str:
    """Return the page of ops: a table for each family."""
    lines = [
        "# The ops\n",
        "These are the functions that an expression can call. The last column lists the NumPy",
        "functions that do the same on Variables. `gy` is the gradient of the result (upstream).",
        "`dzviz ops` prints this table; `dzviz ops --json` prints it for scripts.",
    ]
    for family in dict.fromkeys(op.family for op in OPS.values()):
        lines += [f"\n## {family}\n"]
        lines += table(
            ["op", "formula", "derivative", "domain", "shapes", "NumPy"],
            (
                [
                    f"`{op.name}`",
                    f"`{op.formula}`",
                    *map(_escaped, (op.derivative, op.domain, op.shapes)),
                    _codes(op.counterparts),
                ]
                for op in OPS.values()
                if op.family == family
            ),
        )
    return page(lines)


IN_PYTHON: Mapping[str, str] = {
    "draw": "`dzviz.draw` or `dzviz.render` of a Variable, or with all steps of what "
    "`dzviz.record` returns; `dzviz.sweep`",
    "live": "`dzviz.live`",
    "grad": "`y.backward()` and `x.grad`; `dzviz.jacobian`, `dzviz.hessian`; `dzviz.sweep`",
    "value": "`y.data`",
    "why": "`dzviz.why`",
    "explain": "`dzviz.explain`",
    "flow": "`dzviz.flow`",
    "gradcheck": "`dzviz.gradcheck`",
    "diff": "`dzviz.diff`",
    "beside": "`dzviz.beside`",
    "lint": "`dzviz.remarks`",
    "trace": "`dzviz.trace`",
    "ops": "`dezero.functions`",
    "embed": "extensions for [Sphinx](../howto/sphinx.md) and [MkDocs](../howto/mkdocs.md)",
    "batch": "a loop over `dzviz.draw(y).save(path)`",
    "completion": "no counterpart",
}
"""What does in Python what a command does."""


def python() -> str:
    """Return the page of the public names of ``dzviz``."""
    lines = [
        "# Python\n",
        "These are the public names of `dzviz`. The autograd core is the package `dezero`, which",
        "has the names of the book. Functions that answer a question return an object that prints",
        'the answer and shows it in a notebook; `.save("a.svg")` writes it into a file.\n',
        *table(["command", "in Python"], ([f"`dzviz {n}`", IN_PYTHON[n]] for n in COMMANDS)),
    ]
    for name in dzviz.__all__:
        thing = getattr(dzviz, name)
        if not callable(thing):
            continue
        lines += [f"\n## {name}\n"]
        if inspect.isfunction(thing):
            lines += ["```text", f"dzviz.{name}{_signature(thing)}", "```\n"]
        lines += [*_docstring(inspect.getdoc(thing) or "")]
    return page(lines)


def howtos() -> str:
    """Return the list of the pages in docs/howto/: each one's title and first sentence."""
    lines = ["# How-to\n", "Each page shows how to do one particular thing.\n"]
    rows = []
    for path in sorted((DOCS / "howto").glob("*.md")):
        if path.name != "index.md":
            title, text = path.read_text(encoding="utf-8").split("\n\n")[:2]
            sentence = re.split(r"(?<=\.)\s", text)[0].replace("\n", " ").rstrip(":.") + "."
            rows.append([f"[{title.removeprefix('# ')}]({path.name})", sentence])
    return page(lines + list(table(["page", "what it is about"], rows)))


PAGES: Mapping[str, Callable[[], str]] = {
    "howto/index.md": howtos,
    "ops.md": ops,
    "reference/answers.md": answers,
    "reference/exit-codes.md": exit_codes,
    "reference/formats.md": formats,
    "reference/options.md": options,
    "reference/python.md": python,
    "reference/schemas.md": schemas,
    "reference/styles.md": styles,
    "reference/themes.md": theme_page,
}
"""Every page that is made, by its path in docs/."""


def page(lines: Iterable[str]) -> str:
    """Return a page of these lines, with one empty line where there are several."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip("\n") + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    head = list(head)
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def picture(arguments: str, folder: str, alt: str) -> list[str]:
    """Return the lines of a picture below the command that draws it; tools/gallery.py does."""
    name = shlex.split(arguments)[-1]
    return ["```sh", f"dzviz {arguments}", "```\n", f"![{alt}]({folder}/{name})"]


def session(command: str) -> list[str]:
    """Run a command, and return it with what it prints."""
    arguments = [sys.executable, "-m", "dzviz", *shlex.split(command)[1:]]
    printed = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    return ["```sh", f"$ {command}", *printed.splitlines(), "```"]


def _option(param: click.Parameter, is_draw: bool) -> list[str]:
    flag = isinstance(param, click.Option) and param.is_flag
    if isinstance(param, click.Argument):
        names = param.name.upper() if param.name else ""
    else:
        names = ", ".join(param.opts)
    values = [] if flag else _values(param)
    default = param.default if isinstance(param, click.Option) and not flag else None
    said = isinstance(default, str | int | float) and default != ""
    row = [
        f"`{names}`",
        " or ".join(f"`{value}`" for value in values),
        _escaped(getattr(param, "help", None) or ""),
        f"`{default}`" if said else "",
    ]
    return [*row, _concerned(param), ", ".join(_places(param))] if is_draw else row


def _values(param: click.Parameter) -> list[str]:
    if isinstance(param.type, click.Choice):
        return [str(choice) for choice in param.type.choices]
    words: tuple[str, ...] = getattr(param, "words", tuple)()
    return (
        [*words]
        if words and not param.metavar
        else (param.metavar or param.type.name.upper()).split("|")
    )


PICTURE: Mapping[str, tuple[type[Any], Field[Any]]] = {
    option.name: (kind, option) for kind in (Look, View, Layout) for option in options_of(kind)
}
"""The options of a picture, each with what it is a field of."""


def _concerned(param: click.Parameter) -> str:
    """In which formats and styles an option of the picture can change something."""
    if param.name not in PICTURE:
        return ""
    _, option = PICTURE[param.name]
    inside = [name for name, format in FORMATS.items() if format.heeds(option)]
    outside = [name for name in FORMATS if name not in inside]
    words = _codes(inside) if len(inside) <= len(outside) else f"all but {_codes(outside)}"
    parts = [words] if outside else []
    if option.metadata["styles"] is not None:
        fit = [name for name, style in STYLES.items() if getattr(style, option.metadata["styles"])]
        parts.append(f"styles {_codes(fit)}")
    return "; ".join(parts) or "all"


def _places(param: click.Parameter) -> Iterator[str]:
    """Where else than on the command line an option of ``draw`` can be said."""
    if getattr(param, "documents", False):
        most = MOST.get(param.name or "")
        yield "document" if most is None else f"document (at most {most})"
    if param.name in PICTURE:
        kind, option = PICTURE[param.name]
        if kind is Look:
            yield "file"
        same = written(option) == option.name.replace("_", "-").rstrip("-")
        yield "Python" if same else f"Python (`{option.name}`)"


def _paragraphs(command: click.Command) -> list[str]:
    return [" ".join(text.split()) for text in inspect.cleandoc(command.help or "").split("\n\n")]


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    return table(
        ["field", "type", "always", "what it is"],
        (
            [f"`{name}`", _type(part), _mark(name in required), part.get("description", "")]
            for name, part in schema["properties"].items()
        ),
    )


def _type(part: Mapping[str, Any]) -> str:
    """Say in words what a part of a schema allows."""
    if "$ref" in part:
        where, _, name = part["$ref"].rpartition("/")
        if where.endswith("properties"):
            return "as above"
        elsewhere = "schemas.md" if where.startswith("graph.schema.json") else ""
        return f"[{name}]({elsewhere}#{name.lower()})"
    if "const" in part:
        return f"`{json.dumps(part['const'])}`"
    if "enum" in part:
        return _codes(json.dumps(value) for value in part["enum"])
    for key in ("anyOf", "oneOf"):
        if key in part:
            return " or ".join(map(_type, part[key]))
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    words = " or ".join(kinds)
    if "items" in part:
        return f"{words} of {_type(part['items'])}"
    if "prefixItems" in part:
        return f"{words} of {', '.join(map(_type, part['prefixItems']))}"
    return f"{words} like `{part['pattern']}`" if "pattern" in part else words


def _signature(thing: Callable[..., Any]) -> str:
    """The signature without the quotes and modules of its types."""
    return re.sub(r"\b(?:dezero|dzviz|np)\.(?:\w+\.)*", "", str(inspect.signature(thing))).replace(
        "'", ""
    )


def _docstring(text: str) -> Iterator[str]:
    """Make a docstring's section of errors a list, and its examples a block."""
    for part in text.replace("``", "`").split("\n\n"):
        if part.startswith(">>> "):
            yield f"```text\n{part}\n```\n"
        elif part.startswith("Raises:"):
            lines = re.sub(r"\n {8,}", " ", part).splitlines()[1:]
            yield "Raises:\n"
            yield from (f"- `{line.strip().replace(':', '`:', 1)}" for line in lines)
            yield ""
        else:
            yield f"{part}\n"


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _mark(said: bool) -> str:
    return "yes" if said else ""


def _escaped(text: str) -> str:
    return re.sub(r"([*|<_])", r"\\\1", text)


if __name__ == "__main__":
    for name, made in PAGES.items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(made(), encoding="utf-8")
