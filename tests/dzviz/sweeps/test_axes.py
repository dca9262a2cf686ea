"""What is swept, from what the user writes."""

import math

import numpy as np
import pytest

from dzviz.errors import UsageError
from dzviz.sources.expression import read
from dzviz.sweeps.axes import MOST, read_axes, spaced

SUBJECT = read("x * w * sum(W)")


def axes(*texts, **values):
    return read_axes(texts, SUBJECT, values)


def test_values_are_the_round_numbers_that_were_meant():
    (x,) = axes("x=-3:3:61")
    assert x.values == tuple(round(-3 + i / 10, 1) for i in range(61))
    assert x.label == "x"
    assert str(x.values[30]) == "0.0"  # and not -0.0
    (falls,) = axes("x=1:0:5")
    assert falls.values == (1.0, 0.75, 0.5, 0.25, 0.0)
    (circle,) = axes("x=-pi:pi:5")
    assert circle.values == pytest.approx(np.linspace(-math.pi, math.pi, 5))
    (log,) = axes("x = 1e-3 : 10 : 5 : log")
    assert log.values == (0.001, 0.01, 0.1, 1.0, 10.0)
    assert log.log
    (below,) = axes("x=-100:-1:3:log")
    assert below.values == (-100.0, -10.0, -1.0)


def test_no_two_values_are_rounded_to_one():
    for start, stop in ((1.0, 1.0 + 1e-13), (1e9, 1e9 + 1e-4), (-1e-300, 1e-300), (5e-324, 1e-320)):
        values = spaced(start, stop, 20 if stop > 1e-310 else 5)
        assert len(set(values)) == len(values)
        assert (values[0], values[-1]) == (start, stop)


def test_a_list_and_an_element(tmp_path):
    file = tmp_path / "values.csv"
    file.write_text("1\n2.5\n7\n")
    first, second = axes(f"x=@{file}", "W[ 0 , 1 ]=-1:1:3", W="[[1,2],[3,4]]")
    assert first.values == (1.0, 2.5, 7.0)
    assert (second.name, second.place, second.label) == ("W", (0, 1), "W[0,1]")


def test_what_is_wrong_is_said(tmp_path):
    (tmp_path / "back.csv").write_text("1\n3\n2\n")
    (tmp_path / "one.csv").write_text("1\n")
    (tmp_path / "nan.csv").write_text("1\nnan\n")
    wrong = {
        ("x",): "takes NAME=START:STOP:COUNT",
        ("x=1:2",): "takes NAME=START:STOP:COUNT",
        ("x=1:2:3:lin",): "takes NAME=START:STOP:COUNT",
        ("=1:2:3",): "takes NAME=START:STOP:COUNT",
        ("v=1:2:3",): "there is no variable 'v'",
        ("x=1:1:3",): "begins and ends with 1",
        ("x=1:2:1",): "2 values or more",
        ("x=1:2:-3",): "2 values or more",
        ("x=1:2:2.5",): "2 values or more",
        ("x=1:2:1001",): "1001 points are too many",
        ("x=0:2:3:log",): "a logarithmic axis has no 0",
        ("x=-1:2:3:log",): "a logarithmic axis has no 0",
        ("x=a:2:3",): "a value cannot use a variable",
        ("x=[1,2]:2:3",): "the ends of x are numbers",
        ("x=nan:2:3",): "",
        ("x=-1e308:1e308:3",): "not finite",
        ("x=1:2:40", "w=1:2:40"): "1600 points are too many",
        ("x=1:2:3", "w=1:2:3", "W[0]=1:2:3"): "sweep one variable, or two",
        ("x=1:2:3", "x=1:2:3"): "swept twice",
        ("W=1:2:3",): "has both a value and a sweep",
        ("W[a]=1:2:3",): "takes NAME=START:STOP:COUNT",
        ("W[]=1:2:3",): "not an element",
        ("x[0]=1:2:3",): "x needs a value",
        (f"x=@{tmp_path}/back.csv",): "not in rising or falling order",
        (f"x=@{tmp_path}/one.csv",): "has 1 value of x",
        (f"x=@{tmp_path}/nan.csv",): "",
        (f"x=@{tmp_path}/none.csv",): "cannot use",
    }
    for texts, message in wrong.items():
        with pytest.raises(UsageError) as found:
            axes(*texts, W="[1,2]")
        assert message in str(found.value), texts
    assert MOST == 1000
