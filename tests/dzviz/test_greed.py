"""What files, documents and pictures may take, measured in processes of their own."""

import json
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from support.measured import measured

from dzviz.cli.main import run
from dzviz.language.files import MAX_BYTES

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs the memory that /proc tells"
)

ROOT = Path(__file__).parents[2]
MILLION = "rand(1000000)"


def npy_header(shape, size):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}".ljust(size - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()


def bomb(path, claims, size):
    """Write an archive whose member is ``size`` bytes that claim to be ``claims``."""
    whole = npy_header((4,), 128) + np.arange(4.0).tobytes()
    assert len(whole) == claims
    compress = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(1 << 20)
    parts = [compress.compress(whole)]
    parts += [compress.compress(zeros) for _ in range((size - claims) >> 20)]
    packed = b"".join([*parts, compress.flush()])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("w.npy", packed)
    data = bytearray(path.read_bytes())
    crc = zlib.crc32(whole).to_bytes(4, "little")
    for at in (6, data.rindex(b"PK\1\2") + 8):  # the two places that tell of the member
        data[at + 2 : at + 4] = b"\x08\x00"
        data[at + 8 : at + 12] = crc
        data[at + 12 : at + 16] = len(packed).to_bytes(4, "little")
        data[at + 16 : at + 20] = claims.to_bytes(4, "little")
    path.write_bytes(data)


def test_the_bomb_is_what_it_is_said_to_be(tmp_path):
    bomb(tmp_path / "w.npz", 160, 160)
    np.testing.assert_array_equal(np.load(tmp_path / "w.npz")["w"], np.arange(4.0))


def test_an_archive_is_read_against_its_own_claim(tmp_path):
    bomb(tmp_path / "w.npz", 160, 1 << 29)
    assert (tmp_path / "w.npz").stat().st_size < 2 << 20
    code, peak, said, _ = measured(tmp_path, "x", "--x", "@w.npz")
    assert (code, "it is not a valid .npz archive" in said) == (2, True), said
    assert peak < 200


def test_a_csv_takes_memory_in_proportion(tmp_path):
    line = "# " + "a" * 997 + "\n"
    text = "# 😀\n" + line * ((MAX_BYTES - 100) // 1000) + "1,2\n"
    (tmp_path / "w.csv").write_text(text)
    code, peak, said, _ = measured(tmp_path, "x", "--x", "@w.csv", "-T", "text")
    assert (code, said) == (0, "")
    assert peak < 250


@pytest.mark.parametrize(
    ("name", "text", "code", "most"),
    [
        ("w.csv", "😀" + "1" * (MAX_BYTES - 4), 2, 900),  # one line, a field
        ("w.json", '["' + "a" * (MAX_BYTES - 8) + '😀"]', 2, 900),
        ("w.json", "[" + ",".join(["[" * 30 + "1" + "]" * 30] * 999_999) + "]", 2, 400),
        ("w.json", "[" + ",".join(["{}"] * 999_999) + "]", 2, 400),
        ("w.json", "[" + ",".join(["[1]"] * 999_999) + "]", 0, 400),
        ("w.json", '{"a":' * 10_000 + "1" + "}" * 10_000, 2, 200),
    ],
    ids=["a field", "a text", "lists", "objects", "a column", "objects in objects"],
)
def test_text_takes_memory_in_proportion(tmp_path, name, text, code, most):
    (tmp_path / name).write_text(text)
    done, peak, said, _ = measured(tmp_path, "sum(x)", "--x", f"@{name}", "-T", "text")
    assert done == code, said
    assert len(said) < 500
    assert peak < most


@pytest.mark.parametrize("format", ["mermaid", "dot", "svg", "png", "alt", "html", "animation"])
def test_arrays_in_full_are_counted_before_they_are_written(tmp_path, format):
    args = ["x*x*x*x*x*x*x", "--x", MILLION, "--max-elements", "1000000", "--precision", "17"]
    code, peak, said, _ = measured(tmp_path, *args, "-T", format)
    assert code == 5, said
    assert "its arrays would take" in said
    assert "lower --max-elements" in said
    assert peak < 700


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_trace_of_arrays_in_full_is_counted_too(tmp_path, format):
    args = ["x*x*x", "--x", MILLION, "--max-elements", "1000000", "-T", format]
    code, peak, said, _ = measured(tmp_path, "trace", *args)
    assert (code, "its arrays would take" in said) == (5, True), said
    assert peak < 600


@pytest.mark.parametrize("format", ["text", "json", "dot", "mermaid"])
def test_no_document_is_made_that_is_refused_the_next_time(tmp_path, format):
    document = (
        f'<!-- dzviz "x*x" --x {MILLION} --max-elements 1000000 --precision 17 -T {format} -->'
    )
    (tmp_path / "a.md").write_text(f"{document}\n<!-- /dzviz -->\n")
    before = (tmp_path / "a.md").read_bytes()
    code, peak, said, _ = measured(tmp_path, "embed", "a.md")
    assert code in (2, 5), said
    assert said.startswith("dzviz: error: a.md:1: ")
    assert (tmp_path / "a.md").read_bytes() == before
    assert peak < 600


def test_several_markers_make_no_document_that_is_refused(tmp_path, monkeypatch, capsys):
    from dzviz.documents import embedding

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(embedding, "MAX_BYTES", 1000)
    one = '<!-- dzviz "x" --x 1 -T text -->\n<!-- /dzviz -->\n'
    (tmp_path / "a.md").write_text(one * 3)
    assert run(["embed", "a.md"]) == 0
    (tmp_path / "a.md").write_text(one * 30)
    assert run(["embed", "a.md"]) == 2
    assert "the document would then be larger than" in capsys.readouterr().err
    assert (tmp_path / "a.md").read_text() == one * 30


def test_a_picture_of_a_document_is_as_large_as_one_that_it_compares(tmp_path, monkeypatch, capsys):
    from dzviz.documents import embedding

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(embedding, "MAX_BYTES", 1000)
    (tmp_path / "a.md").write_text('<!-- dzviz "x" --x 1 -o a.svg -->\n<!-- /dzviz -->\n')
    assert run(["embed", "a.md"]) == 2
    assert "larger than" in capsys.readouterr().err
    assert not (tmp_path / "a.svg").exists()


FRAMES = """
import io
from itertools import count
from PIL import Image
from dzviz.svg import raster
number = count()
def png(svg, **options):
    n = next(number)
    image = Image.new("RGB", (2000, 2000), "white")
    image.paste((n % 200, 0, 0), (n, n, n + 1900, n + 1900))
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()
raster.png = png
"""


def test_frames_of_a_gif_are_not_all_kept_in_pixels(tmp_path):
    code, peak, said, _ = measured(tmp_path, "x*x*x*x", "--x", "2", "-o", "a.gif", before=FRAMES)
    assert (code, said) == (0, "")
    from PIL import Image

    with Image.open(tmp_path / "a.gif") as film:
        count = film.n_frames
    assert count >= 14  # which as RGB take 16 MiB each
    assert peak < 350


def test_what_is_written_line_by_line_has_no_such_limit(tmp_path):
    args = ["x", "--x", "rand(100000)", "--max-elements", "100000", "-T", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "dzviz", *args],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert len(json.loads(done.stdout)["nodes"][0]["data"]) == 100_000
