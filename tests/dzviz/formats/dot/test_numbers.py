"""Numbers by columns, beside the same numbers one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dzviz.formats.dot import numbers as digits
from dzviz.text.numbers import number

TENS = 10.0 ** np.arange(-30, 30)

EDGES = [
    *TENS,
    *np.nextafter(TENS, 0),
    *np.nextafter(TENS, np.inf),
    *[0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -1.7e308, 2.0**53],
    *[999999.5, 999999.4, 9999.5, 0.99995, 9.9995, 99995.0, 0.000099995, 1e-4, 0.1, 0.3, 1 / 3],
]


def random_values():
    draw = np.random.default_rng(0)
    return np.concatenate(
        [
            draw.standard_normal(500),
            10 ** draw.uniform(-25, 25, 1000) * draw.choice([-1, 1], 1000),
            draw.integers(-2_000_000, 2_000_000, 500) / draw.choice([1, 8, 1000], 500),
            # In the middle of two that have fewer digits.
            (2 * draw.integers(1, 50_000, 1000) + 1) / 2 / 10.0 ** draw.integers(0, 6, 1000),
        ]
    )


def texts(characters):
    return [bytes(row[row != 0]).decode() for row in characters]


@pytest.mark.parametrize("precision", range(1, 18))
@pytest.mark.parametrize("values", [EDGES, random_values()], ids=["edges", "random"])
def test_numbers_are_written_as_each_alone(values, precision):
    (written,) = digits.numbers(precision, np.array(values))
    assert texts(written) == [number(np.float64(value), precision) for value in values]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.floats(), min_size=1), st.integers(1, 17))
def test_any_numbers_are_written_as_each_alone(values, precision):
    (written,) = digits.numbers(precision, np.array(values))
    assert texts(written) == [number(np.float64(value), precision) for value in values]


def test_few_of_the_usual_numbers_are_written_alone(monkeypatch):
    alone = []
    monkeypatch.setattr(digits, "number", lambda x, p: alone.append(x) or number(x, p))
    digits.numbers(4, random_values()[:500])
    digits.numbers(4, np.array([0.0, 0.5, 1.0, -2.0, 100.0, 12345.6, 1e-5, 3e9]))
    assert len(alone) <= 2


@pytest.mark.parametrize("n", [0, 1, 300])
def test_integers(n):
    values = np.arange(n) * 37
    first, second = digits.integers(values, np.minimum(values, 5))
    assert texts(first) == [str(i) for i in values]
    assert texts(second) == [str(i) for i in np.minimum(values, 5)]


def test_what_is_no_number_of_a_node_is_written_as_zero():
    (column,) = digits.integers(np.array([-1, 10]))
    assert texts(column) == ["0", "10"]


@pytest.mark.parametrize("n", [0, 1, digits.BLOCK, 2 * digits.BLOCK + 1])
def test_rows_are_joined_without_zero_bytes(n):
    rows = [b"%d\0,\0\0" % (i % 10) for i in range(n)]
    matrix = np.frombuffer(b"".join(rows), np.uint8).reshape(n, 5)
    assert digits.joined(matrix) == "".join(f"{i % 10}," for i in range(n))
