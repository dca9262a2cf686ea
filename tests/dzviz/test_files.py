"""Every way by which a document, or users' code, reaches a file: what leads out is refused."""

import os
from contextlib import suppress

import numpy as np
import pytest

from dzviz import files
from dzviz.arguments.config import find_config
from dzviz.cli.main import run
from dzviz.cli.output import write_file
from dzviz.documents.inline import drawn, read_inline
from dzviz.documents.requests import read_request
from dzviz.documents.trust import Trust
from dzviz.errors import DzvizError, OutputError, UsageError
from dzviz.files import FilePath

SECRET = "4321"
LINKS = {
    "link.csv": "../outside/secret.csv",
    "link.npz": "../outside/secret.npz",
    "a.npz": "../outside/secret.npz",
    "key.csv": "a.npz:a",  # to no file: what it says would be a file and a key
    "there": "../outside",
    "link.py": "../outside/model.py",
    "link.json": "../outside/graph.json",
    "there.svg": "../outside/new.svg",
    "sin-dark.svg": "../outside/new.svg",
}
READS = {
    "a path upwards": "x --x @../outside/secret.csv",
    "a path upwards, by --set": "x --set x=@../outside/secret.csv",
    "an absolute path": "x --x @{outside}/secret.csv",
    "a link": "x --x @link.csv",
    "a link, and a key": "x --x @link.npz:a",
    "a link to what looks like a key": "x --x @key.csv",
    "a linked folder": "x --x @there/secret.csv",
    "a graph's file": "--graph ../outside/graph.json",
    "a graph's file by a link": "--graph link.json",
    "a graph's file in a linked folder": "--graph there/graph.json",
    "a function's file": "--py-function ../outside/model.py:f --x 1",
    "a function's file by a link": "--py-function link.py:f --x 1",
    "a function's file in a linked folder": "--py-function there/model.py:f --x 1",
}
WRITES = {
    "a path upwards": "x --x 1 -o ../outside/new.svg",
    "an absolute path": "x --x 1 -o {outside}/new.svg",
    "a link": "x --x 1 -o there.svg",
    "a linked folder": "x --x 1 -o there/new.svg",
    "a link for another theme": "x --x 1 -o sin.svg --theme light,dark",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of documents, with a secret beside it."""
    outside, inside = tmp_path / "outside", tmp_path / "docs"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.csv").write_text(SECRET)
    np.savez(outside / "secret.npz", a=float(SECRET))
    (outside / "graph.json").write_text(f'{{"nodes": [{{"id": "x", "data": {SECRET}}}]}}')
    (outside / "model.py").write_text(f"def f(x): return x * {SECRET}\n")
    (outside / "options.toml").write_text(f"title = '{SECRET}'\n")
    for name, target in LINKS.items():
        (inside / name).symlink_to(target)
    monkeypatch.chdir(inside)
    return inside


def by_embed(command):
    with open("a.md", "w") as file:
        file.write(f"<!-- dzviz {command} -->\n<!-- /dzviz -->\n")
    return run(["embed", "--allow-python", "a.md"])


def by_batch(command):
    with open("lines", "w") as file:
        file.write(f"a: {command}\n")
    return run(["batch", "--allow-python", "lines"])


def by_page(command):
    """As Sphinx and MkDocs do, of which real builds are tried in their own tests."""
    try:
        drawn(read_inline(command, folder=".", trust=Trust(".", python=True), config={}), "text")
    except DzvizError as error:
        print(error)
        return error.exit_code
    return 0


def check_refused(folder, code, capsys, words):
    captured = capsys.readouterr()
    assert code == 2, captured
    assert words in captured.out + captured.err
    assert SECRET not in captured.out + captured.err
    outside = folder.parent / "outside"
    assert {path.name for path in outside.iterdir()} == {
        *("secret.csv", "secret.npz", "model.py", "graph.json", "options.toml")
    }  # fmt: skip
    for path in folder.iterdir():
        assert path.is_symlink() or SECRET not in path.read_text()


@pytest.mark.parametrize("tool", [by_embed, by_batch, by_page])
@pytest.mark.parametrize("way", READS)
def test_no_way_to_read_leads_out(folder, capsys, way, tool):
    words = "cannot use '@key.csv': there is no such file" if "key.csv" in READS[way] else "out of"
    check_refused(folder, tool(READS[way].format(outside=folder.parent / "outside")), capsys, words)


@pytest.mark.parametrize("way", WRITES)
def test_no_way_to_write_leads_out(folder, capsys, way):
    code = by_embed(WRITES[way].format(outside=folder.parent / "outside"))
    check_refused(folder, code, capsys, "leads out of the documents' folder")


@pytest.mark.parametrize("name", ["a.svg", "a-dark.svg"])
def test_no_picture_of_a_batch_is_written_outside(folder, capsys, name):
    (folder / name).symlink_to("../outside/new.svg")
    check_refused(folder, by_batch("x --x 1 --theme light,dark"), capsys, "leads out")


@pytest.mark.parametrize("tool", [by_embed, by_batch])
@pytest.mark.parametrize("name", ["dzviz.toml", "pyproject.toml"])
def test_no_display_options_are_read_outside(folder, capsys, name, tool):
    (folder / name).symlink_to("../outside/options.toml")
    check_refused(folder, tool("x --x 1"), capsys, "leads out of its folder")


def test_a_link_within_the_folder_is_followed(folder):
    (folder / "data").mkdir()
    (folder / "data" / "stored").write_text("5")
    (folder / "x.csv").symlink_to("data/stored")
    request = read_inline("x --x @x.csv", folder=".", trust=Trust("."), config={})
    assert "5" in drawn(request, "text")
    assert [file.path for file in request.files] == [str(folder / "data" / "stored")]


@pytest.mark.parametrize("name", ["data/x.csv", "x.csv"])
def test_what_takes_a_files_place_after_it_was_checked_is_not_read(folder, name):
    (folder / "data").mkdir()
    (folder / name).write_text("5")
    trust = Trust(".", python=True)
    request = read_request(f"x --x @{name} -T text", folder=".", trust=trust)
    changed = folder / name.split("/")[0]
    changed.rename(folder / "before")
    changed.symlink_to(f"../outside{'' if '/' in name else '/secret.csv'}")
    (folder.parent / "outside" / "x.csv").write_text(SECRET)
    with pytest.raises(UsageError, match=r"cannot be read|no such file"):
        list(request.drawings())


def test_what_takes_a_functions_place_is_not_run(folder):
    (folder / "g.py").write_text("def f(x): return x\n")
    found = files.below(files.named("g.py"), ".", ".")
    (folder / "g.py").unlink()
    (folder / "g.py").symlink_to("../outside/model.py")
    from dzviz.sources.function import load

    with pytest.raises(UsageError, match=r"cannot read 'g\.py'"):
        load("g.py:f", found)


@pytest.mark.parametrize("name", ["new/x.svg", "x.svg"])
def test_what_takes_a_folders_place_is_not_written_into(folder, name):
    file = files.below(files.named(name), ".", ".")
    place = folder / name.split("/")[0]
    place.symlink_to(f"../outside{'' if '/' in name else '/new.svg'}")
    with pytest.raises(OutputError):
        write_file(file, ["new"])
    with suppress(OSError):
        files.make_folder(file)
    assert len(list((folder.parent / "outside").iterdir())) == 5


def test_a_file_below_a_root_is_written_whole_and_keeps_its_mode(folder):
    (folder / "x.svg").write_text("old")
    (folder / "x.svg").chmod(0o640)
    write_file(files.below(files.named("x.svg"), ".", "."), ["new"])
    assert (folder / "x.svg").read_text() == "new"
    assert (folder / "x.svg").stat().st_mode & 0o777 == 0o640
    made = files.below(files.named("far/away/y.svg"), ".", ".")
    files.make_folder(made)
    write_file(made, ["new"])
    assert (folder / "far/away/y.svg").read_text() == "new"
    assert not [path for path in folder.iterdir() if path.name.startswith(".dzviz")]


def test_without_open_folders_a_second_look_finds_the_link(folder, monkeypatch):
    monkeypatch.setattr(files, "WALKS", False)
    (folder / "x.csv").write_text("5")
    found = files.below(files.named("x.csv"), ".", ".")
    assert files.read(found, 100) == b"5"
    (folder / "x.csv").unlink()
    (folder / "x.csv").symlink_to("../outside/secret.csv")
    with pytest.raises(OSError, match="symbolic"):
        files.read(found, 100)


def test_a_path_and_its_key():
    assert files.keyed("d.npz:a") == FilePath("d.npz:a", "d.npz", "a")
    assert files.keyed("d.csv:a, b") == FilePath("d.csv:a, b", "d.csv", "a, b")
    assert files.keyed("d.npy:a") == FilePath("d.npy:a", "d.npy:a", None)
    assert files.keyed("a.npz:b.npz:c")[1:3] == ("a.npz:b.npz", "c")
    assert files.keyed("~/d.npy").path == os.path.expanduser("~/d.npy")


def test_no_folder_is_held_without_users_code(folder, monkeypatch):
    assert files.absolute("x") == "x"
    files.hold_folder()
    monkeypatch.chdir("..")
    assert files.absolute("x") == str(folder / "x")
    files.release_folder()
    assert files.absolute("x") == "x"


MOVER = "import os\nos.chdir(os.path.dirname(os.path.abspath(__file__)))\ndef f(x): return x * x\n"


@pytest.mark.parametrize(
    ("args", "written"),
    [
        (["--x", "2", "-o", "here.svg"], "here.svg"),
        (["--x", "@w.csv", "-o", "here.txt", "--config", "c.toml"], "here.txt"),
        (["--x", "2", "--frames", "steps"], "steps"),
        (["--x", "2", "--frames", "steps.pdf"], "steps.pdf"),
    ],
    ids=str,
)
def test_users_code_that_goes_elsewhere_moves_nothing(folder, args, written):
    (folder / "proj").mkdir()
    (folder / "proj" / "g.py").write_text(MOVER)
    (folder / "w.csv").write_text("3")
    (folder / "c.toml").write_text("precision = 2")
    before = set(os.listdir(folder))
    assert run(["--py-function", "proj/g.py:f", *args]) == 0
    assert set(os.listdir(folder)) == {*before, written}
    assert set(os.listdir(folder / "proj")) == {"g.py"}


def test_users_code_that_goes_elsewhere_moves_no_document(folder, capsys):
    (folder / "proj").mkdir()
    (folder / "proj" / "g.py").write_text(MOVER)
    for name in ("a.md", "b.md"):
        (folder / name).write_text(
            f"<!-- dzviz --py-function proj/g.py:f --x 2 -o {name}.svg -->\n<!-- /dzviz -->\n"
        )
    assert run(["embed", "--allow-python", "a.md", "b.md"]) == 0
    assert "a.md.svg" in (folder / "a.md").read_text()
    assert {"a.md.svg", "b.md.svg"} < set(os.listdir(folder))
    assert "dzviz: a.md is written (line 1)" in capsys.readouterr().err
    os.chdir(folder)
    (folder / "lines").write_text("c: --py-function proj/g.py:f --x 2\nd: x --x 1\n")
    assert run(["batch", "--allow-python", "lines", "--output-dir", "out"]) == 0
    assert set(os.listdir(folder / "out")) == {"c.svg", "d.svg"}


BOTH = {
    "a value": ["x", "--x", "@w.json", "-o", "w.json"],
    "a value by another name": ["x", "--x", "@w.json", "-o", "sub/../w.json"],
    "a value by a link": ["x", "--x", "@w.json", "-o", "w-link.json"],
    "a trace": ["trace", "x", "--x", "@w.json", "-o", "w.json"],
    "the expression": ["-f", "x.txt", "--x", "1", "-o", "x.txt"],
    "the options": ["x", "--x", "1", "--config", "c.toml", "-T", "text", "-o", "c.toml"],
    "a function": ["--py-function", "g.py:f", "--x", "1", "-T", "text", "-o", "g.py"],
}


@pytest.mark.parametrize("case", BOTH)
def test_no_file_is_read_and_written(folder, capsys, case):
    (folder / "sub").mkdir()
    contents = {
        "w.json": "[1, 2]",
        "x.txt": "x*2",
        "c.toml": "precision = 3",
        "g.py": "def f(x): return x\n",
    }
    for name, text in contents.items():
        (folder / name).write_text(text)
    (folder / "w-link.json").symlink_to("w.json")
    assert run(BOTH[case]) == 2
    assert "the same command reads and writes" in capsys.readouterr().err
    assert contents == {name: (folder / name).read_text() for name in contents}


def test_no_document_reads_and_writes_one_file(folder, capsys):
    (folder / "w.csv").write_text("1")
    (folder / "w.svg").symlink_to("w.csv")
    assert by_embed("x --x @w.csv -o w.svg") == 2
    assert "reads and writes" in capsys.readouterr().err
    assert (folder / "w.csv").read_text() == "1"


HOSTILE_OPTIONS = {
    "a list in a list": ("title = " + "[" * 5_000, "nested too deep"),
    "a large number": ("pace = " + "9" * 4_000, "pace"),
    "a larger number": ("pace = " + "9" * 5_000, "cannot read"),
    "a key in many parts": (".".join("a" * 50_000) + " = 1", "a key has more than 32 parts"),
    "a quoted one": ("'a' . \"b\"" * 1 + ".'a'" * 40_000 + " = 1", "more than 32 parts"),
    "tables": ("[" + ".".join("a" * 50_000) + "]", "more than 32 parts"),
    "in braces": ("a = {" + ".".join("a" * 50_000) + " = 1}", "more than 32 parts"),
    "a large file": ("#" * (300 << 10), "larger than 256 KiB"),
    "a time": ("pace = 12:00:00", "pace"),
    "no number": ("pace = nan", "pace"),
    "an infinite one": ("precision = inf", "precision"),
    "text of 30 KB": (f"style = '{'s' * 30_000}'", "style"),
    "a name of 30 KB": (f"{'n' * 30_000} = 1", "is not a display option"),
}


@pytest.mark.parametrize("name", ["dzviz.toml", "pyproject.toml"])
@pytest.mark.parametrize("case", HOSTILE_OPTIONS)
def test_hostile_options_are_refused_in_a_line(folder, capsys, case, name):
    text, words = HOSTILE_OPTIONS[case]
    table = "" if name == "dzviz.toml" else "[tool.dzviz]\n"
    (folder / name).write_text(f"{table}{text}\n")
    assert run(["x", "--x", "1", "--config", name]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert len(said) < 5_000
    assert said.startswith("dzviz: error: ")
    assert by_embed("x --x 1") == 2
    with pytest.raises(UsageError):
        find_config(".")


def test_hostile_options_of_others_are_refused_too(folder):
    for case in ("a list in a list", "a key in many parts", "a large file"):
        (folder / "pyproject.toml").write_text(f"[project]\n{HOSTILE_OPTIONS[case][0]}\n")
        with pytest.raises(UsageError, match="cannot read the display options"):
            find_config(".")


def test_a_usual_project_file_is_read(folder):
    deep = ".".join(f"part-{i}" for i in range(30))
    (folder / "pyproject.toml").write_text(f"[tool.dzviz]\nprecision = 3\n[{deep}]\nx = '{deep}'\n")
    assert find_config(".") == {"precision": 3}
