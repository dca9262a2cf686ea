"""The whole command in poor surroundings: the same picture, or one clear error."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import dzviz

pytestmark = [pytest.mark.thorough, pytest.mark.skipif(os.name != "posix", reason="needs a shell")]

ROOT = str(Path(dzviz.__file__).parents[1])
EXPRESSION = "θ*sin(2)"
Run = Callable[..., subprocess.CompletedProcess[bytes]]

SURROUNDINGS: dict[str, dict[str, str | None]] = {
    "no HOME": {"HOME": None},
    "a HOME that is not there": {"HOME": "/nowhere/at/all"},
    "a HOME that is a file": {"HOME": "{file}"},
    "a HOME that cannot be written": {"HOME": "/proc/self"},
    "a cache folder that is a file": {"XDG_CACHE_HOME": "{file}"},
    "a cache folder that is a device": {"XDG_CACHE_HOME": "/dev/full"},
    "a cache folder with a newline": {"XDG_CACHE_HOME": "{folder}/a\nb"},
    "a configuration that is rubbish": {"XDG_CONFIG_HOME": "{file}"},
    "locale C": {"LC_ALL": "C"},
    "locale POSIX": {"LC_ALL": "POSIX"},
    "a locale that is not there": {"LC_ALL": "xx_YY.KOI8-X"},
    "streams in another encoding": {"PYTHONIOENCODING": "utf-16"},
    "streams in latin-1": {"PYTHONIOENCODING": "latin-1:strict"},
    "streams of Korea": {"PYTHONIOENCODING": "cp949:strict"},
    "streams of Japan": {"PYTHONIOENCODING": "cp932:strict"},
    "no PATH": {"PATH": None},
    "no fonts": {"XDG_DATA_HOME": "/nowhere", "XDG_DATA_DIRS": "/nowhere", "HOME": "/nowhere"},
    "fonts that are rubbish": {"XDG_DATA_HOME": "{rubbish}", "XDG_DATA_DIRS": "{rubbish}"},
    "no temporary folder": {"TMPDIR": "/nowhere"},
    "a log that is asked of Rust": {"RUST_LOG": "debug"},
    "a shell that asks nothing": {"_DZVIZ_COMPLETE": ""},
    "a shell that asks without a line": {"_DZVIZ_COMPLETE": "bash_complete"},
    "a shell that is unknown": {"_DZVIZ_COMPLETE": "ash_complete", "COMP_WORDS": "dzviz"},
    "nothing at all": dict.fromkeys(os.environ),
}
AS_BYTES: dict[str, dict[str, str | None]] = {
    "locale C": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "ASCII": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict"},
}
"""Where Python takes the words of the command line for ASCII, as somebody has told it to."""

PREFIXES = {
    "no core, few files": "ulimit -n 24",
    "a folder that was removed": "mkdir gone; cd gone; rmdir ../gone",
    "a umask for nobody else": "umask 077",
    "a small stack": "ulimit -s 256",
    "stdin closed": "exec <&-",
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "rubbish" / "fonts").mkdir(parents=True)
    (tmp_path / "file").write_text("rubbish [")
    (tmp_path / "rubbish" / "fonts" / "A Sans.ttf").write_bytes(b"\0\1\0\0\0\1" + b"\xff" * 99)
    (tmp_path / "rubbish" / "fonts" / "B Sans.ttf").write_bytes(b"rubbish")
    places = {"file": tmp_path / "file", "folder": tmp_path, "rubbish": tmp_path / "rubbish"}

    def run(
        *args: str, prefix: str = ":", **changes: str | None
    ) -> subprocess.CompletedProcess[bytes]:
        given = {name: text and text.format(**places) for name, text in changes.items()}
        environment = {**os.environ, **given, "PYTHONPATH": ROOT}
        return subprocess.run(
            ["/bin/sh", "-c", f'{prefix}; exec "$@"', "sh", sys.executable, "-m", "dzviz", *args],
            env={name: text for name, text in environment.items() if text is not None},
            cwd=tmp_path,
            capture_output=True,
            timeout=300,
            check=False,
        )

    return run


PICTURE = [EXPRESSION, "--set", "θ=1", "-T", "png", "-o", "-"]


@pytest.fixture(scope="module")
def expected() -> bytes:
    command = [sys.executable, "-m", "dzviz", *PICTURE]
    environment = {**os.environ, "PYTHONPATH": ROOT}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


@pytest.mark.parametrize("where", SURROUNDINGS)
def test_the_picture_is_the_same(run: Run, expected: bytes, where: str) -> None:
    done = run(*PICTURE, **SURROUNDINGS[where])
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == expected


@pytest.mark.parametrize("where", PREFIXES)
def test_the_picture_is_the_same_after(run: Run, expected: bytes, where: str) -> None:
    done = run(*PICTURE, prefix=PREFIXES[where])
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == expected


def test_a_full_cache_folder(run: Run, expected: bytes, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    command = ["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path / "full"]
    if not shutil.which("unshare") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system cannot be made here")
    there = (
        "mount -t tmpfs -o size=64k none full; head -c 99999 /dev/zero >full/x 2>&-; df full >&2"
    )
    inner = f'{there}; exec "$0" "$@"'
    done = run(
        *PICTURE,
        prefix=f"exec unshare -m sh -c '{inner}' \"$@\"",
        XDG_CACHE_HOME="{folder}/full",
    )
    assert b"100%" in done.stderr
    assert done.returncode == 0
    assert done.stdout == expected


@pytest.mark.parametrize("where", AS_BYTES)
def test_words_that_are_bytes(run: Run, where: str) -> None:
    done = run("x*sin(2)", "--x", "1", "-T", "text", "--title", "t", **AS_BYTES[where])
    assert (done.returncode, done.stderr) == (0, b"")
    done = run("日本 + sinn(x)", "--set", "日本=1", "--x", "1", **AS_BYTES[where])
    assert (done.returncode, done.stdout) == (3, b"")
    assert done.stderr.startswith(b"dzviz: error: a byte that is not UTF-8 text (U+DCE6)")
    assert done.stderr.isascii()


def test_without_fonts_what_open_sans_has_not_is_named(run: Run) -> None:
    for fonts in ("no fonts", "fonts that are rubbish"):
        done = run("x", "--x", "1", "--title", "日本", "-o", "x.png", **SURROUNDINGS[fonts])
        assert done.returncode == 5
        assert "found no font that has 日 (U+65E5), 本 (U+672C)" in done.stderr.decode()
        assert "--font FILE" in done.stderr.decode()


def test_a_font_that_is_rubbish_is_refused(run: Run) -> None:
    for name in ("file", "nowhere.ttf", "rubbish", "rubbish/fonts/A Sans.ttf"):
        done = run("x", "--x", "1", "--font", name, "-o", "x.png")
        assert done.returncode == 5
        assert done.stderr.decode().startswith(f"dzviz: error: '{name}' is not a font file")


@pytest.mark.parametrize("encoding", ["cp949", "cp932", "cp1252", "ascii"])
def test_messages_go_into_every_console(run: Run, encoding: str) -> None:
    words = ("sinn(é日ㄱ)", "--set", "é日ㄱ=1")
    done = run(*words, PYTHONIOENCODING=f"{encoding}:strict")
    assert (done.returncode, done.stdout) == (3, b"")
    message = done.stderr.decode(encoding)
    assert message.startswith("dzviz: error: unknown function 'sinn' (column 1)")
    assert "sinn(é日ㄱ)".encode(encoding, "backslashreplace") in done.stderr


def test_a_file_has_the_mode_of_the_umask(run: Run, tmp_path: Path) -> None:
    for option, name, mode in (("-o", "x.svg", 0o600), ("--frames", "steps", 0o700)):
        done = run("x", "--x", "1", option, name, prefix="umask 077")
        assert (done.returncode, done.stderr) == (0, b"")
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode


def test_the_folder_was_removed_and_a_file_is_asked_for(run: Run) -> None:
    gone = PREFIXES["a folder that was removed"]
    done = run("x", "--x", "1", "-o", "x.svg", prefix=gone)
    assert done.returncode == 6
    assert done.stderr.startswith(b"dzviz: error: cannot write 'x.svg'")
    assert len(done.stderr.splitlines()) <= 2
