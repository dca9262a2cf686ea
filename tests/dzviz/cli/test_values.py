"""Values from files, and the rule that tells which files were read."""

import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.json").write_text('{"x": [1, 2], "W": "2*eye(2)", "b": "@b.csv:up"}')
    (tmp_path / "v.toml").write_text('x = [1, 2]\nW = "2*eye(2)"\nb = "@b.csv:up"\n')
    (tmp_path / "b.csv").write_text("name;up\nleft;3\nright;4\n")
    return tmp_path


@pytest.mark.parametrize("file", ["v.json", "v.toml"])
def test_a_file_has_values_by_name(dzviz, file):
    assert dzviz("value", "x@W + b", "--set-file", file).out == "[5.0, 8.0]\n"
    result = dzviz("value", "x@W + b", "--x", "[0, 0]", "--set-file", file, "--set", "b=1")
    assert result.out == "[1.0, 1.0]\n"
    result = dzviz("grad", "sum(x@W)", "--set-file", file)
    assert (result.code, result.out) == (2, "")
    assert f"'{file}' has 'b', which is not a variable\nhint: the variables are x, W" in result.err


@pytest.mark.parametrize(
    ("name", "contents", "words"),
    [
        ("a.yaml", "x: 1", "its suffix is not .json or .toml"),
        ("a.json", "[1]", "it does not name its values"),
        ("a.json", "{", "it is not JSON"),
        ("a.toml", "x", "it is not TOML"),
        ("a.json", '{"x": "1 +"}', "the value of x"),
        ("a.json", '{"x": {"y": 1}}', "cannot use '@a.json:x': it contains y"),
    ],
)
def test_what_is_wrong_with_a_file(dzviz, folder, name, contents, words):
    (folder / name).write_text(contents)
    result = dzviz("x**2", "--set-file", name)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert "hint: " in result.err or "^" in result.err


def test_a_missing_file_of_values_and_documents(dzviz, folder):
    assert "'no.json': there is no such file" in dzviz("x", "--set-file", "no.json").err
    (folder / "a.md").write_text('<!-- dzviz "x" --set-file v.json -T text -->\n<!-- /dzviz -->\n')
    assert "--set-file does not work in documents" in dzviz("embed", "a.md").err


def test_a_minus_alone_says_what_to_do(dzviz):
    result = dzviz("-", "--x", "2", stdin="x**2")
    assert (result.code, result.out) == (2, "")
    assert "hint: use -f - to read standard input" in result.err
    assert dzviz("value", "-f", "-", "--x", "2", stdin="x**2").out == "4.0\n"


def test_a_rule_names_all_that_was_read(dzviz, folder):
    (folder / "near.py").write_text("def g(x):\n    return x * 2\n")
    (folder / "far").mkdir()
    (folder / "far" / "__init__.py").write_text("two = 2\n")
    (folder / "m.py").write_text(
        "from far import two\n\n\ndef f(x, W, b):\n    from near import g\n"
        "    return (g(x) @ W * two + b).sum()\n"
    )
    (folder / "c d.toml").write_text('style = "merged"\n')
    args = ("--py-function", "m.py:f", "--set-file", "v.json", "--config", "c d.toml")
    try:
        result = dzviz(*args, "-o", "a b$.svg", "--depfile", "a.d")
    finally:
        for name in ("near", "far"):
            sys.modules.pop(name, None)
    assert (result.code, result.err) == (0, "")
    target, _, files = (folder / "a.d").read_text().replace("\\\n", "").partition(": ")
    assert target == r"a\ b$$.svg"
    found = files.replace(r"\ ", "\0").split()
    assert found == ["m.py", "v.json", "b.csv", "c\0d.toml", "far/__init__.py", "near.py"]


def test_every_result_that_is_a_file_has_a_rule(dzviz, folder):
    for command in ("draw", "trace", "why", "gradcheck", "flow"):
        args = (command, "sum(x*b)", "--x", "@v.json:x", "--b", "@b.csv:up")
        suffix = "txt" if command == "trace" else "svg"
        assert dzviz(*args, "-o", f"{command}.{suffix}", "--depfile", "d", "-q").code == 0, command
        told = (folder / "d").read_text().replace("\\\n", "").split()
        assert told == [f"{command}.{suffix}:", "v.json", "b.csv"]
        assert "add -o FILE" in dzviz(*args, "--depfile", "d").err
        result = dzviz(*args, "-o", f"x.{suffix}", "--depfile", "b.csv")
        assert "the same command reads and writes 'b.csv'" in result.err


def test_a_file_of_a_sweep_is_read_and_not_written(dzviz, folder):
    (folder / "s.csv").write_text("1\n2\n3\n")
    args = ("x*x", "--sweep", "x=@s.csv", "-q")
    assert dzviz(*args, "-o", "a.svg", "--depfile", "d").code == 0
    assert (folder / "d").read_text().replace("\\\n", "").split() == ["a.svg:", "s.csv"]
    assert "the same command reads and writes" in dzviz(*args, "-T", "svg", "-o", "s.csv").err


@pytest.mark.thorough
@pytest.mark.needs("make")
def test_make_draws_anew_what_has_changed(folder):
    (folder / "Makefile").write_text(
        f'a\\ b.svg:\n\t{sys.executable} -m dzviz "sum(x)" --x "@b.csv:up" -o "$@" --depfile a.d\n'
        "-include a.d\n"
    )

    def make():
        run = subprocess.run([shutil.which("make"), "-s"], cwd=folder, capture_output=True)
        assert run.returncode == 0, run.stderr
        return (folder / "a b.svg").read_bytes()

    first = make()
    (folder / "b.csv").write_text("name;up\nleft;30\nright;4\n")
    later = (folder / "a b.svg").stat().st_mtime + 10
    os.utime(folder / "b.csv", (later, later))
    assert make() != first
