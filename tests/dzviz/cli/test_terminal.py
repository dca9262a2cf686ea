"""What only shows on a terminal, and what opens a viewer."""

import errno
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")

DZVIZ = [sys.executable, "-m", "dzviz"]
STATUS = re.compile(r"(?:\rdzviz: [^\r\n]+)+\r +\r")
"""What a slow machine shows, and takes away; test_status.py is about that."""


def on_a_terminal(*args, stdout=True):
    """Run a command line with stderr, and stdout too, on a terminal; return what they show."""
    own, other = pty.openpty()
    read, write = os.pipe()
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    child = subprocess.Popen(
        [*DZVIZ, *args],
        stdin=subprocess.DEVNULL,
        stdout=other if stdout else write,
        stderr=other,
        env=environment,
    )
    os.close(other)
    os.close(write)
    shown = b""
    while True:
        try:
            data = os.read(own, 65536)
        except OSError:  # Linux's way to say that nobody has the other end
            break
        if not data:
            break
        shown += data
    os.close(own)
    piped = b""
    while data := os.read(read, 65536):
        piped += data
    os.close(read)
    text = shown.decode().replace("\r\n", "\n")
    return child.wait(), STATUS.sub("", text), piped.decode()


def test_the_users_own_command_is_completed():
    code, shown, _ = on_a_terminal("sin(x)", "--x", "1.0", "--retain-grad")
    assert code == 0
    assert shown.startswith("digraph dzviz {\n")
    assert shown.endswith(
        '}\ndzviz: 3 nodes, 2 edges. See it: dzviz "sin(x)" --x 1.0 --retain-grad --open\n'
    )


@pytest.mark.parametrize("args", [("-q",), ("-o", "-")])
def test_not_when_it_is_not_wanted(args):
    assert "See it" not in on_a_terminal("sin(x)", "--x", "1.0", *args)[1]


def test_not_in_a_pipe_and_the_bytes_are_the_same():
    code, shown, piped = on_a_terminal("sin(x)", "--x", "1.0", stdout=False)
    assert (code, shown) == (0, "")
    terminal = on_a_terminal("sin(x)", "--x", "1.0", "-q")[1]
    assert piped == terminal


def test_pixels_are_not_thrown_at_a_terminal():
    code, shown, _ = on_a_terminal("sin(x)", "--x", "1.0", "-T", "png")
    assert code == 2
    assert shown.startswith("dzviz: error: ")
    assert "-o FILE" in shown


@pytest.mark.skipif(sys.platform != "linux", reason="the viewer is found in another way there")
@pytest.mark.parametrize("output", [None, "sin.png"])
def test_open_shows_the_file_and_prints_its_path(tmp_path, output):
    viewer = tmp_path / "bin" / "xdg-open"
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    viewer.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": os.getcwd(),
        "PATH": f"{viewer.parent}:/usr/bin:/bin",
        "TMPDIR": str(tmp_path),
    }
    target = [] if output is None else ["-o", str(tmp_path / output)]
    run = subprocess.run(
        [*DZVIZ, "sin(x)", "--x", "1", "--open", *target],
        env=environment,
        capture_output=True,
        check=True,
    )
    path = Path(run.stdout.decode().removesuffix("\n"))
    assert path.read_bytes()[:4] == (b"<svg" if output is None else b"\x89PNG")
    for _ in range(200):
        if (tmp_path / "opened").exists() and (tmp_path / "opened").read_text():
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert Path((tmp_path / "opened").read_text().strip()) == path


@pytest.mark.skipif(sys.platform != "linux", reason="the viewer is found in another way there")
@pytest.mark.parametrize("script", [None, "#!/bin/sh\necho no browser >&2\nexit 3\n"])
def test_without_a_viewer_one_line_says_so(tmp_path, script):
    programs = tmp_path / "bin"
    programs.mkdir()
    if script:
        (programs / "xdg-open").write_text(script)
        (programs / "xdg-open").chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "PATH": str(programs)}
    target = tmp_path / "sin.svg"
    run = subprocess.run(
        [*DZVIZ, "sin(x)", "--x", "1", "--open", "-o", str(target)],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert run.stdout.decode() == f"{target}\n"
    assert run.stderr == b"dzviz: warning: found no program to open it; the file has been written\n"


@pytest.mark.parametrize("failing", ["mkdir", "fsync"])
def test_open_leaves_no_folder_where_it_fails(dzviz, tmp_path, monkeypatch, failing):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(os, failing, refuse)
        result = dzviz("sin(x)", "--x", "1", "--open")
    assert (result.code, result.out) == (6, "")
    assert result.err.startswith(f"dzviz: error: cannot write '{tmp_path}")
    assert result.err.endswith(": No space left on device\n")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the viewer is found in another way there")
@pytest.mark.parametrize("path", [".", "", "{here}"])
def test_no_viewer_of_the_current_folder_is_started(tmp_path, path):
    (tmp_path / "xdg-open").write_text("#!/bin/sh\ntouch started\n")
    (tmp_path / "xdg-open").chmod(0o755)
    run = subprocess.run(
        [*DZVIZ, "sin(x)", "--x", "1", "--open", "-o", "sin.svg"],
        env={**os.environ, "PYTHONPATH": os.getcwd(), "PATH": path.format(here=tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert b"found no program to open it" in run.stderr
    assert not (tmp_path / "started").exists()
