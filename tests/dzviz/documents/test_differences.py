"""What changes, told as diff tells it: a reader of diffs makes the new text of the old one."""

import difflib
import re

from hypothesis import given
from hypothesis import strategies as st

from dzviz.documents.differences import Change, unified


def applied(old, diff):
    """Make the new text of the old one and a diff, which has to be right in every number."""
    diff = list(diff)
    if not diff:
        return list(old)
    assert diff[0].startswith("--- ")
    assert diff[1].startswith("+++ ")
    new = []
    at = 0
    counts = [0, 0]
    for line in diff[2:]:
        if line.startswith("@@"):
            assert counts == [0, 0]
            numbers = re.fullmatch(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n", line).groups()
            was, count, will_be, new_count = (1 if n is None else int(n) for n in numbers)
            counts = [count, new_count]
            begin = was - 1 if count else was
            assert begin >= at
            new += old[at:begin]
            at = begin
            assert len(new) == (will_be - 1 if new_count else will_be)
            continue
        sign, text = line[0], line[1:]
        if sign in " -":
            assert old[at] == text
            at += 1
            counts[0] -= 1
        if sign in " +":
            new.append(text)
            counts[1] -= 1
    assert counts == [0, 0]
    return new + list(old[at:])


lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=12)


@given(st.lists(st.tuples(lines, lines, lines), max_size=5), lines)
def test_a_diff_makes_the_new_text_of_the_old_one(parts, end):
    old, new, changes = [], [], []
    for kept, before, after in parts:
        old += kept
        new += kept
        changes.append(Change(len(old), len(old) + len(before), len(new), len(new) + len(after)))
        old += before
        new += after
    old, new = [*old, *end], [*new, *end]
    diff = list(unified(old, new, changes, "d.md"))
    assert applied(old, diff) == new
    assert (old == new) == (not diff)


def test_one_change_is_told_as_difflib_tells_it():
    old = [f"{i}\n" for i in range(20)]
    for new, change in (
        ([*old[:9], "x\n", *old[10:]], Change(9, 10, 9, 10)),
        ([*old[:9], "x\n", "y\n", *old[9:]], Change(9, 9, 9, 11)),
        ([*old[:9], *old[12:]], Change(9, 12, 9, 9)),
        (["x\n", *old], Change(0, 0, 0, 1)),
        ([*old, "x"], Change(20, 20, 20, 21)),
        ([], Change(0, 20, 0, 0)),
    ):
        assert list(unified(old, new, [change], "d")) == list(
            difflib.unified_diff(old, new, "d", "d")
        )


def test_lines_that_come_again_and_again_are_not_all_compared(monkeypatch):
    pairs = []

    def count(self, junk, a, b, autojunk):
        pairs.append(len(a) * len(b))
        raise AssertionError

    monkeypatch.setattr(difflib.SequenceMatcher, "__init__", count)
    old = [f"l{i % 100}\n" for i in range(120_000)]
    new = [f"l{(7 * i + 1) % 100}\n" for i in range(110_000)]
    diff = unified(old, new, [Change(0, len(old), 0, len(new))], "d.md")
    assert applied(old, diff) == new
    assert pairs == []
