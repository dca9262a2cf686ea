"""``dzviz embed``: what is written, what is stale, what is refused and leaves no trace."""

import hashlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dzviz.cli.commands import embed
from dzviz.cli.commands.embed import MOST_MISSED
from dzviz.documents.embedding import MAX_MARKERS
from dzviz.documents.existing import beginnings
from dzviz.documents.markers import MARKUPS
from dzviz.formats import FORMATS

ROOT = Path(__file__).parents[4]
DOCUMENT = """\
# A page

<!-- dzviz "sin(x)" --x 1.0 -T text -->
<!-- /dzviz -->

<!-- dzviz "x*x" --x 3 -o pictures/square.svg -->
<!-- /dzviz -->
"""
COMMENTS = {
    "markdown": "<!-- dzviz {} -->\n<!-- /dzviz -->\n",
    "rst": ".. dzviz {}\n.. /dzviz\n",
    "asciidoc": "// dzviz {}\n// /dzviz\n",
}


def marker(command):
    return COMMENTS["markdown"].format(command)


def tree(folder):
    """All that is below a folder: names, kinds, bytes, times of change."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            os.readlink(path)
            if path.is_symlink()
            else hashlib.sha256(path.read_bytes()).hexdigest()
            if path.is_file()
            else None,
        )
        for path in sorted(Path(folder).rglob("*"))
    }


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a secret beside it that no document may touch."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_text("4,2\n")
    (tmp_path / "outside" / "secret.svg").write_text("<svg>mine</svg>")
    made = tmp_path / "docs"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


@pytest.fixture
def page(folder):
    path = folder / "a.md"
    path.write_text(DOCUMENT)
    return path


# What is written


def test_blocks_and_pictures_are_written_and_then_up_to_date(dzviz, page, folder):
    result = dzviz("embed", "a.md")
    assert (result.code, result.out) == (0, "")
    assert result.err == "dzviz: a.md is written (lines 3, 6)\n"
    text = page.read_text()
    assert text.count("```text\nname  from      data    grad\n") == 1
    assert re.search(r"!\[Computational graph of y = x\\\*x: .*x, input: data 3, grad 6\.", text)
    assert "](pictures/square.svg)" in text
    direct = dzviz("x*x", "--x", "3", "-T", "svg").out
    assert (folder / "pictures" / "square.svg").read_text() == direct
    before = tree(folder)
    for args in ((), ("--check",), ("--diff",), ("--check", "--diff")):
        result = dzviz("embed", "a.md", *args)
        assert (result.code, result.out, result.err) == (0, "", "")
    assert tree(folder) == before


@pytest.mark.parametrize("name", MARKUPS)
def test_every_markup_is_written_once_and_stays(dzviz, folder, name):
    commands = ['"sin(x)" --x 1', "x --x 2 -T mermaid", "x --x 1 -o a.svg", "-x --x 1 -o b.png"]
    commands += ["x*x --x 2 -o c.svg --theme light,dark", "x --x 2 -T alt", "x --x 2 -T json"]
    page = folder / f"page{MARKUPS[name].suffixes[0]}"
    page.write_text("".join(f"\ntext\n\n{COMMENTS[name].format(command)}" for command in commands))
    assert dzviz("embed", page.name).code == 0
    text = page.read_text()
    assert sorted(os.listdir(folder)) == sorted(
        ["a.svg", "b.png", "c-dark.svg", "c.svg", page.name]
    )
    assert all(text.count(file) >= 1 for file in ("a.svg", "b.png", "c.svg", "c-dark.svg"))
    assert dzviz("embed", "--check", page.name).code == 0
    assert dzviz("embed", page.name).err == ""
    assert page.read_text() == text


def test_two_graphs_in_one_picture(dzviz, folder):
    dzviz("tanh(x)", "--x", "1", "-T", "json", "--full", "-o", "tanh.json")
    command = 'beside "sin(x)" "cos(x)" --x 1 -o both.svg --theme light,dark --style merged'
    (folder / "a.md").write_text(marker(command) + marker("beside tanh.json x --x @x.csv -o b.png"))
    (folder / "x.csv").write_text("4")
    assert dzviz("embed", "a.md").err == "dzviz: a.md is written (lines 1, 3)\n"
    text = (folder / "a.md").read_text()
    assert text.count("Computational graph of y = ") == 3
    for theme, name in (("light", "both.svg"), ("dark", "both-dark.svg")):
        alone = dzviz(*shlex.split(command)[:5], "--style", "merged", "--theme", theme).out
        assert (folder / name).read_text() == alone
    assert (folder / "b.png").read_bytes().startswith(b"\x89PNG")
    assert dzviz("embed", "--check", "a.md").code == 0


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('beside "sin(x)" x --x 1', "svg cannot be part of a document"),
        ('beside "sin(x)" x --x 1 -T dot', "dot does not draw two graphs side by side"),
        ("beside m.py:f x --x 1 -o b.svg", "'m.py:f' runs code, which this document is not"),
        ("beside ../outside/a.json x --x 1 -o b.svg", "leads out of the documents' folder"),
        ("beside x y --x 1 --y @../outside/secret.csv -o b.svg", "leads out of the documents'"),
        ("beside x y --x 1 --y 2 -o b.svg --engine dot", "--engine does not work in documents"),
        ("beside x y --x 1 --y 2 -o b.svg --max-elements 20000", "--max-elements is at most"),
        ("beside x y --x 1 -o b.svg", "B: no value for 'y'"),
        ("beside x --x 1 -o b.svg", "there is one operand"),
    ],
)
def test_two_graphs_are_held_to_the_same(dzviz, folder, command, words):
    (folder / "a.md").write_text(marker(command))
    before = tree(folder)
    result = dzviz("embed", "a.md")
    assert (result.code != 0, words in result.err) == (True, True), result.err
    assert tree(folder) == before


def test_functions_stand_beside_each_other_where_code_may_run(dzviz, folder):
    (folder / "m.py").write_text("def f(x):\n    return x * x\n")
    (folder / "a.md").write_text(marker("beside m.py:f x --x 3 -o b.svg"))
    assert dzviz("embed", "--allow-python", "a.md").code == 0
    assert "y = f(x)" in (folder / "b.svg").read_text()


def test_the_first_theme_is_for_who_has_no_preference(dzviz, folder):
    (folder / "a.md").write_text(marker("x --x 1 -o p/x.svg --theme dark,light"))
    assert dzviz("embed", "a.md").code == 0
    text = (folder / "a.md").read_text()
    assert 'media="(prefers-color-scheme: light)" srcset="p/x-light.svg"' in text
    assert 'src="p/x.svg"' in text
    assert "#0f172a" in (folder / "p" / "x.svg").read_text()
    assert "#0f172a" not in (folder / "p" / "x-light.svg").read_text()


def test_a_title_is_said_first(dzviz, folder):
    (folder / "a.md").write_text(marker('x --x 1 -o x.svg --title "One leaf."'))
    dzviz("embed", "a.md")
    assert "![One leaf. Computational graph of x: 1 variable" in (folder / "a.md").read_text()


def test_a_film_and_the_display_options_of_the_folder(dzviz, folder):
    (folder / "dzviz.toml").write_text('precision = 7\nhide = ["generation"]\n')
    (folder / "a.md").write_text(
        marker("x*x --x 3 -o film.svg --animate") + marker('"sin(x)" --x 1 -T text')
    )
    assert dzviz("embed", "a.md").code == 0
    assert "0.8414710" in (folder / "a.md").read_text()
    assert (
        "<animate" in (folder / "film.svg").read_text()
        or "@keyframes" in (folder / "film.svg").read_text()
    )


def test_files_are_read_beside_the_document(dzviz, folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "w.csv").write_text("1,2\n")
    (folder / "deep" / "a.md").write_text(marker('"sum(w)" --w @w.csv -T text'))
    assert dzviz("embed", "deep/a.md").code == 0
    assert "[1, 2]" in (folder / "deep" / "a.md").read_text()


def test_python_runs_where_it_is_trusted(dzviz, folder, monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    (folder / "helper.py").write_text("two = 2\n")
    (folder / "model.py").write_text("import helper\ndef f(x):\n    return helper.two * x\n")
    (folder / "a.md").write_text(marker("--py-function model.py:f --x 3 -T text"))
    before = tree(folder)
    result = dzviz("embed", "--check", "--allow-python", "--root", ".", "a.md")
    assert (result.code, tree(folder)) == (1, before)
    assert "run: dzviz embed --root . --allow-python a.md" in result.err
    assert dzviz("embed", "--allow-python", "a.md").code == 0
    assert "y     2 * x" in (folder / "a.md").read_text()
    result = dzviz("embed", "a.md")
    assert (result.code, "a.md:1: --py-function runs code" in result.err) == (2, True)


def test_an_error_that_nobody_foresaw_has_its_line(dzviz, folder):
    mute = "class Mute:\n    __str__ = None\n\n"
    code = "def odd(x):\n    y = x * 2\n    y.name = Mute()\n    return y\n"
    (folder / "model.py").write_text(mute + code)
    (folder / "a.md").write_text(marker("x --x 1") + marker("--py-function model.py:odd --x 3"))
    result = dzviz("embed", "--allow-python", "a.md")
    assert result.code == 4
    assert "error: a.md:3: drawing model.py:odd raised TypeError: " in result.err
    (folder / "all.txt").write_text("a: --py-function model.py:odd --x 3\nb: x --x 1\n")
    result = dzviz("batch", "--allow-python", "all.txt")
    assert result.code == 4
    assert "error: all.txt:1: drawing model.py:odd raised TypeError: " in result.err
    assert (folder / "b.svg").exists()


def test_a_document_named_twice_is_one(dzviz, page):
    assert dzviz("embed", "a.md", "./a.md", str(page)).err.count("\n") == 1


def test_a_document_elsewhere_has_its_own_folder_for_root(dzviz, folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text(marker("x --x 1 -o p/x.svg"))
    (other / "b.md").write_text(marker("x --x 1 -o ../x.svg"))
    assert dzviz("embed", str(other / "a.md")).code == 0
    assert (other / "p" / "x.svg").exists()
    assert dzviz("embed", str(other / "b.md")).code == 2
    assert dzviz("embed", str(other / "b.md"), "--root", str(tmp_path)).code == 0
    assert (tmp_path / "x.svg").exists()
    result = dzviz("embed", str(other / "b.md"), "--root", ".")
    assert (result.code, "leads out of the documents' folder" in result.err) == (2, True)
    assert dzviz("embed", str(other / "b.md"), "--root", "nowhere").code == 2


PIECES = st.lists(
    st.one_of(
        st.text("ab \t\r\n`~<!->é\x0b\x0c\x85\u2028x/*", max_size=12),
        st.sampled_from(['"sin(x)" --x 1', "x*y --x 2 --y 3 -T mermaid", "x --x 1 -T alt"]).map(
            lambda command: (command,)
        ),
    ),
    max_size=6,
)


@given(PIECES, st.booleans(), st.booleans())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_text_outside_of_markers_keeps_every_byte(dzviz, pieces, bom, windows):
    newline = "\r\n" if windows else "\n"
    outside = [piece for piece in pieces if isinstance(piece, str)]
    parts = [
        piece if isinstance(piece, str) else f"{newline}{marker(piece[0])}".replace("\n", newline)
        for piece in pieces
    ]
    begins = "\ufeff" * bom
    data = (begins + "".join(parts).replace("\r\r\n", "\r\n")).encode()
    with tempfile.TemporaryDirectory() as name:
        page = Path(name, "a.md")
        page.write_bytes(data)
        code = dzviz("embed", str(page)).code
        once = page.read_bytes()
        if code:
            assert once == data
            return
        assert dzviz("embed", str(page)).code == 0
        assert page.read_bytes() == once
        assert dzviz("embed", "--check", str(page)).code == 0
    closed = rb"(<!-- dzviz [^>]*-->\r?\n).*?(<!-- /dzviz -->)"
    # Within a fence markers are only shown.
    if not any(mark in "".join(outside) for mark in ("```", "~~~")):
        assert re.sub(closed, rb"\1\2", once, flags=re.DOTALL) == data
        if windows:
            bodies = re.findall(rb"<!-- dzviz [^>]*-->\r\n(.*?)<!-- /dzviz", once, re.DOTALL)
            assert all(body.count(b"\n") == body.count(b"\r\n") for body in bodies)
    assert once.startswith(begins.encode())


def test_a_byte_order_mark_before_a_marker_stays(dzviz, folder):
    data = b"\xef\xbb\xbf" + marker("x --x 1").encode()
    (folder / "a.md").write_bytes(data)
    assert dzviz("embed", "a.md").code == 0
    after = (folder / "a.md").read_bytes()
    assert after.startswith(b"\xef\xbb\xbf<!-- dzviz x --x 1 -->\n\n```dot\n")


# What is stale


def change_expression(folder):
    text = (folder / "a.md").read_text()
    (folder / "a.md").write_text(text.replace("--x 1.0", "--x 2.0"))
    return "line 3"


def edit_a_block(folder):
    text = (folder / "a.md").read_text()
    (folder / "a.md").write_text(text.replace("0.8415", "0.8425"))
    return "line 3"


def remove_a_picture(folder):
    (folder / "pictures" / "square.svg").unlink()
    return "line 16"


def edit_a_picture(folder):
    with open(folder / "pictures" / "square.svg", "a") as file:
        file.write("\n")
    return "line 16"


def rename_a_picture(folder):
    (folder / "pictures" / "square.svg").rename(folder / "pictures" / "squares.svg")
    return "line 16"


def rename_the_picture_in_the_marker(folder):
    text = (folder / "a.md").read_text()
    (folder / "a.md").write_text(text.replace("-o pictures/square.svg", "-o pictures/x2.svg"))
    return "line 16"


def remove_a_body(folder):
    (folder / "a.md").write_text(DOCUMENT)
    return "lines 3, 6"


def change_the_display_options(folder):
    (folder / "dzviz.toml").write_text("precision = 6\n")
    return "line 3"


CHANGES = [
    change_expression,
    edit_a_block,
    remove_a_picture,
    edit_a_picture,
    rename_a_picture,
    rename_the_picture_in_the_marker,
    remove_a_body,
    change_the_display_options,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_check_catches_it_and_touches_nothing(dzviz, page, folder, change):
    assert dzviz("embed", "a.md").code == 0
    where = change(folder)
    before = tree(folder.parent)
    result = dzviz("embed", "--check", "a.md")
    assert (result.code, result.out) == (1, "")
    assert f"a.md is not up to date ({where}" in result.err
    assert result.err.endswith("run: dzviz embed a.md\n")
    assert dzviz("embed", "--check", "-q", "a.md").err == ""
    shown = dzviz("embed", "--check", "--diff", "a.md")
    assert shown.code == 1
    assert shown.out.startswith(("--- a.md\n+++ a.md\n", "Picture pictures/square.svg "))
    assert dzviz("embed", "--diff", "a.md").code == 0
    assert tree(folder.parent) == before
    assert dzviz("embed", "a.md").code == 0
    assert dzviz("embed", "--check", "a.md").code == 0


NESTED = """\
1. step

    {}

- > [!NOTE]
  > {}

!!! note

    {}
"""


def test_markers_in_lists_quotes_and_admonitions_are_filled(dzviz, folder):
    commands = ["x --x 1 -o a.svg", "x --x 2 -T text", "x --x 3 -o c.svg --theme light,dark"]
    leads = ["    ", "  > ", "    "]
    made = [
        marker(command).rstrip().replace("\n", f"\n{lead}")
        for command, lead in zip(commands, leads, strict=True)
    ]
    (folder / "a.md").write_text(NESTED.format(*made))
    result = dzviz("embed", "--check", "a.md")
    assert (result.code, "(lines 3, 7, 12)" in result.err) == (1, True)
    assert dzviz("embed", "a.md").code == 0
    lines = (folder / "a.md").read_text().splitlines()
    assert any(line.startswith("    ![Computational graph") for line in lines)
    assert "  > ```text" in lines
    assert "  >" in lines
    assert "    <picture>" in lines
    assert dzviz("embed", "--check", "a.md").code == 0
    assert dzviz("embed", "a.md").err == ""


@pytest.mark.parametrize("mode", [[], ["--check"], ["--check", "-q"], ["--diff"]], ids=str)
def test_a_marker_that_is_not_filled_is_told_and_others_are_filled(dzviz, folder, mode):
    inline = '<!-- dzviz "sin(x)" --x 1 -o a.svg --> <!-- /dzviz -->'
    (folder / "a.md").write_text(f"| a |\n|---|\n| {inline} |\n\ntext {inline}\n")
    result = dzviz("embed", "a.md", *mode)
    assert result.code == 1
    for line in (3, 5):
        assert f"dzviz: error: a.md:{line}: a marker inside other text is not filled" in result.err
    assert "no document has a marker" not in result.err
    (folder / "b.md").write_text(f"text {inline}\n\n{marker('x --x 1 -T text')}")
    result = dzviz("embed", "b.md", *mode)
    assert result.code == 1
    assert "b.md:1:" in result.err
    assert ("```text" in (folder / "b.md").read_text()) == (not mode)


def test_of_many_markers_that_are_not_filled_some_are_told(dzviz, folder):
    (folder / "a.md").write_text("| <!-- dzviz x --> |\n" * 50)
    result = dzviz("embed", "a.md")
    assert result.code == 1
    assert result.err.count("not filled\n") == MOST_MISSED + 1
    assert result.err.endswith(f"dzviz: a.md: {50 - MOST_MISSED} more markers were not filled\n")


def another_processor(path):
    """Let a file be as if it came from elsewhere: a last digit is another, all stands elsewhere."""
    text = path.read_bytes().decode()
    other = re.sub(r"(?<=[ >]0\.841)5\b", "4", text)
    other = re.sub(r"0\.84147098480789\d+", "0.84147098480788", other)
    other = re.sub(r' (x|y|cx|cy|d|points)="', r' \1="1', other)
    path.write_bytes(other.encode())
    return other != text


@pytest.mark.parametrize("name", MARKUPS)
def test_what_another_processor_made_is_up_to_date(dzviz, folder, name):
    commands = [f'"sin(x)" --x 1 -T {name}' for name, format in FORMATS.items() if format.block]
    commands += [
        '"sin(x)" --x 1 -o sin.svg --theme light,dark',
        '"sin(x)" --x 1 --animate -o f.svg',
    ]
    page = folder / f"page{MARKUPS[name].suffixes[0]}"
    page.write_bytes("".join(map(COMMENTS[name].format, commands)).replace("\n", "\r\n").encode())
    assert dzviz("embed", page.name).code == 0
    files = [page, *folder.glob("*.svg")]
    assert len(files) == 4
    assert all(map(another_processor, files))
    before = tree(folder)
    for args in ((), ("--check",), ("--diff",)):
        result = dzviz("embed", page.name, *args)
        assert (result.code, result.out, result.err) == (0, "", "")
    assert tree(folder) == before

    # A change at one marker leaves the others as they are.
    data = page.read_bytes()
    page.write_bytes(data.replace(b"--x 1 -T text", b"--x 2 -T text"))
    (folder / "sin-dark.svg").unlink()
    shown = dzviz("embed", page.name, "--diff").out
    assert shown.endswith("Picture sin-dark.svg is missing\n")
    assert len(re.findall(r"(?m)^\+[^+]", shown)) == 2
    assert re.search(r"written \(lines \d+, \d+\)\n$", dzviz("embed", page.name).err)
    pairs = zip(data.split(b"\r\n"), page.read_bytes().split(b"\r\n"), strict=True)
    assert sum(old != new for old, new in pairs) == 3  # the marker and two rows of the table
    after = tree(folder)
    assert after["sin.svg"] == before["sin.svg"]
    assert after["f.svg"] == before["f.svg"]


def test_pixels_are_up_to_date_byte_by_byte(dzviz, folder):
    (folder / "a.md").write_text(marker("x --x 1 -o x.png"))
    assert dzviz("embed", "a.md").code == 0
    with open(folder / "x.png", "ab") as file:
        file.write(b"\0")
    assert dzviz("embed", "--check", "a.md").code == 1
    assert dzviz("embed", "--diff", "a.md").out == "Picture x.png differs\n"


@pytest.mark.needs("git")
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "last"])
def test_a_diff_is_one_that_git_applies(dzviz, folder, end):
    import subprocess

    page = folder / "a.md"
    page.write_bytes(f"one\f two\u2028\n\n{marker('x --x 1')}{end}".encode())
    before = page.read_bytes()
    shown = dzviz("embed", "--diff", "a.md").out
    assert page.read_bytes() == before
    command = ["git", "apply", "-p0", "--unsafe-paths", "--whitespace=nowarn", "-"]
    subprocess.run(command, input=shown.encode(), check=True, timeout=60)
    patched = page.read_bytes()
    page.write_bytes(before)
    dzviz("embed", "a.md")
    assert patched == page.read_bytes() != before


# What is refused


LINKS = {
    "link.svg": "../outside/secret.svg",
    "link.csv": "../outside/secret.csv",
    "link.npz": "../outside/secret.npz",
    "away": "../outside",
    "x-dark.svg": "../outside/new.svg",
    "words.svg": "notes.txt",
}

HOSTILE = {
    "x --x 1 -o ../outside/x.svg": (2, "leads out of the documents' folder"),
    "x --x 1 -o link.svg": (2, "leads out"),
    "x --x 1 -o away/x.svg": (2, "leads out"),
    "x --x 1 -o away/deep/../x.svg": (2, "leads out"),
    "x --x 1 -o x.svg --theme light,dark": (2, "leads out"),
    "x --x 1 -o /etc/x.svg": (2, "leads out"),
    "x --x 1 -o words.svg": (2, "in a file that is not .svg"),
    "x --x 1 -o hand.svg": (2, "exists, but is not a picture"),
    "x --x 1 -o folder.svg": (2, "is not a file"),
    "x --x 1 -o pipe.svg": (2, "is not a file"),
    "x --x 1 -o a.md": (2, "unknown suffix"),
    "x --x 1 -o a.md -T svg": (2, "in a file that is not .svg"),
    "x --x 1 -o x.png -T svg": (2, "in a file that is not .svg"),
    "x --x 1 -o x.html": (2, "a document cannot show html"),
    "x --x 1 -o x.dot": (2, "a document cannot show dot"),
    "x --x 1 -T svg": (2, "svg cannot be part of a document"),
    "x --x 1 -T html": (2, "html cannot be part of a document"),
    "x --x 1 -T text --theme light,dark": (2, "only a picture can have several themes"),
    "x --x 1 -o y.svg --theme light,light": (2, "contains a theme twice"),
    "x --x 1 -o y.svg --theme light,auto": (2, "cannot be combined with others"),
    "x --x 1 -o y.svg --theme light,bright": (2, "bright"),
    "x --x @/etc/passwd": (2, "'/etc/passwd' leads out"),
    "x --x @link.csv": (2, "leads out"),
    "x --x @link.npz:key": (2, "leads out"),
    "x --set x=@../outside/secret.csv": (2, "leads out"),
    "x --x @pipe.csv": (2, "pipe.csv"),
    "--py-function model.py:f --x 1": (2, "--py-function runs code"),
    "--py-function os:system --command id": (2, "--py-function runs code"),
    "x --x 1 -o y.svg --open": (2, "--open does not work in documents"),
    "x --x 1 -o y.svg --font font.ttf": (2, "--font does not work in documents"),
    "x --x 1 -o y.svg --engine dot": (2, "--engine does not work in documents"),
    "x --x 1 -o y.svg --layout-timeout 1": (2, "--layout-timeout does not work in documents"),
    "x --x 1 --frames steps": (2, "--frames does not work in documents"),
    "x --x 1 --config /dev/zero": (2, "--config does not work in documents"),
    "x --x 1 -o -": (2, "-o - does not work in documents"),
    "--file a.md": (2, "--file does not work in documents"),
    "x --help": (2, "--help does not work in documents"),
    "x --x 1 --ｈelp": (2, "--help does not work in documents"),
    "--ｆile=a.md": (2, "--file does not work in documents"),
    "--ｐy-function model.py:f --x 1": (2, "--py-function runs code"),
    "x --x 1 --ｏpen -o y.svg": (2, "--open does not work in documents"),
    "x --x 1 -T " + "t" * 30_000: (2, "unknown format"),
    "x --x": (2, "--x"),
    "'x": (2, "the command cannot be read"),
    "": (2, "there is no expression"),
    "draw": (2, "there is no expression"),
    '"2 * sinn(x)" --x 1': (3, "unknown function 'sinn' (column 5)\n  2 * sinn(x)\n      ^^^^\n"),
    '"x @ x" --x 1': (4, "@"),
    "x --x zeros(100000,100000)": (2, "would have 10 000 000 000 elements"),
    'x --x 1 -T text --title "  <!-- dzviz y"': (2, "itself be read as a marker"),
}


def lay_out(folder):
    for name, target in LINKS.items():
        (folder / name).symlink_to(target)
    (folder / "notes.txt").write_text("<svg> is what I write about")
    (folder / "hand.svg").write_text("a list of <svg> files")
    (folder / "folder.svg").mkdir()
    for name in ("pipe.svg", "pipe.csv"):
        os.mkfifo(folder / name)
    (folder / "model.py").write_text("raise SystemExit('it ran')\ndef f(x):\n    return x\n")


@pytest.mark.parametrize("command", HOSTILE)
@pytest.mark.parametrize("mode", [[], ["--check"], ["--diff"]], ids=str)
def test_what_is_refused_is_told_with_its_line_and_leaves_no_trace(dzviz, folder, command, mode):
    lay_out(folder)
    code, words = HOSTILE[command]
    good = marker("x --x 5 -o good.svg")
    (folder / "a.md").write_text(f"one\n\n{marker(command)}{good}")
    before = tree(folder.parent)
    result = dzviz("embed", "a.md", *mode)
    assert (result.code, result.out) == (code, ""), result
    assert result.err.startswith("dzviz: error: a.md:3: ")
    assert words in result.err
    assert "4,2" not in result.err
    assert tree(folder.parent) == before


def test_what_is_written_may_not_look_like_a_marker(dzviz, folder):
    for command in ("x --x 1 -T text --title '// /dzviz'", "x --x 1 -T text --title '// dzviz y'"):
        (folder / "a.adoc").write_text(COMMENTS["asciidoc"].format(command))
        before = tree(folder)
        result = dzviz("embed", "a.adoc")
        assert (result.code, tree(folder)) == (2, before)
        assert "a.adoc:1: its output would itself be read as a marker" in result.err


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\n<!-- dzviz x --x 1 -->\n", 2, "this marker has no end"),
        ("\n<!-- dzviz x --x 1\n" * 2, 2, "has no -->"),
        (
            f"<!-- dzviz x -->\n{marker('x')}",
            2,
            "of line 1, which has no end before it\nhint: each",
        ),
        ("a\n\n<!-- /dzviz -->\n", 3, "this ends a marker, but none has begun"),
        (marker("x --x 1") * 10_000, 2 * MAX_MARKERS + 1, "10000 markers; at most 1000 are"),
        ("<!-- dzviz\n" + "x\n" * 200_000, 1, "has no -->"),
        (marker("x --x 1").replace("\n", "\r"), 1, "its lines end in a single CR"),
        ("a\n\xff\n".encode("latin-1"), 2, "not UTF-8"),
    ],
    ids=["no end", "no close", "nested", "no begin", "many", "long", "CR", "latin-1"],
)
def test_a_document_that_cannot_be_read_is_left_alone(dzviz, folder, text, line, words):
    (folder / "a.md").write_bytes(text if isinstance(text, bytes) else text.encode())
    before = tree(folder.parent)
    result = dzviz("embed", "a.md")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"dzviz: error: a.md:{line}: ")
    assert words in result.err
    assert tree(folder.parent) == before


def test_what_is_no_document_is_refused(dzviz, folder):
    (folder / "a.tex").write_text("")
    os.mkfifo(folder / "pipe.md")
    (folder / "link.md").symlink_to("../outside/other.md")
    (folder.parent / "outside" / "other.md").write_text(marker("x --x 1"))
    (folder / "gone.md").symlink_to("nowhere.md")
    before = tree(folder.parent)
    for name, words in {
        "missing.md": "there is no such file",
        ".": "this is a folder",
        "a.tex": "documents of this kind",
        "-": "there is no such file",
        "pipe.md": "is not a file",
        "link.md": "leads out of the documents' folder",
        "gone.md": "there is no such file",
    }.items():
        result = dzviz("embed", "--", name)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"dzviz: error: {name}: ")
        assert words in result.err
    assert dzviz("embed").code == 2
    assert tree(folder.parent) == before


def test_two_markers_do_not_write_one_file(dzviz, folder):
    twice = marker("x --x 1 -o p/x.svg") + marker("x --x 1 -o ./p/../p/x.svg")
    (folder / "a.md").write_text(twice)
    result = dzviz("embed", "a.md")
    assert (result.code, os.listdir(folder)) == (2, ["a.md"])
    assert "a.md:3: -o: './p/../p/x.svg' is already written by a.md:1" in result.err
    (folder / "a.md").write_text(
        marker("x --x 1 -o x.svg --theme light,dark") + marker("x --x 1 -o x-dark.svg")
    )
    assert "a.md:3: -o: 'x-dark.svg' is already" in dzviz("embed", "a.md").err
    (folder / "a.md").write_text(marker("x --x 1 -o x.svg"))
    (folder / "b.md").write_text(marker("x --x 2 -o x.svg"))
    result = dzviz("embed", "a.md", "b.md")
    assert (result.code, "b.md:1: -o: 'x.svg' is already written by a.md:1" in result.err) == (
        2,
        True,
    )


def test_all_mistakes_are_told_others_go_on_and_the_first_gives_the_code(dzviz, folder):
    (folder / "a.md").write_text(marker("sinn(x) --x 1") + marker("x --x @/x.npy"))
    (folder / "b.md").write_text(marker("x --x 1"))
    (folder / "c.md").write_text(marker("x --z 1"))
    result = dzviz("embed", "a.md", "b.md", "c.md")
    assert result.code == 3
    where = re.findall(r"error: (\S+): ", result.err)
    assert where == ["a.md:1", "a.md:3", "c.md:1"]
    assert "```dot" in (folder / "b.md").read_text()
    assert dzviz("embed", "c.md", "a.md").code == 2
    assert dzviz("embed", "--check", "b.md", "a.md").code == 3


def test_a_folder_that_cannot_be_written_leaves_the_document(dzviz, folder):
    (folder / "p").write_text("a file")
    (folder / "a.md").write_text(marker("x --x 1 -o p/x.svg"))
    before = tree(folder)
    result = dzviz("embed", "a.md")
    assert result.code in (2, 6)
    assert result.err.startswith("dzviz: error: a.md")
    assert tree(folder) == before


def test_a_name_is_shown_in_printable_characters(dzviz, folder):
    result = dzviz("embed", "a\x1b[31m\n.md")
    assert (result.code, "\x1b" in result.err, result.err.count("\n")) == (2, False, 1)


def test_every_picture_that_may_be_written_over_is_known_by_its_first_bytes(dzviz, folder):
    assert all(format.begins for format in FORMATS.values() if format.suffixes)
    for suffix in {format.image for format in FORMATS.values() if format.image}:
        (begins,) = beginnings(suffix)
        assert dzviz("x*x", "--x", "2", "-o", f"x{suffix}").code == 0
        assert re.match(begins, (folder / f"x{suffix}").read_bytes()[:4096])
        assert not re.match(begins, b"text about <svg>")


@pytest.mark.skipif(sys.platform == "win32", reason="no folder there goes while one is in it")
@pytest.mark.parametrize("arguments", [["embed", "{}/a.md"], ["embed", "a.md"], ["batch", "-"]])
def test_a_current_folder_that_is_gone(dzviz, tmp_path, monkeypatch, arguments):
    (tmp_path / "a.md").write_text(DOCUMENT)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    result = dzviz(*(argument.format(tmp_path) for argument in arguments), stdin='a: "x" --x 1')
    assert (result.code, result.out) == (2, "")
    assert "the current folder cannot be found: No such file or directory" in result.err
    assert (tmp_path / "a.md").read_text() == DOCUMENT


def test_the_hooks_of_pre_commit_take_what_is_a_document():
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    patterns = re.findall(r"^  files: (.+)$", hooks, re.MULTILINE)
    suffixes = [suffix for markup in MARKUPS.values() for suffix in markup.suffixes]
    assert patterns == [rf"\.({'|'.join(s[1:] for s in suffixes)})$"] * 2
    assert re.findall(r"^  entry: (.+)$", hooks, re.MULTILINE) == [
        "dzviz embed --check",
        "dzviz embed",
    ]
    assert embed.command.name == "embed"


def test_documents_without_a_marker_are_told_of(dzviz, tmp_path):
    (tmp_path / "a.md").write_text("text\n")
    done = dzviz("embed", str(tmp_path / "a.md"))
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("dzviz: no document has a marker, as in:\n<!-- dzviz ")
    assert dzviz("embed", str(tmp_path / "a.md"), "-q").err == ""


def test_results_that_are_text(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = [
        'trace "sin(x)" --x 1',
        "grad x**2 --x 3",
        'why "relu(x)" --x -1 -T json',
        'gradcheck "x**2" --x 3 -T tsv',
        'value "x**2" --x "[1, 2]" -T json',
    ]
    text = "".join(f"<!-- dzviz {line} -->\n<!-- /dzviz -->\n" for line in commands)
    (tmp_path / "a.md").write_text(text)
    assert dzviz("embed", "a.md").code == 0
    written = (tmp_path / "a.md").read_text()
    blocks = re.findall(r"\n```(\w+)\n(.*?)```\n", written, re.DOTALL)
    assert [language for language, _ in blocks] == ["text", "text", "json", "text", "json"]
    for line, (_, block) in zip(commands, blocks, strict=True):
        assert block == dzviz(*shlex.split(line)).out
    assert dzviz("embed", "--check", "a.md").code == 0
    (tmp_path / "a.md").write_text(written.replace("x\t6.0", "x\t7.0"))
    assert dzviz("embed", "--check", "a.md").code == 1


def test_what_results_in_documents_may_not(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.py").write_text("def f(x):\n    return x\n")
    for line, words in {
        'trace "sin(x)" --x 1 -o a.txt': "-o is for pictures: trace inserts text",
        "grad --py-function m.py:f --x 1": "--py-function runs code",
        "grad x --x @../w.csv": "leads out of the documents' folder",
        'grad "sinn(x)" --x 1': "unknown function 'sinn'",
        "grad x --x 1 -T mermaid": "'mermaid' is not one of",
        "trace x --x 1 --order 99": "--order is at most 20",
    }.items():
        (tmp_path / "a.md").write_text(f"<!-- dzviz {line} -->\n<!-- /dzviz -->\n")
        result = dzviz("embed", "a.md")
        assert result.code in (2, 3)
        assert words in result.err, line
    (tmp_path / "a.md").write_text("<!-- dzviz grad tells the gradients -->\n")
    assert "no document has a marker" in dzviz("embed", "a.md").err


def test_alt_caption_and_the_switch_of_a_site(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = "--theme light,dark --alt 'A <b>' --caption 'Fig. *1*'"
    marker = f'dzviz "sin(x)" --x 1 -o a.svg {options}'
    texts = {
        "a.md": f"<!-- {marker} -->\n<!-- /dzviz -->\n",
        "b.md": f"<!-- {marker.replace('a.svg', 'b.svg')} --site material -->\n<!-- /dzviz -->\n",
        "c.rst": f".. {marker.replace('a.svg', 'c.svg')}\n.. /dzviz\n",
        "d.adoc": f"// {marker.replace('a.svg', 'd.svg')}\n// /dzviz\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert dzviz("embed", *texts).code == 0
    written = {name: (tmp_path / name).read_text() for name in texts}
    assert '<img alt="A &#60;b&#62;" src="a.svg">' in written["a.md"]
    assert "\n\n*Fig. \\*1\\**\n" in written["a.md"]
    assert (
        "![A &#60;b&#62;](b.svg#only-light)\n![A &#60;b&#62;](b-dark.svg#only-dark)"
        in (written["b.md"])
    )
    assert written["c.rst"].count(".. figure:: c") == 2
    assert (
        "   :class: dark-light\n   :figclass: only-dark\n\n   \\Fig. \\*1\\*\n" in written["c.rst"]
    )
    assert "\n.{empty}Fig&#46; &#42;1&#42;\n" in written["d.adoc"]
    assert "--caption has no effect here" in dzviz("batch", "-", stdin="a: x --x 1 --caption c").err


@pytest.mark.thorough
@pytest.mark.needs("bash")
def test_the_action_checks_and_writes(tmp_path):
    """The step of action.yml that runs dzviz does what its inputs say."""
    import yaml

    action = yaml.safe_load((ROOT / "action.yml").read_text())
    *_, step = action["runs"]["steps"]
    assert {f"${{{{ inputs.{name} }}}}" for name in ("files", "write")} == {*step["env"].values()}
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "dzviz"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dzviz "$@"\n')
    program.chmod(0o755)
    (tmp_path / "docs" / "deep").mkdir(parents=True)
    document = tmp_path / "docs" / "deep" / "a b.md"
    document.write_text('<!-- dzviz "x*x" --x 3 -T text -->\n<!-- /dzviz -->\n')
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])

    def run(**inputs):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, **inputs}
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True
        ).returncode

    files = {"DOCUMENTS": "README.md* docs/**/*.md"}
    assert run(**files, WRITE="false") == 1
    assert run(**files, WRITE="true") == 0
    assert run(**files, WRITE="false") == 0
    assert "```text" in document.read_text()


def test_html_whose_pictures_sphinx_would_leave_behind_is_told(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    marker = '<!-- dzviz "x*x" --x 3 -o p.svg --theme {} -->\n<!-- /dzviz -->\n'
    page = tmp_path / "docs/sub/page.md"
    page.write_text(marker.format("light,dark"))
    settings = tmp_path / "docs" / "conf.py"
    settings.write_text("import os\nextensions = []\n")
    result = dzviz("embed", "docs/sub/page.md")
    assert result.code == 2
    assert "docs/sub/page.md:1: Sphinx does not copy pictures that are part of HTML" in result.err
    assert "--site sphinx" in result.err
    for written in ("auto", "light,dark --site sphinx"):
        page.write_text(marker.format(written))
        assert dzviz("embed", "docs/sub/page.md").code == 0, written
    page.write_text(marker.format("light,dark"))
    settings.write_text("pytest_plugins = []\n")
    assert dzviz("embed", "docs/sub/page.md").code == 0


def test_html_that_mkdocs_would_show_elsewhere_is_told(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    marker = '<!-- dzviz "x*x" --x 3 -o p/{}.svg --theme light,dark{} -->\n<!-- /dzviz -->\n'
    for name in ("README.md", "docs/index.md", "docs/sub/index.md", "docs/guide.md"):
        (tmp_path / name).write_text(marker.format(name.replace("/", "-"), ""))
    pages = ["README.md", "docs/index.md", "docs/sub/index.md"]
    settings = tmp_path / "mkdocs.yml"
    settings.write_text("site_name: a\n")
    assert dzviz("embed", *pages).code == 0
    result = dzviz("embed", "docs/guide.md")
    assert result.code == 2
    assert "docs/guide.md:1: MkDocs publishes this page in a folder of its own" in result.err
    assert "hint: use --theme auto, one file" in result.err
    (tmp_path / "docs/guide.md").write_text(marker.format("g", " --site material"))
    assert dzviz("embed", "docs/guide.md").code == 0
    (tmp_path / "docs/guide.md").write_text(marker.format("h", ""))
    for text in ("use_directory_urls: false\n", "docs_dir: 'pages'\n"):
        settings.write_text(f"site_name: a\n{text}")
        assert dzviz("embed", "docs/guide.md").code == 0, text
