"""``dzviz live``: what it says, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from dzviz.cli import main as cli


@pytest.fixture
def start(tmp_path):
    """Start the command, and return it with its first line."""
    started = []

    def start(*args, **options):
        command = [sys.executable, "-m", "dzviz", "live", *args]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(
            subprocess.Popen(command, cwd=options.pop("cwd", tmp_path), **pipes, **options)
        )
        return started[-1], started[-1].stdout.readline().decode().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


def get(address):
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read().decode()


def test_the_first_line_is_the_address_and_ctrl_c_ends_it_well(start, tmp_path):
    process, address = start("sin(x)", "--x", "1", "--style", "merged", "--no-browser")
    page = get(address)
    assert '"formula":"sin(x)"' in page
    assert '"values":{"x":"1"}' in page
    assert '"options":{"style":"merged"}' in page
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, b"")
    assert err == b"dzviz: live until Ctrl-C\n"
    assert os.listdir(tmp_path) == []


def test_without_an_expression_there_is_an_example(start):
    process, address = start("--no-browser", "-q")
    assert "a = x**2; a*sin(a)" in get(address)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=30) == (b"", b"")
    assert process.returncode == -signal.SIGTERM


def test_the_browser_is_given_a_file_that_goes_with_the_command(start, tmp_path):
    programs, folder = tmp_path / "bin", tmp_path / "tmp"
    programs.mkdir()
    folder.mkdir()
    opener = programs / "xdg-open"
    opener.write_text('#!/bin/sh\necho "$@" > "$0.args"; cp "$1" "$0.page"\n')
    opener.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TMPDIR": str(folder)}
    process, address = start("x", "--x", "1", env=environment)
    page = programs / "xdg-open.page"
    while not page.exists() or address not in page.read_text():
        assert process.poll() is None
    token = address.rstrip("/").rpartition("/")[2]
    assert token not in (programs / "xdg-open.args").read_text()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert os.listdir(folder) == []


@pytest.mark.skipif(sys.platform != "linux", reason="xdg-open")
def test_without_a_browser_it_says_so_and_goes_on(start, tmp_path):
    process, address = start("x", "--x", "1", env={**os.environ, "PATH": str(tmp_path)})
    assert process.stderr.readline() == b"dzviz: live until Ctrl-C\n"
    line = process.stderr.readline()
    assert line == b"dzviz: warning: no browser could be opened; the address is above\n"
    assert "dzviz live" in get(address)


@pytest.mark.thorough
def test_a_stdout_that_is_closed_is_told(start):
    command = [sys.executable, "-m", "dzviz", "live", "x", "--x", "1", "--no-browser"]
    done = subprocess.run(
        ["sh", "-c", '"$0" "$@" >&-', *command], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 6
    assert done.stderr == b"dzviz: error: cannot write to stdout: Bad file descriptor\n"


def test_a_taken_port_is_one_line(dzviz):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = dzviz("live", "x", "--x", "1", "--port", str(port), "--no-browser")
    assert result.code == 6
    assert result.err == (
        f"dzviz: error: cannot listen on port {port}: address already in use\n"
        "hint: --port 0 selects a free port\n"
    )


def test_what_is_wrong_is_said_before_anything_is_served(dzviz, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cases = [
        (("sin(",), 3, "column 4"),
        (("x", "--x", "1", "--port", "70000"), 2, "70000"),
        (("x", "--x", "1", "-o", "x.svg"), 2, "what is '-o'?"),
        (("style*x", "--style", "3"), 2, "--style is an option of dzviz live"),
        (("--graph", "-"), 2, "standard input"),
        (("-f", "nothing.txt"), 2, "cannot read the expression"),
        (("--py-function", "nothing.py:f"), 2, "nothing.py"),
    ]
    for args, code, says in cases:
        result = dzviz("live", *args)
        assert (result.code, says in result.err) == (code, True), (args, result)
        assert result.out == ""


def test_its_options_are_those_of_a_page(capsys):
    assert cli.run(["live", "--help"]) == 0
    help = capsys.readouterr().out
    assert "--no-browser" in help
    assert "--retain-grad" in help
    assert "--fit " not in help
