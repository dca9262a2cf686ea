"""What a page's script shows, as JSON: each text once, and which one stands where from when on.

Of a sweep each number that changes is a column, with one text for each point; what is written
around the numbers is there once. It knows no graph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dzviz.svg.timeline import Track

NUMBER = re.compile(r"([-\u2212]?\d+(?:\.\d+)?(?:e[-\u2212]?\d+)?|\bNaN\b|\binf\b)")
"""What may change in a line from one point to the next."""


def quote(data: Any) -> str:
    r"""Write JSON that cannot end the script in which it stands.

    >>> print(quote("</script>"))
    "\u003c/script\u003e"
    """
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(_SIGNS)


_SIGNS = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


class Texts:
    """Texts by number, each made of lines by number.

    Most texts differ from another in one line: of a leaf with 126 uses this makes 5 MB of 29.
    A line that changes over the ``points`` of a sweep has holes, which columns fill.
    """

    def __init__(self, points: int = 0) -> None:
        self.points = points
        self.lines: dict[Any, int] = {}
        self.texts: dict[Any, int] = {}
        self.columns: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text."""
        return self.known([(line,) for line in text.split("\n")])

    def known(self, lines: Sequence[tuple[Any, ...]]) -> int:
        """Return the number of a text of lines, which may have holes."""
        return self.texts.setdefault(self.numbers(lines), len(self.texts))

    def numbers(self, lines: Sequence[tuple[Any, ...]]) -> tuple[int, ...]:
        """Return the numbers of lines."""
        return tuple([self.lines.setdefault(line, len(self.lines)) for line in lines])

    def over(self, texts: Mapping[int, str]) -> int:
        """Return the number of a text that is another at each of these points.

        Points where it has other words, and not other numbers alone, have a variant of their own.
        """
        different = list(dict.fromkeys(texts.values()))
        if len(different) == 1:
            return self.number(different[0])
        split = {text: [NUMBER.split(line) for line in text.split("\n")] for text in different}
        variants: dict[tuple[tuple[str, ...], ...], list[int]] = {}
        for point, text in texts.items():
            words = tuple([tuple(parts[::2]) for parts in split[text]])
            variants.setdefault(words, []).append(point)
        made = [
            self.numbers(
                [
                    self.line({point: split[texts[point]][i] for point in points})
                    for i in range(len(words))
                ]
            )
            for words, points in variants.items()
        ]
        if len(made) == 1:
            return self.texts.setdefault(made[0], len(self.texts))
        which = {p: str(i) for i, points in enumerate(variants.values()) for p in points}
        return self.texts.setdefault((tuple(made), self.column(which)), len(self.texts))

    def line(self, parts: Mapping[int, Sequence[str]]) -> tuple[Any, ...]:
        """Return a line of words and numbers, of which those that change become holes."""
        rows = list(parts.values())
        words, holes = [rows[0][0]], []
        for i in range(1, len(rows[0]), 2):
            if all(row[i] == rows[0][i] for row in rows):
                words[-1] += rows[0][i] + rows[0][i + 1]
                continue
            holes.append(self.column({point: row[i] for point, row in parts.items()}))
            words.append(rows[0][i + 1])
        return (tuple(words), tuple(holes)) if holes else (words[0],)

    def column(self, texts: Mapping[int, str]) -> int:
        """Return the number of a column, which has nothing at other points."""
        text = " ".join([texts.get(point, "") for point in range(self.points)])
        return self.columns.setdefault(text, len(self.columns))

    def as_data(self) -> dict[str, Any]:
        """Write them down; a line with holes is a list, a text with variants an object."""
        found: dict[str, Any] = {
            "texts": [
                {"variants": text[0], "which": text[1]}
                if text and isinstance(text[0], tuple)
                else text
                for text in self.texts
            ],
            "lines": [line[0] if len(line) == 1 else line for line in self.lines],
        }
        return found | {"columns": list(self.columns)} if self.points else found


def layers(tracks: Iterable[Track], texts: Texts) -> dict[str, list[tuple[int, int]]]:
    """Say for each element which text it has from which step on."""
    return {
        track.key: [(step, texts.number(text)) for step, text in track.states] for track in tracks
    }


def layers_over(
    tracks: Mapping[int, Sequence[Track]], texts: Texts
) -> dict[str, list[tuple[int, int]]]:
    """Tell the same of the tracks at each of some points, which have the same keys."""
    by_key: dict[str, dict[int, Mapping[int, str]]] = {}
    for point, some in tracks.items():
        for key, states in some:
            by_key.setdefault(key, {})[point] = dict(states)
    return {key: _layer(states, texts) for key, states in by_key.items()}


def _layer(states: Mapping[int, Mapping[int, str]], texts: Texts) -> list[tuple[int, int]]:
    steps = sorted({step for each in states.values() for step in each})
    current: dict[int, str] = dict.fromkeys(states, "")
    layer: list[tuple[int, int]] = []
    for step in steps:
        current |= {point: each[step] for point, each in states.items() if step in each}
        number = texts.over(current)
        if not layer or layer[-1][1] != number:
            layer.append((step, number))
    return layer
