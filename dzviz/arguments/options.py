"""The options of command lines: one for each field of `dzviz.options`, and what commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dzviz.fields import check_choice, options_of, written
from dzviz.options import ENGLISH, LANGUAGES, Passes
from dzviz.styles import STYLES

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Kind = TypeVar("Kind")

_TYPES: Mapping[str, click.ParamType[Any]] = {
    "int": click.INT,
    "float": click.FLOAT,
    "bool": click.BOOL,
}

OTHERS = "Options"
"""The heading of options that have no other."""


class Option(click.Option):
    """An option with its ``heading`` in the help, and whether ``documents`` may set it.

    ``words``, of which its value is one, are asked for when somebody needs them.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        heading: str = OTHERS,
        documents: bool = False,
        words: Callable[[], Sequence[str]] = tuple,
        **attributes: Any,
    ) -> None:
        way = complete_file if attributes.get("metavar") == "FILE" else choices(words)
        attributes.setdefault("shell_complete", way)
        super().__init__(names, **attributes)
        self.heading = heading
        self.documents = documents
        self.words = words

    def make_metavar(self, *args: Any, **context: Any) -> str:
        """Return what stands for its value in the help."""
        words = self.type.choices if isinstance(self.type, click.Choice) else self.words()
        return self.metavar or "|".join(words) or super().make_metavar(*args, **context)

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what stands in brackets behind the help, with limits in words: click has x>=1.

        Before 8.2, click does not ask for it.
        """
        extra = super().get_help_extra(ctx)
        if "range" in extra:
            least, most = (getattr(self.type, side) for side in ("min", "max"))
            extra["range"] = f"{least} or more" if most is None else f"{least} to {most}"
        return extra


def write_below_headings(
    params: Sequence[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write the help of options below their headings."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for param in params:
        record = param.get_help_record(ctx)
        if record is not None:
            groups.setdefault(getattr(param, "heading", OTHERS), []).append(record)
    for heading, records in groups.items():
        with formatter.section(heading):
            formatter.write_dl(records)


def complete_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Let the shell complete the name of a file."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def choices(words: Callable[[], Sequence[str]]) -> Callable[..., list[CompletionItem]]:
    """Let the shell complete one of these words."""

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in words() if word.startswith(incomplete)]

    return complete


QUIET = Option(
    ["-q", "--quiet"], is_flag=True, documents=True, help="Print no warnings and no hints."
)
SWEEP = Option(
    ["--sweep"],
    multiple=True,
    metavar="NAME=VALUES",
    heading=Passes.heading,
    documents=True,
    help="Compute for many values of a variable: x=-3:3:61, x=1e-3:10:41:log, x=@values.csv, or "
    "of one element: W[0,1]=-1:1:21. Given twice, it makes a grid.",
)
STRICT = Option(
    ["--strict"], is_flag=True, help="Treat a NaN or an infinity as an error (exit code 4)."
)
LANG = Option(
    ["--lang"],
    type=click.Choice(LANGUAGES),
    default=ENGLISH,
    show_default=True,
    documents=True,
    help="The language of the answer. Names, ops and numbers stay; JSON and TeX are in English.",
)


def format_option(
    formats: Iterable[str], help: str = "The format of the answer.", default: str | None = "text"
) -> Option:
    """Make the option for one of the formats of an answer."""
    return Option(
        ["-T", "--format", "format_name"],
        type=click.Choice(list(formats)),
        default=default,
        show_default=True,
        documents=True,
        help=help,
    )


def named_format_option(formats: Mapping[str, Any]) -> Option:
    """Make the option for a format that the suffix of -o can say, too; each has its ``help``."""
    told = "; ".join(f"{name}: {row.help}" for name, row in formats.items())
    return Option(
        ["-T", "--format", "format_name"],
        metavar="FORMAT",
        words=lambda: tuple(formats),
        documents=True,
        help=f"{told}. The default is the suffix of -o, or else text.",
    )


def order_option(help: str) -> Option:
    """Make the option for an order of derivatives from 1 on."""
    return Option(
        ["--order"],
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        documents=True,
        help=help,
    )


def output_option(help: str) -> Option:
    """Make the option for a file that is written."""
    return Option(["-o", "--output"], metavar="FILE", help=help)


def field_options(kind: type[Any], *names: str, but: str = "") -> list[click.Parameter]:
    """Make an option of every field of `Passes`, `Look`, `View` or `Layout`, or of those named.

    One may be left out. Where the fields are read, they check their values themselves.
    """
    return [
        _option(kind, field)
        for field in options_of(kind)
        if (not names or field.name in names) and field.name != but
    ]


def read_options(kind: type[Kind], given: Mapping[str, Any]) -> Kind:
    """Take the options of `Passes`, `Look`, `View` or `Layout` out of a command's values.

    Raises:
        UsageError: One of them is not as it should be.
    """
    values = {}
    for field in options_of(kind):
        if field.name in given:
            value = given[field.name]
            if "each" in field.metadata:
                value = tuple(word.strip() for word in (value or "").split(",") if word.strip())
            if "table" in field.metadata and value != field.default:
                check_choice(written(field), value, _rows(field))
            values[field.name] = value
    return kind(**values)


def _rows(field: Field[Any]) -> Mapping[str, str]:
    """Return what the rows are called that a field may name, and what is said of each."""
    if field.metadata["table"] == "styles":
        return {style.name: style.help for style in STYLES.values()}
    from dzviz.layout import ENGINES

    return dict.fromkeys(("auto", *ENGINES), "")


def _option(kind: type[Any], field: Field[Any]) -> Option:
    facts = field.metadata
    help = facts["help"]
    attributes: dict[str, Any] = {"metavar": facts.get("metavar", "N")}
    if facts.get("table") == "styles":
        help = "; ".join(f"{name}: {row}" for name, row in _rows(field).items()) + "."
    if "table" in facts:
        attributes = {"words": lambda: tuple(_rows(field))}
    elif "choices" in facts:
        attributes = {"words": lambda: tuple(filter(None, facts["choices"]))}
    if field.type == "bool":
        attributes = {"is_flag": True, "flag_value": not field.default}
    elif "each" in facts:
        attributes = {"metavar": "FACT[,FACT]", "words": lambda: facts["each"]}
    return Option(
        [f"--{written(field)}", field.name],
        type=_TYPES.get(str(field.type).partition(" ")[0], click.STRING),
        default=field.default if field.default != () else None,
        show_default=field.default not in (None, "", ()) and not isinstance(field.default, bool),
        envvar=facts.get("environment"),
        show_envvar="environment" in facts,
        help=help,
        heading=kind.heading,
        documents=facts["documents"],
        **attributes,
    )
