from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dzviz

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[..., Any]  # The fixture ``child``.


@pytest.mark.parametrize(
    ("main", "code", "stderr"),
    [
        ("lambda: 0", 0, b""),
        ("lambda: 3", 3, b""),
        ("lambda: sys.exit()", 0, b""),
        ("lambda: sys.exit(4)", 4, b""),
        ("lambda: sys.exit('in words')", 1, b"in words\n"),
    ],
)
def test_exit_code(child: Start, main: str, code: int, stderr: bytes) -> None:
    assert child(f"guard({main})").finish() == (code, b"", stderr)


def test_what_was_printed_has_left_the_process(child: Start) -> None:
    assert child("guard(lambda: print('x', end='') or 0)").finish() == (0, b"x", b"")


LOUD = """
class Loud:
    def __del__(self, write=os.write):
        write(1, b"taken apart ")

loud = Loud()
sys.argv[1:] = ["--version"]
from dzviz.__main__ import main, program
"""


def test_the_program_ends_without_being_taken_apart(child: Start) -> None:
    version = f"dzviz {dzviz.__version__}\n".encode()
    assert child(LOUD + "program()").finish() == (0, version, b"")
    watched = "import cProfile; profile = cProfile.Profile(); profile.enable(); program()"
    for other in ("main()", "import dzviz.sources.function; program()", watched):
        assert child(LOUD + other).finish() == (0, version + b"taken apart ", b"")


def test_a_users_open_file_is_written(child: Start, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(
        "log = open('log', 'w')\ndef f(x):\n    log.write(str(x))\n    return x * x\n"
    )
    command = ["--py-function", "model.py:f", "--x", "3", "-T", "text"]
    code = f"sys.argv[1:] = {command!r}; from dzviz.__main__ import program; program()"
    assert child(code, cwd=tmp_path).finish()[::2] == (0, b"")
    assert (tmp_path / "log").read_text() == "variable(3.0)"


def test_a_bug_still_shows_its_traceback(child: Start) -> None:
    code, stdout, stderr = child("guard(lambda: 1 // 0)").finish()
    assert (code, stdout) == (1, b"")
    assert stderr.startswith(b"Traceback")
    assert stderr.endswith(b"by zero\n")


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_signal_unwinds_and_kills_without_a_word(
    child: Start, signum: signal.Signals, tmp_path: Path
) -> None:
    code = f"""
def main():
    try:
        wait()
    finally:
        open({str(tmp_path / "unwound")!r}, "w")
guard(main)
"""
    process = child(code)
    process.await_ready()
    process.send_signal(signum)
    assert process.finish() == (-signum, b"", b"")
    assert (tmp_path / "unwound").exists()


@pytest.mark.parametrize("signum", SIGNALS)
def test_an_ignored_signal_stays_ignored(child: Start, signum: signal.Signals) -> None:
    process = child(
        "def main():\n    ready()\n    return len(input())\nguard(main)",
        stdin=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signum, signal.SIG_IGN),
    )
    process.await_ready()
    process.send_signal(signum)
    stdout, stderr = process.communicate(b"four\n", timeout=60)
    assert (process.returncode, stdout, stderr) == (4, b"", b"")


@pytest.mark.parametrize(
    "trap",
    {
        "swallowed": "try: wait()\n    except BaseException: pass",
        "turned into another error": (
            "try: wait()\n    except BaseException: raise ImportError('numpy failed to import')"
        ),
        "turned into an exit": "try: wait()\n    except BaseException: sys.exit(1)",
        "in a finaliser": (
            "class Trap:\n        def __del__(self): wait()\n    Trap()\n    time.sleep(60)"
        ),
        "printed by C code": (
            "try: wait()\n    except BaseException: sys.excepthook(*sys.exc_info())\n"
            "    time.sleep(60)"
        ),
        "in an import": "import dzviz_slow",
    }.items(),
    ids=lambda item: item[0],
)
def test_a_signal_is_not_lost(child: Start, trap: tuple[str, str], tmp_path: Path) -> None:
    slow = "import os, time\nos.write(2, b'ready\\n')\nwhile True: time.sleep(60)"
    (tmp_path / "dzviz_slow.py").write_text(slow)
    path = f"sys.path.append({str(tmp_path)!r})\n"
    process = child(f"{path}def main():\n    {trap[1]}\n    return 0\nguard(main)")
    process.await_ready()
    process.send_signal(signal.SIGINT)
    assert process.finish() == (-signal.SIGINT, b"", b"")


def test_a_signal_that_a_library_takes_for_its_own_error_is_not_told(child: Start) -> None:
    code = """
from dzviz.cli.main import fail
from dzviz.errors import LayoutError
def main():
    try: wait()
    except: return fail(LayoutError("the font cannot be used"))
guard(main)
"""
    process = child(code)
    process.await_ready()
    process.send_signal(signal.SIGTERM)
    assert process.finish() == (-signal.SIGTERM, b"", b"")


def test_a_second_signal_does_not_wait_for_the_first(child: Start, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.touch()
    process = child(f"""
process.temporaries.add({str(temporary)!r})
def main():
    try: wait()
    finally:
        try: wait()
        finally: wait()
guard(main)
""")
    process.await_ready()
    process.send_signal(signal.SIGINT)
    process.await_ready()
    process.send_signal(signal.SIGTERM)
    assert process.finish() == (-signal.SIGTERM, b"", b"")
    assert not temporary.exists()


def test_a_signal_while_python_shuts_down_is_quiet(child: Start) -> None:
    process = child("import atexit\natexit.register(wait)\nguard(lambda: 0)")
    process.await_ready()
    process.send_signal(signal.SIGINT)
    assert process.finish() == (-signal.SIGINT, b"", b"")


def test_no_child_process_is_left(child: Start) -> None:
    process = child("""
import subprocess
def main():
    with subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL) as sleeper:
        try:
            os.write(2, f"{sleeper.pid}\\n".encode())
            return sleeper.wait()
        finally:
            sleeper.kill()
guard(main)
""")
    sleeper = int(process.report())
    process.send_signal(signal.SIGTERM)
    assert process.finish() == (-signal.SIGTERM, b"", b"")
    with pytest.raises(ProcessLookupError):
        os.kill(sleeper, 0)


def test_a_keyboard_interrupt_of_another_origin(child: Start) -> None:
    code = "def main(): raise KeyboardInterrupt\nguard(main)"
    assert child(code).finish() == (-signal.SIGINT, b"", b"")


def test_where_no_signal_can_kill_the_exit_code_says_it(child: Start) -> None:
    # The first process of a container survives the signals it does not handle.
    code = "signal.raise_signal = lambda signum: None\nguard(wait)"
    process = child(code)
    process.await_ready()
    process.send_signal(signal.SIGINT)
    assert process.finish() == (130, b"", b"")


CLICK = "import click\n@click.command()\ndef command():\n    {}\n"
PRINTERS = {
    "a line, flushed at exit": "guard(lambda: print('x') or 0)",
    "a line, unflushed, and exit 1": "guard(lambda: print('x') or 1)",
    "more than a pipe holds": "guard(lambda: print('x' * 2**20) or 0)",
    "raw bytes": "guard(lambda: sys.stdout.buffer.write(b'x' * 2**20) and 0)",
    "click": CLICK.format("click.echo('x')") + "guard(lambda: command([]))",
    "much of click": CLICK.format("click.echo('x' * 2**20)") + "guard(lambda: command([]))",
    "click within the program": (
        CLICK.format("click.echo('x')") + "guard(lambda: command([], standalone_mode=False))"
    ),
    "click's help": CLICK.format("pass") + "guard(lambda: command(['--help']))",
}


@pytest.mark.parametrize("code", PRINTERS.values(), ids=PRINTERS)
def test_a_reader_that_left(child: Start, code: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = child(code, stdout=writer)
    os.close(writer)
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == -signal.SIGPIPE


REFUSING = {
    "full": ([">/dev/full"], b"No space left on device"),
    "closed": ([">&-"], b"Bad file descriptor"),
    "read only": (["1</dev/null"], b"Bad file descriptor"),
}


@pytest.mark.parametrize(("shell", "words"), REFUSING.values(), ids=REFUSING)
@pytest.mark.parametrize("code", PRINTERS.values(), ids=PRINTERS)
def test_a_stdout_that_cannot_be_written(
    child: Start, code: str, shell: list[str], words: bytes
) -> None:
    status, _, stderr = child(code, *shell).finish()
    if "or 1" in code:  # It has failed and said so already.
        assert (status, stderr) == (1, b"")
    else:
        assert (status, stderr) == (6, b"dzviz: error: cannot write to stdout: " + words + b"\n")


def test_a_closed_stdout_that_nobody_needs(child: Start) -> None:
    assert child("guard(lambda: 0)", ">&-").finish() == (0, b"", b"")


@pytest.mark.parametrize("shell", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_becomes_a_standard_stream(child: Start, shell: str, tmp_path: Path) -> None:
    path = tmp_path / "descriptor"
    code = f"""
def main():
    with open({str(path)!r}, "w") as file: file.write(str(file.fileno()))
    return 0
"""
    status, _, _ = child(code + "guard(main)", shell).finish()
    assert (status, int(path.read_text()) > 2) == (0, True)


def test_reading_a_closed_stdin_is_an_os_error(child: Start) -> None:
    code = """
def main():
    try: sys.stdin.read()
    except OSError as error: print(error.strerror)
    return 0
guard(main)
"""
    assert child(code, "<&-").finish() == (0, b"Bad file descriptor\n", b"")


@pytest.mark.parametrize("shell", ["2>/dev/full", "2>&-", "2</dev/null", "2>&1 1>/dev/null"])
def test_a_message_that_is_lost_changes_nothing(child: Start, shell: str) -> None:
    code = "def main():\n    print('result')\n    print('message', file=sys.stderr)\n    return 3\n"
    reader, writer = os.pipe()
    os.close(reader)
    # The last of the four: stderr is the pipe without a reader.
    stdout = writer if "2>&1" in shell else subprocess.PIPE
    process = child(code + "guard(main)", shell, stdout=stdout)
    os.close(writer)
    status, stdout_bytes, stderr = process.finish()
    assert (status, stderr) == (3, b"")
    assert stdout_bytes == (None if "2>&1" in shell else b"result\n")


@pytest.mark.parametrize(
    "env", [{"LC_ALL": "C"}, {"PYTHONUTF8": "0", "LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}]
)
def test_stdout_is_utf_8_in_every_locale(child: Start, env: dict[str, str]) -> None:
    code = "guard(lambda: print('\\u03c0 \\u65e5\\udc80') or 0)"
    assert child(code, env=env).finish() == (0, "π 日\\udc80\n".encode(), b"")


def test_a_slow_reader_of_a_pipe_that_does_not_block(child: Start) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    code = """
import select
select_, seen = select.select, []
def main():
    # The first time that it has to wait, the test begins to read.
    select.select = lambda *a: (seen or ready(), seen.append(1), select_(*a))
    print("x" * 2**20)
    return 0
guard(main)
"""
    process = child(code, stdout=writer)
    os.close(writer)
    process.await_ready()
    with open(reader, "rb") as pipe:
        assert pipe.read() == b"x" * 2**20 + b"\n"
    assert process.finish()[::2] == (0, b"")


def test_a_terminal_sees_each_line_at_once(child: Start) -> None:
    controller, terminal = pty.openpty()
    process = child("guard(lambda: print('x') or wait())", stdout=terminal)
    os.close(terminal)
    process.await_ready()
    assert os.read(controller, 10) == b"x\r\n"
    process.send_signal(signal.SIGINT)
    process.finish()
    os.close(controller)


def test_guard_stands_before_anything_slow_is_loaded() -> None:
    code = "import sys, dzviz.cli.process; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(dzviz.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "dzviz.cli.process" in loaded
    assert not {"numpy", "click", "pathlib"} & set(loaded)
