import io
import json
import os
import pickle
import re
import sys
import threading
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dzviz.errors import UsageError
from dzviz.language.files import HINTS, MAX_BYTES, MAX_MEMBERS, READERS, read_array
from dzviz.language.limits import MAX_ELEMENTS

BIG = MAX_ELEMENTS + 1


def npy(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asanyarray(array), version=version)
    return stream.getvalue()


def lying(descr="'<f8'", fortran="False", shape="(3,)", data=b"\0" * 24):
    """A .npy file whose header says what it likes."""
    header = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


def npz(compression=zipfile.ZIP_STORED, **members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, contents in members.items():
            archive.writestr(f"{name}.npy", contents)
    return stream.getvalue()


def saved(save, **arrays):
    stream = io.BytesIO()
    save(stream, **arrays)
    return stream.getvalue()


def nested(depth):
    return b"[" * depth + b"1" + b"]" * depth


MATRIX = np.arange(6.0).reshape(2, 3)

# file name, contents, what is read
READ = [
    ("a.npy", npy(MATRIX), MATRIX),
    ("a.NPY", npy(MATRIX), MATRIX),
    ("a.npy", npy(MATRIX, (2, 0)), MATRIX),
    ("a.npy", npy(MATRIX, (3, 0)), MATRIX),
    ("a.npy", npy(np.asfortranarray(MATRIX)), MATRIX),
    ("a.npy", npy(MATRIX.astype(">f8")), MATRIX),
    ("a.npy", npy(MATRIX.astype("f4")), MATRIX.astype("f4")),
    ("a.npy", npy(MATRIX.astype(">f2")), MATRIX.astype("f2")),
    ("a.npy", npy(MATRIX.astype("longdouble")), MATRIX),
    ("a.npy", npy(np.array(np.finfo("longdouble").max)), np.array(np.inf)),
    ("a.npy", npy(MATRIX.astype(">i2")), MATRIX),
    ("a.npy", npy(np.array(2**64 - 1, "u8")), np.array(2.0**64)),
    ("a.npy", npy(np.array([True, False])), np.array([1.0, 0.0])),
    ("a.npy", npy(np.array(1.5)), np.array(1.5)),
    ("a.npy", npy(np.zeros((0, 3))), np.zeros((0, 3))),
    ("a.npy", npy(np.array([np.nan, -np.inf])), np.array([np.nan, -np.inf])),
    ("a.npy", npy(MATRIX) + b"more", MATRIX),
    ("a.npy", npy(np.zeros(MAX_ELEMENTS, "i1")), np.zeros(MAX_ELEMENTS)),
    ("a.npz", npz(w=npy(MATRIX)), MATRIX),
    ("a.npz", npz(zipfile.ZIP_DEFLATED, w=npy(MATRIX)), MATRIX),
    ("a.npz:w", saved(np.savez, w=MATRIX, b=1), MATRIX),
    ("a.npz:w", saved(np.savez_compressed, w=MATRIX, b=1), MATRIX),
    ("a.npz:w", npz(w=npy(MATRIX), b=npy(1)), MATRIX),
    ("a.npz:a.npz:w", None, None),
    ("a.csv", b"0,1,2\n3,4,5\n", MATRIX),
    ("a.csv", b"\xef\xbb\xbf# x, y\r\n 0 , 1,2\r\n\r\n3,4,5", MATRIX),
    ("a.csv", "0,1,2\r\n3,4,5\r\n".encode("utf-16"), MATRIX),
    ("a.csv", b"0,1,2\r3,4,5", MATRIX),
    ("a.csv", b"1\n2\n3\n", np.array([1.0, 2.0, 3.0])),
    ("a.csv", b"1,-2e3,nan,-inf", np.array([1, -2e3, np.nan, -np.inf])),
    ("a.csv", b"2.5", np.array(2.5)),
    ("a.csv", b"x, y, z\n0,1,2\n3,4,5\n", MATRIX),
    ("a.csv:y", b'# t\n"x","y, m"\n0,1\n3,4\n'.replace(b", m", b""), np.array([1.0, 4.0])),
    ("a.csv:y, m", b'"x","y, m"\n0,1\n3,4\n', np.array([1.0, 4.0])),
    ("a.csv:z,x", b"x;name;z\n0;Bob;2\n3;;5\n", MATRIX[:, [2, 0]]),
    ("a.csv:2020", b"x,2020\n0,1\n3,4\n", np.array([1.0, 4.0])),
    ("a.csv", b"0;1;2\n3;4;5\n", MATRIX),
    ("a.csv", b"0|1|2\n3|4|5\n", MATRIX),
    ("a.csv", b"0 1  2\n3 4 5\n", MATRIX),
    ("a.csv", b'"0","1",2\n3,4,5\n', MATRIX),
    ("a.tsv", b"a\tb\tc\n0\t1\t2\n3\t4\t5\n", MATRIX),
    ("a.tsv:b", b"a\tb\tc\n0\t1\t2\n3\t4\t5\n", np.array([1.0, 4.0])),
    ("a.toml:w.b", b"x = 1\n[w]\nb = [[0, 1, 2], [3, 4.0, 5]]", MATRIX),
    ("a.toml:x", b"x = inf", np.array(np.inf)),
    ("a.json:x", b'{"x": [[0, 1, 2], [3, 4, 5]], "y": "text"}', MATRIX),
    ("a.json:a.x", b'{"a.x": 1, "a": {"x": 2}}', np.array(1.0)),
    ("a.json:a.x", b'{"a": {"x": 2}}', np.array(2.0)),
    ("a.json", b"[[0, 1, 2], [3, 4, 5]]", MATRIX),
    ("a.json", b"\xef\xbb\xbf1.5\n", np.array(1.5)),
    ("a.json", b"[1e5, true, NaN, -Infinity]", np.array([1e5, 1, np.nan, -np.inf])),
    ("a.json", b"[]", np.zeros(0)),
    ("a.json", b"[[], []]", np.zeros((2, 0))),
    ("a.json", b"9" * 5000, np.array(np.inf)),
    ("a.json", nested(32), np.ones((1,) * 32)),
    ("a.json", json.dumps([[0] * 1000] * 1000).encode(), np.zeros((1000, 1000))),
]

# file name, contents, words of the message
REFUSED = [
    ("a.npy", b"", "it is empty"),
    ("a.npy", b"\x93NUMPY", "its .npy header is damaged"),
    ("a.npy", b"text", "its .npy header is damaged"),
    ("a.npy", b"\x93NUMPY\x09\x00" + npy(MATRIX)[8:], "its .npy header is damaged"),
    ("a.npy", npy(MATRIX)[:-1], "announces 48 bytes of numbers, but it contains 47"),
    ("a.npy", npy(MATRIX)[:90], "its .npy header is damaged"),
    ("a.npy", lying(shape="(10**10,)"), "its .npy header is damaged"),
    ("a.npy", lying(shape="(10000000000,)"), "its shape (10000000000,) has 10000000000 elements"),
    ("a.npy", lying(shape="(100000, 100000)"), "has 10000000000 elements, more than 1000000"),
    ("a.npy", lying(shape=f"({BIG},)"), f"has {BIG} elements"),
    ("a.npy", lying(shape="(1000000,)"), "announces 8000000 bytes of numbers, but it contains 24"),
    ("a.npy", lying(shape="(-1,)"), "an impossible shape ((-1,))"),
    ("a.npy", lying(shape="(-3, -1)"), "an impossible shape"),
    ("a.npy", lying(shape="(True,)"), "an impossible shape"),
    ("a.npy", lying(shape="(3.0,)"), "its .npy header is damaged"),
    ("a.npy", lying(shape="(0, 10000000000000000000000)"), "is too large"),
    ("a.npy", lying(shape=str((1,) * 33)), "it has 33 dimensions, more than 32"),
    ("a.npy", lying(shape=str((1,) * 65)), "it has 65 dimensions, more than 32"),
    ("a.npy", lying(shape="[3]"), "its .npy header is damaged"),
    ("a.npy", lying(fortran="1"), "its .npy header is damaged"),
    ("a.npy", lying(descr="'<f3'"), "its .npy header is damaged"),
    ("a.npy", lying(descr="'|O'"), "it contains Python objects"),
    ("a.npy", lying(descr="'<c16'"), "it contains complex numbers"),
    ("a.npy", lying(descr="'<U3'"), "it contains text"),
    ("a.npy", lying(descr="'|S3'"), "it contains text"),
    ("a.npy", lying(descr="'|V8'"), "it contains records"),
    ("a.npy", lying(descr="[('a', '<f8')]"), "it contains records"),
    ("a.npy", lying(descr="('<f8', (2,))"), "it contains records"),
    ("a.npy", lying(descr="'<M8[s]'"), "it contains dates"),
    ("a.npy", lying(descr="'<m8[s]'"), "it contains time spans"),
    ("a.npy", lying(descr="__import__('os')"), "its .npy header is damaged"),
    ("a.npy", lying(descr="'\\d'"), "its .npy header is damaged"),
    ("a.npy", lying(descr="[" * 3000), "its .npy header is damaged"),
    ("a.npy", lying(descr="-" * 9000 + "1"), "its .npy header is damaged"),
    ("a.npy", lying(descr="'" + "x" * 60000 + "'"), "its .npy header is damaged"),
    ("a.npy", npy(np.array([None], object)), "it contains Python objects"),
    ("a.npy", pickle.dumps(MATRIX), "it is a pickle"),
    ("a.npy", npz(w=npy(MATRIX)), "it is a .npz archive"),
    ("a.npz", npy(MATRIX), "it is not a valid .npz archive"),
    ("a.npz", npz(w=npy(MATRIX))[:-30], "it is not a valid .npz archive"),
    ("a.npz", npz(), "it contains 0 arrays"),
    ("a.npz", npz(w=npy(1), b=npy(2)), "it contains 2 arrays (w and b)"),
    ("a.npz:c", npz(w=npy(1), b=npy(2)), "it contains w and b, but no 'c'"),
    ("a.npz:c", npz(), "it contains nothing, but no 'c'"),
    ("a.npz", npz(w=b"text"), "its .npy header is damaged"),
    ("a.npz", npz(w=lying(shape="(10000000000,)")), "has 10000000000 elements"),
    ("a.npz", npz(w=lying(shape="(1000000,)")), "announces 8000000 bytes"),
    ("a.npz", npz(w=pickle.dumps(1)), "it is a pickle"),
    ("a.npz", npz(zipfile.ZIP_LZMA, w=npy(1)), "compressed in a way"),
    ("a.npz", npz(zipfile.ZIP_BZIP2, w=npy(1)), "compressed in a way"),
    ("a.npz", npz(zipfile.ZIP_DEFLATED, w=bytes(MAX_BYTES + 1)), "takes more than 64 MiB"),
    ("a.npz", npz(w=npy(1)).replace(b"\x93NUMPY", b"\x93NUMPX"), "it is not a valid .npz"),
    ("a.npz", b"PK\x01\x02" * (MAX_MEMBERS + 1), "it contains more than 1000 arrays"),
    ("a.csv", b"\n# nothing\n", "it contains no numbers"),
    ("a.csv", b"x,y\n\n", "'x' is not a number (line 1)"),
    ("a.csv:x", b"x,y\n\n", "it contains no numbers, only names of columns"),
    ("a.csv:z", b"x,y\n1,2\n", "it has the columns x and y, but no 'z'"),
    ("a.csv:x", b"x,x\n1,2\n", "several of its columns are called 'x'"),
    ("a.csv:x", b"1,2\n3,4\n", "its first line has no names of columns, such as 'x'"),
    ("a.csv:a", b"a,b\nBob,1\n", "'Bob' is not a number (line 2)"),
    ("a.csv", b'1,"2', "its quotation marks do not follow the rules of CSV (line 1"),
    ("a.csv", b'x,y\n1,"2\n3"', "its quotation marks do not follow the rules of CSV (line 2"),
    ("a.tsv", b"1,5\t2,5\n", "'1,5' is not a number (line 1)"),
    ("a.toml", b"x = 1\ny = 2", "it contains x and y"),
    ("a.toml:z", b"x = 1\ny = 2", "it contains x and y, but no 'z'"),
    ("a.toml:x", b"x = 1979-05-27", "a date is not a number"),
    ("a.toml:x", b"x = [1, [2]]", "[1] has the shape (1,), but [0] has ()"),
    ("a.toml", b"x = ", "it is not TOML"),
    ("a.toml", b"\xff", "it is not UTF-8 text"),
    ("a.json", b'{"x": 1}', "it contains x"),
    ("a.json:x.y", b'{"x": 1}', "it has no named parts, such as 'y'"),
    ("a.json:x", b"[1]", "it has no named parts, such as 'x'"),
    ("a.json:x", b'{"x": "1"}', "text is not a number"),
    ("a.csv", b"1,2\n3,z", "'z' is not a number (line 2)"),
    ("a.csv", b"1,2,\n", "a number is missing (line 1)"),
    ("a.csv", b"1,2\n\n3\n", "line 3 has 1 field, but line 1 has 2 fields"),
    ("a.csv", b"# c\n1\n2,3", "line 3 has 2 fields, but line 2 has 1 field"),
    ("a.csv", b"1+2j", "'1+2j' is not a number (line 1)"),
    ("a.csv", b"\x00", "is not a number (line 1)"),
    ("a.csv", b"\xff", "it is not UTF-8 text"),
    ("a.csv", b"\xff\xfe1", "it is not UTF-8 text"),
    ("a.csv", b"1," * MAX_ELEMENTS + b"1", f"it has {BIG} elements"),
    ("a.json", b" ", "it is not JSON (line 1, column 2"),
    ("a.json", b"[1,\n 2", "it is not JSON (line 2, column 3"),
    ("a.json", b"[1 2]", "it is not JSON (line 1, column 4"),
    ("a.json", b'["1"]', "text is not a number (at [0])"),
    ("a.json", b"null", "null is not a number"),
    ("a.json", b'[[1], [{"a": 1}]]', "an object is not a number (at [1][0])"),
    ("a.json", b"[[1, 2], [3]]", "[1] has the shape (1,), but [0] has (2,)"),
    ("a.json", b"[[[1], [2]], [[3], 4]]", "[1][1] has the shape (), but [1][0] has (1,)"),
    ("a.json", b"[1, [2]]", "[1] has the shape (1,), but [0] has ()"),
    ("a.json", nested(33), "nested more than 32 deep"),
    ("a.json", nested(100_000), "nested more than 32 deep"),
    ("a.json", b"[" + b"1," * MAX_ELEMENTS + b"1]", f"it has {BIG} elements"),
    ("a.json", b"\xff", "it is not UTF-8 text"),
    ("a.txt", b"1", "its suffix is not .npy, .npz, .csv, .tsv, .json or .toml"),
    ("a", b"1", "its suffix is not"),
    (".npy", npy(1), "its suffix is not"),
]


def short(value):
    if isinstance(value, bytes):  # an archive tells the time at which it was made
        return f"{len(value)} bytes"
    return repr(value)[:30]


def refusal(path):
    with pytest.raises(UsageError) as caught:
        read_array(str(path))
    assert str(caught.value).startswith(f"cannot use '@{path}': ")
    assert caught.value.hint
    assert caught.value.place is None
    return str(caught.value).removeprefix(f"cannot use '@{path}': ")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "contents", "expected"), READ, ids=short)
def test_reads_numbers(folder, name, contents, expected):
    if contents is None:
        contents, expected = npz(w=npy(MATRIX)), MATRIX
        (folder / "a.npz:a.npz").write_bytes(contents)
    else:
        (folder / name.partition(":")[0]).write_bytes(contents)
    array = read_array(name)
    np.testing.assert_array_equal(array, expected, strict=True)
    assert array.dtype.isnative
    assert array.flags.c_contiguous
    assert array.flags.writeable


@pytest.mark.parametrize(("name", "contents", "words"), REFUSED, ids=short)
def test_refuses_by_name(folder, name, contents, words):
    (folder / name.partition(":")[0]).write_bytes(contents)
    assert words in refusal(name)


@pytest.mark.parametrize(
    ("name", "contents", "words", "hint"),
    [
        ("v.json", b'{"x": 1}', "it contains x", "as in @v.json:x"),
        ("v.csv:x", b"1", "its first line has no names of columns", "all of its numbers are read"),
        ("v.npy:x", npy(1), "a .npy has no named arrays, such as 'x'", HINTS[".npy"]),
        ("v.txt:x", b"1", "its suffix is not .npy, .npz, .csv, .tsv, .json or .toml", HINTS[""]),
        ("v.csv", b"1,2\n3;4", "line 2 has 1 field, but line 1 has 2", HINTS[".csv"]),
        ("v.csv", b"1,5;2,5", "'1,5' is not a number", "decimal points instead of commas"),
        ("v.csv", b"name,b\nBob,2", "'Bob' is not a number (line 2)", "as in @v.csv:b"),
        ("v.csv", b"1,b", "'b' is not a number (line 1)", HINTS[".csv"]),
        ("v.csv", b"1,,2", "a number is missing (line 1)", HINTS[".csv"]),
    ],
    ids=short,
)
def test_the_hint_fits_what_is_wrong(folder, name, contents, words, hint):
    (folder / name.partition(":")[0]).write_bytes(contents)
    with pytest.raises(UsageError, match=re.escape(words)) as error:
        read_array(name)
    assert hint in error.value.hint


def test_every_kind_of_file_is_tested():
    assert READERS
    for table in (READ, REFUSED):
        assert {os.path.splitext(row[0].partition(":")[0])[1] for row in table} >= {*READERS}
    assert {*HINTS} == {"", *READERS}


def test_takes_no_memory_that_a_file_only_promises(folder):
    (folder / "a.npy").write_bytes(lying(shape="(10000000000,)"))
    (folder / "b.npz").write_bytes(npz(zipfile.ZIP_DEFLATED, w=bytes(MAX_BYTES + 1)))
    (folder / "c.json").write_bytes(b"[" + b"1," * 2_000_000 + b"1]")
    (folder / "d.csv").write_bytes(b"1," * 2_000_000)
    tracemalloc.start()
    for name in ("a.npy", "b.npz", "c.json", "d.csv"):
        refusal(name)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * 2**20


def test_refuses_a_large_file_unread(folder):
    with open("a.csv", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert refusal("a.csv") == "it is larger than 64 MiB"


def test_a_missing_file(folder):
    assert refusal("missing.npy") == "there is no such file"
    assert refusal("missing/w.npy") == "there is no such file"


def test_what_is_not_a_file(folder):
    (folder / "folder.npy").mkdir()
    assert refusal("folder.npy") == "it is a folder, not a file"
    assert refusal("a\x00.npy") == "a file cannot have such a name"
    assert refusal("") == "its suffix is not .npy, .npz, .csv, .tsv, .json or .toml"


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs or devices with file names")
def test_never_waits_for_a_pipe_or_a_device(folder):
    os.mkfifo("pipe.csv")
    os.symlink("/dev/zero", "zero.npy")
    os.symlink("loop.npy", "loop.npy")
    said = []
    names = ("pipe.csv", "zero.npy", "loop.npy")
    thread = threading.Thread(target=lambda: said.extend(map(refusal, names)), daemon=True)
    thread.start()
    thread.join(5)
    assert said[:2] == ["it is a pipe, not a file", "it is a device, not a file"]
    assert "it cannot be read" in said[2]


@pytest.mark.skipif(not hasattr(os, "geteuid") or not os.geteuid(), reason="root may read all")
def test_an_unreadable_file(folder):
    (folder / "a.npy").touch(mode=0)
    assert "it cannot be read" in refusal("a.npy")


@pytest.mark.skipif(sys.platform == "win32", reason="HOME is not where a home is looked for")
def test_finds_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    (folder / "a.npy").write_bytes(npy(MATRIX))
    np.testing.assert_array_equal(read_array("~/a.npy"), MATRIX)


def test_a_link_is_followed(folder):
    (folder / "a.npy").write_bytes(npy(MATRIX))
    os.symlink("a.npy", "b.npy")
    np.testing.assert_array_equal(read_array("b.npy"), MATRIX)


def test_each_call_reads_anew(folder):
    (folder / "a.npy").write_bytes(npy(MATRIX))
    first = read_array("a.npy")
    first[:] = 0
    np.testing.assert_array_equal(read_array("a.npy"), MATRIX)


SOUND = [row for row in READ if row[1] and len(row[1]) < 10_000]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, data):
    name, contents, _ = data.draw(st.sampled_from(SOUND))
    damaged = bytearray(contents)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(damaged)))
        end = data.draw(st.integers(start, min(start + 4, len(damaged))))
        damaged[start:end] = data.draw(st.binary(max_size=4))
    folder = tmp_path_factory.getbasetemp()
    (folder / name.partition(":")[0]).write_bytes(damaged)
    try:
        array = read_array(str(folder / name))
    except UsageError as error:
        assert error.hint  # noqa: PT017
    else:
        assert array.dtype.kind == "f"
        assert array.size <= MAX_ELEMENTS
