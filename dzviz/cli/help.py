"""The parts of ``--help`` that are not options."""

from __future__ import annotations

import click

EXIT_CODES = (
    ("0", "all went well (a NaN or an infinity is a warning)"),
    (
        "1",
        "the answer is no: a gradient differs or is lost, two graphs differ, a document is stale, "
        "lint has a remark",
    ),
    ("2", "the command line: an option, a format, a suffix, a value, an @file"),
    ("3", "the text of the expression"),
    ("4", "the evaluation: shapes, sizes, an error in --py-function; not finite under --strict"),
    ("5", "the layout: no engine could place the nodes, or the format's package is missing"),
    ("6", "the output could not be written"),
    ("130, 141", "interrupted; the reader of the output left"),
)
"""What the command's exit codes say."""

EXAMPLES = (
    'dzviz "sin(x)" --x 1.0 --retain-grad',
    'dzviz "a = x**2; a*sin(a)" --x 3 -o graph.svg',
    'dzviz "sum(tanh(x@W + b))" --x "[[1,2]]" --W "randn(2,3)" --b "zeros(3)" -o mlp.png',
    'dzviz grad "x**y" --x 2 --y 3',
)


def epilog(formatter: click.HelpFormatter) -> None:
    """Write examples and exit codes."""
    with formatter.section("Examples"):
        for example in EXAMPLES:
            formatter.write(f"  {example}\n")
    with formatter.section("Values"):
        formatter.write_text(
            "numbers (-1e-5, 2*pi), lists ([[1, 2], [3, 4]]), zeros(2, 3) ones eye arange "
            "linspace rand randn, and files: @w.npy @w.npz @w.csv @w.json"
        )
    with formatter.section("Exit codes"):
        formatter.write_dl(EXIT_CODES)
