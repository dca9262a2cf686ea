"""Films from the command line: frames, pages, GIF, animation."""

import io
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from support.films import filmed, sentence

import dzviz
from dezero.functions import sin
from dzviz.cli import main as cli
from dzviz.options import Layout, Look
from dzviz.svg.timeline import frames, timeline
from dzviz.text.typeset import plain

SIN = ("sin(x)", "--x", "1.0")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert list(tmp_path.rglob(".dzviz*")) == []


def steps():
    return list(frames(timeline(filmed("sin(x)", x=1.0), Look(), Layout())))


def run(capsys, *args):
    code = cli.run(args)
    captured = capsys.readouterr()
    assert captured.out == ""
    return code, captured.err


def test_frames_are_numbered_as_their_steps_are(capsys):
    assert run(capsys, *SIN, "--frames", "steps") == (0, "")
    assert sorted(os.listdir("steps")) == [f"step-{i}.svg" for i in range(7)]
    assert [Path(f"steps/step-{i}.svg").read_text() for i in range(7)] == steps()
    assert run(capsys, "a = x**2; a*sin(a)", "--x", "3", "--frames", "more") == (0, "")
    names = sorted(os.listdir("more"))
    assert (names[0], names[-1]) == ("step-00.svg", "step-16.svg")
    assert "Step 9 of 16" in Path("more/step-09.svg").read_text()


def test_frames_in_pixels_have_one_size(capsys):
    args = ("x + 1", "--x", "1", "--frames", "steps", "-T", "png", "--background", "transparent")
    assert run(capsys, *args) == (0, "")
    images = [Image.open(io.BytesIO(path.read_bytes())) for path in Path("steps").iterdir()]
    assert len(images) == len(timeline(filmed("x + 1", x=1), Look(), Layout()).steps)
    assert len({image.size for image in images}) == 1
    assert {image.getpixel((0, 0))[3] for image in images} == {0}


@pytest.mark.needs("svglib")
def test_pages_each_with_its_sentence(capsys):
    assert run(capsys, *SIN, "--frames", "steps.pdf") == (0, "")
    data = Path("steps.pdf").read_bytes()
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    assert len(pages) == len(steps())
    assert len({tuple(page.mediabox) for page in pages}) == 1
    for page, svg in zip(pages, steps(), strict=True):
        assert plain(sentence(svg)) in " ".join(page.extract_text().split())
    assert run(capsys, *SIN, "--frames", "again.pdf") == (0, "")
    assert Path("again.pdf").read_bytes() == data


@pytest.mark.parametrize(
    "args", [("-o", "film.svg", "--animate"), ("-o", "film.svg", "-T", "animation")]
)
def test_an_animation(capsys, args):
    assert run(capsys, *SIN, *args) == (0, "")
    assert Path("film.svg").read_text().count("@keyframes") > 5


def test_an_animation_on_stdout_is_svg(capsys):
    assert cli.run([*SIN, "--animate"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("<svg")
    assert "@keyframes" in captured.out


def test_a_gif_of_the_forward_pass_alone(capsys):
    args = (*SIN, "-o", "film.gif", "--no-backward", "--pace", "0.5")
    assert run(capsys, *args) == (0, "")
    with Image.open("film.gif") as film:
        assert (film.n_frames, film.info["duration"]) == (3, 500)


def test_without_a_backward_pass_there_is_the_forward_one(capsys):
    assert run(capsys, *SIN, "--frames", "steps", "--no-backward") == (0, "")
    told = [sentence(path.read_text()) for path in sorted(Path("steps").iterdir())]
    assert [text.partition(":")[0] for text in told] == ["The inputs", "Forward", "Done."]
    assert run(capsys, *SIN, "-o", "film.svg", "--animate", "--no-backward") == (0, "")


def test_a_range_of_steps_shows_what_all_of_them_do_there(capsys):
    assert run(capsys, *SIN, "--frames", "all") == (0, "")
    names = sorted(os.listdir("all"))
    for steps, wanted in {"2-4": names[2:5], "6": names[6:], "0-0": names[:1]}.items():
        assert run(capsys, *SIN, "--frames", steps, "--steps", steps) == (0, "")
        assert sorted(os.listdir(steps)) == wanted
        for name in wanted:
            assert Path(steps, name).read_text() == Path("all", name).read_text(), (steps, name)
    assert run(capsys, *SIN, "-o", "part.gif", "--steps", "2-4") == (0, "")
    with Image.open("part.gif") as film:
        assert film.n_frames == 3
    assert run(capsys, *SIN, "-o", "part.svg", "--animate", "--steps", "2-4") == (0, "")
    part = Path("part.svg").read_text()
    assert [n for n in range(7) if f"Step {n} of 6" in part] == [2, 3, 4]
    assert "--steps changes nothing in dot" in run(capsys, *SIN, "-o", "s.dot", "--steps", "2")[1]


def test_one_step_is_a_picture(capsys):
    assert run(capsys, *SIN, "--frames", "all") == (0, "")
    assert run(capsys, *SIN, "--frames", "pixels", "-T", "png") == (0, "")
    for n in (0, 3, 6):
        assert run(capsys, *SIN, "-o", "one.svg", "--steps", str(n)) == (0, "")
        assert run(capsys, *SIN, "-o", "one.png", "--steps", f"{n}-{n}") == (0, "")
        assert Path("one.svg").read_text() == Path(f"all/step-{n}.svg").read_text()
        assert Path("one.png").read_bytes() == Path(f"pixels/step-{n}.png").read_bytes()
    graph = dzviz.record(sin, 1.0)
    assert "Step 3 of 6" in dzviz.draw(graph, steps="3").svg
    status, err = run(capsys, *SIN, "-o", "two.svg", "--steps", "3-4")
    assert (status, "--steps 3-4 are 2 pictures" in err, os.path.exists("two.svg")) == (
        2,
        True,
        False,
    )


def test_a_sweep_has_values_instead_of_steps(capsys):
    for args in (("--frames", "a"), ("-o", "a.gif"), ("-o", "a.svg", "--animate")):
        status, err = run(capsys, "sin(x)", "--sweep", "x=0:1:3", *args, "--steps", "1")
        assert (status, "what a sweep shows are values" in err) == (2, True), args
    assert os.listdir() == []


@pytest.mark.parametrize("formula", ["sin(x)", "a = x**2; a*sin(a)", "exp(x) + 2"])
def test_a_trace_counts_the_frames(capsys, formula):
    for more in ([], ["--no-backward"], ["--order", "1"]):
        assert run(capsys, formula, "--x", "1", "--frames", f"f{len(more)}", *more) == (0, "")
        assert cli.run(["trace", formula, "--x", "1", "--count", *more]) == 0
        assert capsys.readouterr().out == f"{len(os.listdir(f'f{len(more)}'))}\n"
        shutil.rmtree(f"f{len(more)}")


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--frames", "a", "-o", "b.svg"), 2, "--frames or -o"),
        (("--frames", "a", "--animate"), 2, "--frames or --animate"),
        (("--frames", "-"), 2, "--frames writes files"),
        (("--frames", ""), 2, "--frames writes files"),
        (("--frames", "a", "-T", "json"), 2, "not json"),
        (("--frames", "a", "-T", "gif"), 2, "not gif"),
        (("--frames", "a", "-T", "pdf"), 2, "--frames steps.pdf"),
        (("--frames", "a.pdf", "-T", "png"), 2, "cannot hold png"),
        (("--frames", "fr.pptx"), 2, "--frames takes a folder or a PDF, not 'fr.pptx'"),
        (("--frames", "a.gif"), 2, "-o a.gif"),
        (("--frames", "a.svg"), 2, "-o a.svg --animate"),
        (("--frames", "a.png"), 2, "a folder or a PDF"),
        (("--frames", "full"), 6, "'full' is not empty"),
        (("--frames", "full/file"), 6, "Not a directory"),
        (("--frames", "no/such"), 6, "No such file"),
        (("--frames", "no/such.pdf"), 6, "No such file"),
        (("--frames", "a", "--steps", "3-7"), 2, "there are the steps 0 to 6"),
        (("--frames", "a", "--steps", "4-3"), 2, "the last step is before the first"),
        (("-o", "a.gif", "--steps", "3:5"), 2, "a range like 3-7"),
        (("-o", "a.png", "--animate"), 2, "-o film.svg --animate"),
        (("-T", "dot", "--animate"), 2, "--animate is for SVG, not dot"),
        (("-o", "a.gif", "--pace", "0"), 2, "pace is at least 0.1"),
        (("-o", "a.gif", "--pace", "nan"), 2, "pace is a number"),
        (("-o", "a.gif", "--pace", "fast"), 2, "--pace"),
    ],
)
def test_what_cannot_be_is_refused(capsys, args, code, words):
    os.mkdir("full")
    Path("full/file").write_text("mine")
    status, err = run(capsys, *SIN, *args)
    assert (status, err.startswith("dzviz: error: ")) == (code, True)
    assert words in err
    assert "Traceback" not in err
    assert os.listdir() == ["full"]
    assert os.listdir("full") == ["file"]


@pytest.mark.parametrize(
    "args", [("--frames", "steps"), ("--frames", "steps.pdf"), ("-o", "a.gif"), ("--animate",)]
)
def test_too_many_steps_leave_nothing(capsys, args):
    status, err = run(capsys, "x" + "+x" * 400, "--x", "1", *args)
    assert status == 5
    assert "the film is too long" in err
    assert "hint: " in err
    assert os.listdir() == []


@pytest.mark.parametrize("args", [("--frames", "steps", "-T", "png"), ("-o", "film.gif")])
def test_ctrl_c_in_the_middle_leaves_nothing(args, folder):
    """Interrupt it when the third picture is drawn."""
    code = """
import os, sys, time
from dzviz.svg import raster
from dzviz.cli.process import Guard
from dzviz.cli.main import run
drawn, png = [], raster.png
def slow(*args, **options):
    drawn.append(1)
    if len(drawn) == 3:
        os.write(2, b"ready\\n")
        time.sleep(300)
    return png(*args, **options)
raster.png = slow
with Guard():
    sys.exit(run(sys.argv[1:]))
"""
    root = str(Path(cli.__file__).parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", code, *SIN, *args],
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert child.stderr.readline() == b"ready\n"
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (-signal.SIGINT, b"")
    assert os.listdir() == []


def test_the_help_tells_of_films(capsys):
    assert cli.run(["draw", "--help"]) == 0
    text = capsys.readouterr().out
    for option in ("--frames", "--animate", "--pace"):
        assert option in text
