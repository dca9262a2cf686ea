"""``dzviz batch``: a file for each line, and what is wrong with the others."""

import os
import re
import threading
from types import SimpleNamespace

import pytest

from dzviz.cli import status
from dzviz.cli.main import run
from dzviz.formats import FORMATS
from dzviz.themes import THEMES

LINES = """\
# three pictures

sin: "sin(x)" --x 1.0 --retain-grad
square.png: x*x --x 3
  v1.5 :  -x --x 3 -T json
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all.txt").write_text(LINES)
    return tmp_path


def written(folder):
    return {
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
    }


def test_standard_input_that_is_not_there_is_told(folder, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", None)  # as under pythonw, or after 0<&-
    for args in (("batch", "-"), ("-f", "-"), ("draw", "--graph", "-")):
        assert run(args) != 0, args
        assert "it is closed" in capsys.readouterr().err, args


def test_each_line_is_a_file(dzviz, folder):
    result = dzviz("batch", "all.txt")
    assert (result.code, result.out) == (0, "")
    assert result.err == "dzviz: 3 files written to '.'\n"
    assert written(folder) == {"all.txt", "sin.svg", "square.png", "v1.5.json"}
    assert (folder / "sin.svg").read_text() == dzviz(
        "sin(x)", "--x", "1.0", "--retain-grad", "-T", "svg"
    ).out
    assert (folder / "square.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "v1.5.json").read_text() == dzviz("-x", "--x", "3", "-T", "json").out
    assert dzviz("batch", "all.txt", "-q").err == ""


def test_a_folder_is_made_and_stdin_is_read(dzviz, folder):
    result = dzviz("batch", "-", "--output-dir", "deep/er", stdin="\ufeffa: x --x 1\r\nb: x --x 2")
    assert (result.code, result.err) == (0, "dzviz: 2 files written to 'deep/er'\n")
    assert written(folder / "deep") == {"er/a.svg", "er/b.svg"}
    assert dzviz("batch", "-", stdin="a: x --x 1\n").code == 0
    assert (folder / "a.svg").exists()


def test_it_is_beside_the_file_that_files_are_found_and_made(dzviz, folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "w.csv").write_text("1,2\n")
    (folder / "sub" / "all.txt").write_text("w.txt: sum(w) --w @w.csv\n")
    assert dzviz("batch", "sub/all.txt").code == 0
    assert "[1, 2]" in (folder / "sub" / "w.txt").read_text()


def test_formats_themes_and_display_options(dzviz, folder):
    (folder / "dzviz.toml").write_text("precision = 7\n")
    (folder / "all.txt").write_text(
        "a: x --x 1 --theme light,dark\nb: x*x --x 1 --animate\nc: x --x 1 -T alt\n"
        'd.txt: "sin(x)" --x 1\n'
    )
    assert dzviz("batch", "all.txt", "--output-dir", "p").code == 0
    assert written(folder / "p") == {"a.svg", "a-dark.svg", "b.svg", "c.txt", "d.txt"}
    assert "#0f172a" in (folder / "p" / "a-dark.svg").read_text()
    assert "0.8414710" in (folder / "p" / "d.txt").read_text()


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "animation"])
def test_every_format(dzviz, folder, name):
    if name == "pdf":
        pytest.importorskip("svglib")
    (folder / "all.txt").write_text(f"a: x*x --x 1 -T {name}\n")
    assert dzviz("batch", "all.txt").code == 0
    (made,) = written(folder) - {"all.txt"}
    assert made == f"a{(*FORMATS[name].suffixes, '.txt')[0]}"
    assert (folder / made).stat().st_size > 0
    for theme in THEMES:  # what it made it may write over
        (folder / "all.txt").write_text(f"a: x*x --x 1 -T {name} --theme {theme} --title t\n")
        assert dzviz("batch", "all.txt").code == 0
    (folder / "all.txt").write_text(f"a: x*x --x 1 -T {name} --theme auto\n")
    codes = [dzviz("batch", "all.txt").code for _ in range(2)]
    assert codes[0] == codes[1]


MISTAKES = {
    'a: "2 * sinn(x)" --x 1': (3, "'sinn' (column 5)\n  2 * sinn(x)\n      ^^^^\n"),
    "a: x @ x --x 1": (2, "one expression at a time"),
    'a: "x @ x" --x 1': (4, "@"),
    "a: x": (2, "no value for 'x'"),
    "x*x --x 1": (2, "a line is NAME: EXPR"),
    "a:": (2, "a line is NAME: EXPR"),
    ": x --x 1": (2, "cannot be the name of a file here"),
    "../a: x --x 1": (2, "cannot be the name of a file here"),
    "sub/a: x --x 1": (2, "cannot be the name of a file here"),
    "sub\\a: x --x 1": (2, "cannot be the name of a file here"),
    ".a: x --x 1": (2, "cannot be the name of a file here"),
    "a\x1b: x --x 1": (2, "cannot be the name of a file here"),
    "all.txt: x --x 1": (2, "'all.txt' is taken: it is the file that contains these lines"),
    "first.svg: x --x 1": (2, "'first.svg' is taken: line 1 writes it"),
    "first: x --x 1": (2, "'first.svg' is taken: line 1 writes it"),
    "FIRST: x --x 1": (2, "'FIRST.svg' is taken: line 1 writes it"),
    "b.png: x --x 1 -T svg": (2, "'b.png' is not the name of a file of svg"),
    "b: x --x 1 -o -": (2, "-o - does not work in documents"),
    "link: x --x 1": (2, "'link.svg' leads out"),
    "b: x --x 1 --theme light,light": (2, "contains a theme twice"),
    "b: x --x 1 --theme light,bright": (2, "bright"),
    "b: x --x 1 -T what": (2, "unknown format 'what'"),
    "b: x --x 1 -o c.svg": (2, "do not use -o here"),
    "b: x --x 1 --open": (2, "--open does not work in documents"),
    "b: x --x 1 --config dzviz.toml": (2, "--config does not work in documents"),
    "b: --py-function model.py:f --x 1": (2, "--py-function runs code"),
    "b: x --x @/etc/passwd": (2, "leads out"),
    "b: 'x": (2, "the command cannot be read"),
    "\xff": (2, "a line is NAME"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_others_go_on(dzviz, folder, line):
    code, words = MISTAKES[line]
    (folder / "link.svg").symlink_to("../elsewhere.svg")
    (folder / "all.txt").write_text(f"first: x --x 1\n{line}\nlast: x --x 2\nlater: sinn(x)\n")
    result = dzviz("batch", "all.txt")
    assert (result.code, result.out) == (code, "")
    assert result.err.count("dzviz: error: ") == 2
    assert "dzviz: error: all.txt:2: " in result.err
    assert words in result.err
    assert result.err.endswith("dzviz: 2 files written to '.', 2 mistakes\n")
    assert written(folder) == {"all.txt", "link.svg", "first.svg", "last.svg"}
    assert not (folder.parent / "elsewhere.svg").exists()


def test_python_runs_where_it_is_trusted(dzviz, folder):
    (folder / "model.py").write_text("def f(x):\n    return x * 2\n")
    (folder / "all.txt").write_text("f.txt: --py-function model.py:f --x 3\n")
    assert dzviz("batch", "all.txt").code == 2
    assert dzviz("batch", "all.txt", "--allow-python").code == 0
    assert "x * 2" in (folder / "f.txt").read_text()


def test_a_file_that_cannot_be_read_is_refused(dzviz, folder):
    (folder / "latin").write_bytes(b"a: x --x 1\n\xff: x\n")
    (folder / "sub").mkdir()
    for name, words in {
        "latin": "latin:2: this is not UTF-8 text",
        "sub": "sub: this is a folder",
        "missing": "missing: it cannot be read: No such file or directory",
    }.items():
        result = dzviz("batch", name)
        assert (result.code, result.out) == (2, "")
        assert result.err == f"dzviz: error: {words}\n"


def test_a_folder_that_cannot_be_made_is_told_once(dzviz, folder):
    result = dzviz("batch", "all.txt", "--output-dir", "all.txt/x")
    assert result.code == 6
    assert re.findall(r"error: (\S+): cannot write", result.err) == ["all.txt"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_folder_that_cannot_be_written_is_told_before_any_answer(
    dzviz, folder, monkeypatch, jobs
):
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    (folder / "all.txt").write_text("first: value x --x 1\na: x --x 1\nb: x --x 2\n")
    result = dzviz("batch", "all.txt", "-j", jobs)
    assert (result.code, result.out) == (6, "")
    assert len(re.findall(r"error: '?(\S+?)'?: cannot write", result.err)) == 1
    (folder / "all.txt").write_text("first: value x --x 1\n")
    assert dzviz("batch", "all.txt", "-j", jobs).out == "first\t1.0\n"


def test_what_dzviz_did_not_make_is_not_written_over(dzviz, folder):
    for name in ("package.json", "notes.txt", "a.svg", "a.dot", "a.html", "a.pdf", "a.mmd"):
        (folder / name).write_text("mine: true\n")
        (folder / "all").write_text(f'{name}: "x" --x 1\n')
        result = dzviz("batch", "all")
        assert (result.code, f"'{name}' exists, but is not a picture" in result.err) == (2, True)
        assert (folder / name).read_text() == "mine: true\n"


def test_what_a_line_reads_no_other_writes(dzviz, folder):
    reads, writes = "r: sum(w) --w @w.txt\n", "w: x --x 1 -T text\n"
    for lines, told in {
        reads + writes: "all:2: 'w.txt' cannot be written: line 1 reads it",
        writes + reads: "all:2: 'w.txt' cannot be read here: line 1 writes it",
        "w.txt: sum(w) --w @w.txt\n": "all:1: 'w.txt' cannot be written: line 1 reads it",
    }.items():
        (folder / "w.txt").write_text("")
        (folder / "all").write_text(lines)
        result = dzviz("batch", "all")
        assert (result.code != 0, told in result.err) == (True, True), result.err


def test_progress_is_shown_on_a_terminal_and_mistakes_stand_above_it(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(status, "PATIENCE", 0)
    monkeypatch.setattr(status, "INTERVAL", 0.001)
    texts, shown = [], threading.Event()

    def write(text):
        texts.append(text)
        if "drawing" in text:
            shown.set()

    stderr = SimpleNamespace(isatty=lambda: True, write=write, flush=lambda: None)
    monkeypatch.setattr(status, "sys", SimpleNamespace(stderr=stderr))
    line = status.Status(quiet=False)
    line.begin("drawing")
    for _ in range(2):
        assert shown.wait(60)
        line.say("a mistake\n")
        shown.clear()
        assert shown.wait(60)  # it goes on
    line.end()
    place = texts.index("a mistake\n")
    assert texts[place - 1].endswith(" \r")  # the line is empty before
    assert "drawing" in texts[place + 1]
    line.say("more\n")
    assert texts[-1] == "more\n"


RESULTS = """\
sin: "sin(x)" --x 1
g: grad "x**2" --x 3
c: gradcheck "tanh(x)" --x 0.5
w: why "relu(x)" --x -1
f: flow "sin(x)" --x 1
v.json: value "x**2" --x 3
b.tsv: grad "x**2" --x "[1,2]"
t.txt: trace "sin(x)" --x 1
"""


def test_results_that_are_text(dzviz, folder):
    (folder / "all.txt").write_text(RESULTS)
    result = dzviz("batch", "all.txt", "--output-dir", "p")
    assert result.code == 1
    assert result.err == ("dzviz: 4 files written to 'p', 7 answers, 1 of them no: w (line 4)\n")
    assert written(folder / "p") == {"sin.svg", "v.json", "b.tsv", "t.txt"}
    expected = {
        "g": dzviz("grad", "x**2", "--x", "3").out,
        "c": dzviz("gradcheck", "tanh(x)", "--x", "0.5").out,
        "w": dzviz("why", "relu(x)", "--x", "-1").out,
        "f": dzviz("flow", "sin(x)", "--x", "1").out,
    }
    lines = [f"{name}\t{line}" for name, text in expected.items() for line in text.splitlines()]
    assert result.out.splitlines() == lines
    assert (folder / "p" / "b.tsv").read_text() == dzviz(
        "grad", "x**2", "--x", "[1,2]", "-T", "tsv"
    ).out
    assert (folder / "p" / "t.txt").read_text() == dzviz("trace", "sin(x)", "--x", "1").out
    assert dzviz("batch", "all.txt", "--output-dir", "p").err == result.err  # over its own


def test_results_are_written_over_results_alone(dzviz, folder):
    commands = [
        "grad x*y --x 1 --y 2", 'grad "x*2" --x "[1,2]" --jacobian', "value x --x 1",
        'value "-x" --x "[1,2]"', 'value "log(x)" --x 0', "gradcheck x --x 1",
        "gradcheck x*x --x 1 --local", "why x --x 1", 'trace "sin(x)" --x 1',
        "grad x*y --x 1 --y 2 --hessian", 'value "x, -x" --x 2', "flow x*x --x 1",
        *(f"{name} x*x --x 1 --lang {lang}" for name in ("flow", "why", "trace")
          for lang in ("ko", "ja")),
        'explain "sin(x)" --x 1', 'explain "sum(x**2)" --x "[1,2]" --detail result',
    ]  # fmt: skip
    for suffix in ("txt", "tsv", "csv", "json"):
        plain = ("why", "trace", "flow", "explain")
        able = [c for c in commands if suffix == "txt" or not c.startswith(plain)]
        able += [c for c in commands if suffix == "json" and c.startswith(plain[:3])]
        text = "".join(f"n{i}.{suffix}: {command}\n" for i, command in enumerate(able))
        for _ in range(2):
            result = dzviz("batch", "-", "-q", stdin=text)
            assert (result.code, result.err) == (0, ""), suffix
        (folder / f"n0.{suffix}").write_text("1. Do not forget the milk\n")
        assert "exists, but is not a picture" in dzviz("batch", "-", stdin=text).err


def test_answers_alone_need_no_folder_that_can_be_written(dzviz, folder):
    result = dzviz("batch", "-", stdin="a: grad x --x 1\nb: value x --x 2\n")
    assert (result.code, result.out, result.err) == (0, "a\tx\t1.0\nb\t2.0\n", "dzviz: 2 answers\n")
    assert written(folder) == {"all.txt"}


def test_mistakes_in_results(dzviz, folder):
    for line, words in {
        "a: grad x --x 1 -T json": "JSON needs a file of its own\nhint: as in a.json: ...",
        "a.tsv: grad x --x 1 -T json": "'a.tsv' is not the name of a file of json",
        "a.tsv: why x --x 1": "why writes text and json",
        "a.svg: grad x --x 1": "'a.svg' is not the name of a file of grad",
        "a: grad x --x 1 -o b.txt": "-o is for pictures",
        'a: grad "log(x) +" --x 1': "there is nothing after '+'",
        'a: gradcheck "x @ x" --x 1': "@",
        "all.txt: grad x --x 1": "'all.txt' is taken",
        "a: x --x 1 --alt b": "--alt has no effect here",
    }.items():
        result = (
            dzviz("batch", "-", stdin=f"{line}\nok: value x --x 3\n")
            if "all.txt" not in (line)
            else None
        )
        if result is None:
            (folder / "all.txt").write_text(f"{line}\nok: value x --x 3\n")
            result = dzviz("batch", "all.txt")
        assert result.code >= 2, line
        assert words in result.err, line
        assert result.out == "ok\t3.0\n"
        assert result.err.endswith("1 answer, 1 mistake\n")


@pytest.mark.thorough
def test_many_at_once_say_the_same_in_the_same_order(dzviz, folder):
    lines = RESULTS + 'bad: "sinn(x)" --x 1\nlast: value "x*2" --x 1\n'
    (folder / "all.txt").write_text(lines)
    one = dzviz("batch", "all.txt", "--output-dir", "one")
    many = dzviz("batch", "all.txt", "--output-dir", "many", "-j", "3")
    assert one.code == many.code == 3
    assert one.out == many.out
    assert one.err.replace("'one'", "'many'") == many.err
    for name in written(folder / "one"):
        assert (folder / "one" / name).read_bytes() == (folder / "many" / name).read_bytes()
    assert written(folder / "one") == written(folder / "many")


@pytest.mark.thorough
def test_a_process_that_dies_is_told_and_prints_nothing_among_results(dzviz, folder):
    (folder / "m.py").write_text(
        "import os\n\n\ndef f(x):\n    print('loud')\n    return x * 2\n\n\n"
        "def g(x):\n    os._exit(3)\n"
    )
    lines = ["a: value --py-function m.py:f --x 1", "b: value --py-function m.py:g --x 1"]
    (folder / "all.txt").write_text("\n".join(lines))
    result = dzviz("batch", "all.txt", "--allow-python", "-j", "2")
    assert result.code == 4
    assert "all.txt:2: a process ended before it was done" in result.err
    assert result.out in ("a\t2.0\n", "")
