"""The tool that draws as other processors would: what it tries, what it sees, what it says."""

import sys

import processors
import pytest
from gallery import DOCS, PAGES, commands
from processors import EXACT, SHOWN, Processor


def test_kernels_and_features_come_from_the_libraries():
    library = b"\0gotoblas_init\0gotoblas_HASWELL\0gotoblas_NEHALEM\0x_gotoblas_ATOM\0gotoblas\0"
    names = processors.kernels(library)
    assert names == ["HASWELL", "NEHALEM"]
    found = processors.processors(names, ["A", "B"])
    assert found[0] == Processor()
    assert [each.environment for each in found] == [
        {},
        {"OPENBLAS_CORETYPE": "HASWELL"},
        {"OPENBLAS_CORETYPE": "NEHALEM"},
        {"NPY_DISABLE_CPU_FEATURES": "A B"},
        {"NPY_DISABLE_CPU_FEATURES": "B"},
    ]
    assert len(set(map(str, found))) == len(found)


def test_an_older_processor_takes_effect_and_one_that_is_none_does_not():
    library = processors.openblas()
    names = processors.kernels(library.read_bytes()) if library is not None else []
    here, *others = processors.processors(names, processors.loaded(library)[1])
    assert processors.takes_effect(here)
    if sys.platform == "linux":
        assert any(map(processors.takes_effect, others))
    assert not processors.takes_effect(Processor(kernel="ABACUS"))


def test_all_pictures_are_drawn_in_all_formats():
    found = processors.drawings()
    gallery = [f"{page.stem}/{name}" for page in PAGES for name in commands(page)]
    assert found.keys() > set(gallery)
    assert found.keys() - set(gallery)  # those of the documents
    made = processors.outputs(*found["gallery/film.svg"])
    assert list(made) == [*SHOWN, EXACT]
    assert "@keyframes" in made["svg"]
    assert made["alt"].startswith("Computational graph of ")
    themed = next(words for _, words in found.values() if "light,dark" in words)
    assert processors.outputs(DOCS, themed)["svg"].startswith("<svg ")


def outputs(**changed):
    return {"a": dict.fromkeys((*SHOWN, EXACT), "one\ntwo 0.5403\n") | changed}


@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        (outputs(), 1, "No exact value changed"),
        (outputs(json="0.54"), 0, "       1"),
        (
            outputs(json="0.54", text="one\ntwo 0.5404\n"),
            1,
            "a as text\n    - two 0.5403\n    + two ",
        ),
        (outputs(svg="one\n"), 1, "a as svg"),
    ],
)
def test_what_is_shown_otherwise_is_a_failure(monkeypatch, capsys, other, code, words):
    here, older = Processor(), Processor(kernel="OLD")
    results = {here: outputs(), older: other}
    monkeypatch.setattr(
        processors, "processors", lambda names, features: [*results, Processor("X")]
    )
    monkeypatch.setattr(processors, "takes_effect", lambda processor: processor in results)
    monkeypatch.setattr(processors, "made", results.get)
    assert processors.main([]) == code
    printed = capsys.readouterr().out
    assert words in printed
    assert "OpenBLAS for X: not on this machine" in printed
