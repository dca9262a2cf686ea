"""The table and the description."""

from support.graphs import graph_of
from wcwidth import wcswidth

from dzviz.formats import alt, text
from dzviz.options import Look


def lines(module, graph):
    return "".join(module.write(graph, Look())).splitlines()


def test_the_table():
    assert lines(text, graph_of("a = x**2; a*sin(a)", x=3.0)) == [
        "name  from      data    grad",
        "x     input     3       -46.73",
        "a     x ** 2    9       None (was -7.788)",
        "v2    sin of a  0.4121  None (was 9)",
        "y     a * v2    3.709   None (was 1, seed)",
        "",
        "a = x**2; y = a*sin(a)",
        "grad = dy/d(node)",
    ]


def test_a_constant_is_called_by_its_number():
    assert lines(text, graph_of("2*x", x=3.0))[1:4] == [
        "2     constant  2     constant",
        "x     input     3     2",
        "y     2 * x     6     None (was 1, seed)",
    ]


def test_columns_stay_aligned_with_wide_characters():
    table = lines(text, graph_of("변수*名前", 변수=2.0, 名前=3.0))[:4]
    starts = {
        wcswidth(line[: line.index(data)])
        for line, data in zip(table, ["data", "2", "3", "6"], strict=True)
    }
    assert len(starts) == 1


def test_alt_is_one_line():
    (line,) = lines(alt, graph_of("sin(x)", x=1.0))
    assert line.startswith("Computational graph of y = sin(x): 2 variables, 1 function.")
