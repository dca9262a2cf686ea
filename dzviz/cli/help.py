"""The parts of ``--help`` that are not options."""

from __future__ import annotations

import click

EXIT_CODES = (
    ("0", "success (a NaN or an infinity is only a warning)"),
    (
        "1",
        "the answer is no: a gradient differs or is lost, two graphs differ, a document is out of "
        "date, lint has a remark; a file of -o is written nevertheless",
    ),
    ("2", "wrong command line: an option, a format, a suffix, a value, an @file"),
    ("3", "the text of the expression is wrong"),
    (
        "4",
        "the expression cannot be evaluated: shapes, sizes, an error in --py-function; with "
        "--strict also a NaN or an infinity",
    ),
    ("5", "no layout engine could place the nodes, or a package for the format is missing"),
    ("6", "the output could not be written"),
    ("130, 141", "interrupted (SIGINT); the program that reads the output ended (SIGPIPE)"),
)
"""What each exit code of the command means."""

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
