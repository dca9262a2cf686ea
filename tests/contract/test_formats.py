"""What every format of the table keeps."""

import os
import subprocess
import sys

import pytest
from support.ascii import in_one_language
from support.graphs import CORPUS

from dzviz.errors import UsageError
from dzviz.formats import FORMATS, format_named, format_of_file
from dzviz.options import Layout, Look
from dzviz.text.typeset import plain

TEXT_FORMATS = [name for name, format in FORMATS.items() if not format.binary]


def test_the_table_is_not_empty():
    assert {"dot", "svg", "png", "pdf", "json", "text", "alt"} <= set(FORMATS)
    assert all(name == format.name for name, format in FORMATS.items())
    suffixes = [suffix for format in FORMATS.values() for suffix in format.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.thorough
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("key", CORPUS)
def test_it_writes_every_graph_twice_the_same(name, key):
    format, make = FORMATS[name], CORPUS[key]
    if format.binary and key == "names":
        pytest.skip("whether a font has these names is the machine's affair")
    first = list(format.write(make(), Look(), Layout()))
    assert first == list(format.write(make(), Look(), Layout()))
    kind = bytes if format.binary else str
    assert first
    assert all(type(chunk) is kind for chunk in first)
    if not format.binary:
        text = "".join(first)
        assert text.endswith("\n")
        assert "\r" not in text


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_ascii_in_ascii_out(name):
    for key, make in CORPUS.items():
        text = "".join(FORMATS[name].write(make(), Look(), Layout()))
        text = in_one_language(text)
        drawn = FORMATS[name].placed  # there signs are set as a typesetter does
        assert (plain(text) if drawn else text).isascii() or key == "names"


@pytest.mark.thorough
@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_the_bytes_do_not_depend_on_the_surroundings(name, tmp_path):
    command = [sys.executable, "-m", "dzviz", "a = x*x; a*sin(a) + x", "--x", "3", "-T", name]
    outputs = set()
    for seed, zone, folder in (("1", "UTC", "."), ("2", "Asia/Tokyo", str(tmp_path))):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        environment["PYTHONPATH"] = os.pathsep.join(
            filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")])
        )
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
        outputs.add(run.stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_suffixes_lead_to_it(name):
    for suffix in FORMATS[name].suffixes:
        assert format_of_file(f"folder.svg/picture{suffix}").name == name
        assert format_of_file(f"PICTURE{suffix.upper()}").name == name
    assert format_named(name).name == name


def test_unknown_names_and_suffixes_list_what_there_is():
    with pytest.raises(UsageError) as caught:
        format_named("jpeg")
    assert "svg" in caught.value.hint
    with pytest.raises(UsageError, match=r"unknown suffix '\.jpeg'") as caught:
        format_of_file("a.jpeg")
    assert ".svg" in caught.value.hint
    with pytest.raises(UsageError, match="without a suffix"):
        format_of_file("folder.d/picture")
