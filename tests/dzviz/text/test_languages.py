"""The table of sentences is whole, and none is said in English where another is asked for."""

import ast
import json
import re
from collections import Counter
from pathlib import Path
from string import Formatter

import numpy as np
import pytest
from support.gradient_faults import AFTER, BEFORE
from support.loops import chain, taken

import dzviz
from dezero import OPS, Variable
from dzviz.cli import main as cli
from dzviz.comparison import words as diff_words
from dzviz.diagnosis import engines, gain_words, missing, nonfinite, why
from dzviz.formats import FORMATS, trace
from dzviz.graph.events import KINDS
from dzviz.options import LANGUAGES, Layout, Look, View
from dzviz.page import languages
from dzviz.pipeline import Computation, Given, prepare
from dzviz.results import kind_of
from dzviz.sources.expression import read
from dzviz.styles import STYLES, backward
from dzviz.svg import book, curve
from dzviz.text import key, labels, notes, numbers
from dzviz.text.languages import say
from dzviz.text.notes import place_in
from dzviz.text.phrases import is_wide, wrap
from dzviz.text.sentences import table
from dzviz.text.variables import HEADINGS

PACKAGE = Path(dzviz.__file__).parent

PAGE = languages.source("page.html")

TABLES = [
    *(style.legend for style in STYLES.values()),
    *(mark.text for mark in key.MOMENTS),
    *(mark.word for mark in key.MOMENTS),
    *(backward.LEFT_OUT, backward.TURNED, *book.HEADINGS, notes.FOUND, labels.SHARE),
    *(kind.sentence for kind in KINDS.values()),
    *(numbers.NOISE_MEANING, *HEADINGS, *trace.HEADINGS, *KINDS, *languages.SCRIPTED),
    *(word for word in curve.WORDS.values() if word not in ("NaN", "inf")),
    *(missing.MENDS.values()),
    *(missing.ELSE, missing.SLOPE, missing.FLAT, missing.NUMBER),
    *(*nonfinite.MENDS.values(), nonfinite.MASKED, nonfinite.ELSE),
    *(
        *gain_words.HEADINGS,
        *diff_words.HEADINGS,
        *diff_words.SAID,
        "added",
        "removed",
        "None",
        "unknown",
    ),
    *(word for counted in diff_words.COUNTED.values() for word in counted),
    *(*diff_words.SAID.values(), *diff_words.REMARKS.values()),
    *(getattr(words, field) for words in engines.ENGINES.values() for field in words._fields[:5]),
    *re.findall(r"tell\((?:\w+ \? )?\"([^\"]+)\"", languages.source("page.js")),
    *re.findall(r"tell\(\"([^\"]+)\"", languages.source("live.js")),
    *(" ".join(text.split()) for text in re.findall(r"(?s)\{\{(.+?)\}\}", PAGE)),
]
"""What is said though no call of `say` has it."""


def literals(node):
    """Return the texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return []


def said_in(path):
    """Return what the calls of `say` in a module have as their sentence, also by a local name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).extend(literals(node.value))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        own = isinstance(node.func, ast.Attribute)  # of a loss, which knows its language
        place = {"say": int(not own), "reason": 1, "note": 1}.get(name)
        if name == "underived":
            for arg in node.args:
                yield from literals(arg)
        if place is None or len(node.args) <= place:
            continue
        for sentence in node.args[place : place + 1 + (name == "reason")]:
            yield from literals(sentence)
            if isinstance(sentence, ast.Name):
                yield from named.get(sentence.id, [])


SAID = {text for path in sorted(PACKAGE.rglob("*.py")) for text in said_in(path)}


def fields(text):
    return Counter(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_every_sentence_is_in_the_table():
    assert len(SAID) > 250
    assert (SAID | set(TABLES)) - set(table()) == set()


def test_what_is_not_translated_yet_is_said_in_english(monkeypatch, everything_translated):
    with pytest.raises(AssertionError, match="no row"):
        say("ko", "{count} new things", count=2)
    monkeypatch.setattr("dzviz.text.languages.untranslated", everything_translated)
    assert [say(lang, "{count} new things", count=2) for lang in LANGUAGES] == ["2 new things"] * 3


def test_every_sentence_has_the_same_fields_in_all_languages():
    assert len(table()) > 400
    for english, others in table().items():
        assert len(others) == len(LANGUAGES) - 1
        for text in others:
            assert text.strip(), english
            assert set(fields(text)) == set(fields(english)), (english, text)
            assert not text.isascii() or english in SAME, english


SAME = {
    *("{first} and {last}", "{name} is {what}", "it is {what}", "{name}.grad is {value}: {why}"),
    *("NaN", "a NaN", "data", "grad", "dtype", "seed", "{text}.", "Variables", "tensors"),
    *("None", "{where}", "{name} through {op}"),
    *("jax.numpy", "requires_grad False", "{what} {span}"),
}
"""What has no words, or none but names."""


def test_no_particle_depends_on_the_sound_that_a_field_ends_with():
    for korean, _ in table().values():
        assert not re.search(r"\}(?:을|를|이|가|은|는|과|와|로|으로|이다|다)(?![가-힣])", korean), (
            korean
        )
        assert not re.search(r"[을은이]\([를는가]\)", korean), korean


def test_a_line_is_broken_where_it_may_be():
    text = "順伝播で log(x) の結果が最初の NaN, x = -1 のとき、" * 4
    lines = wrap(text, 40)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(sum(2 if is_wide(c) else 1 for c in line) <= 40 for line in lines)
    assert not any(line[0] in "、。" for line in lines)
    assert wrap("기울기가 " * 30, 50)[0].endswith("기울기가")


CODE = {
    *("data", "grad", "None", "seed", "node", "NaN", "inf", "shape", "dtype", "float64", "int64"),
    *("ndarray", "Variable", "creator", "inputs", "outputs", "axis", "keepdims", "True"),
    *("upstream", "sin", "cos", "log", "relu", "sum", "softmax", "exp", "mul", "add", "neg", "max"),
    *("Sin", "Cos", "Log", "Relu", "ReLU", "Sum", "Softmax", "Exp", "Mul", "Add", "Neg", "Pow"),
    *("Sub", "Square", "GetItem", "gelu", "clip", "softplus", "expand", "all", "record", "dzviz"),
    *("Home", "End", "Page", "Down", "Escape", "Enter", "Shift", "SVG", "PNG", "English"),
    *("Python", "focus", "NAME", "fold", "none", "nodes"),
}
"""Names of ops, attributes, options and keys, which stay."""


WHOLE = View()


def drawn(graph, name, lang, view=WHOLE, **look):
    made = prepare(graph, FORMATS[name], Look(lang=lang, **look), view, Layout())
    return "".join(map(str, made.chunks()))


def texts_of(markup):
    """Return what a picture or page shows or tells: its texts, labels, lines of its script."""
    data = re.findall(r'(?s)<script type="application/json" id="data">(.*?)</script>', markup)
    lines = [line for each in data for line in json.loads(each)["lines"] if isinstance(line, str)]
    why = [json.loads(each)["opening"]["why"] for each in data]
    markup = re.sub(r"(?s)<(script|style|code|math)\b.*?</\1>", "", markup)
    parts = [markup, *(re.sub("<math.*?</math>", "", line) for line in lines)]
    labels = [text for part in parts for text in re.findall(r'(?:aria-label|alt)="([^"]*)"', part)]
    return [*(re.sub("<[^>]*>", " ", part) for part in parts), *labels, *why]


def english_in(markup):
    """Return the words of English in it."""
    text = re.sub(r"&\w+;|d\w*/d\w+|\b[a-z]\w*_\w+|\be\d\b", " ", " ".join(texts_of(markup)))
    return set(re.findall(r"(?<![\w.])[A-Za-z_]{3,}(?!\w)", text)) - CODE


RICH = {
    "a = x*x; a*sin(a) + x": {"x": "3"},
    "log(x)*relu(x) + x - 2": {"x": "-1"},
    "softmax(x)*w[0] + 1": {"x": "[1.0, 2]", "w": "[3.0, 4]"},
}


def corpus():
    for text, values in RICH.items():
        yield text, Computation(read(text), values), View()
    yield "order", Computation(read("x*sin(x)"), {"x": "2"}, order=2), View()
    yield "retained", Computation(read("x*sin(x)"), {"x": "2"}, retain_grad=True), View()
    yield "forward", Computation(read("x*sin(x)"), {"x": "2"}, backward=False), View()
    yield "folded", Given(taken(chain(30))), View(fold="always")
    yield "part", Given(taken(chain(30))), View(focus="v12:2")
    yield "large", Computation(read("sum(exp(x))"), {"x": "rand(9, 9)"}), View()
    x = Variable(np.array(2.0))
    y = x**3
    y.backward()
    x.data = np.array(5.0)
    yield "changed", Given(dzviz.snapshot(y)), View()


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_no_english_is_left_in_pictures(lang):
    for name, given, view in corpus():
        for style in STYLES if name != "folded" else ("boxes", "merged"):
            look = {"legend": "on", "style": style, "show": ("order",)}
            markup = drawn(given, "svg", lang, view, **look)
            assert english_in(markup) == set(), (name, style)
            assert f'lang="{lang}"' in markup
        assert english_in(drawn(given, "alt", lang, view)) == set(), name


@pytest.mark.thorough
@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_no_english_is_left_in_pages_and_films(lang):
    for name, given, view in corpus():
        page = drawn(given, "html", lang, view)
        main = page.partition("<main>")[2].partition("</main>")[0]
        assert english_in(main) == set(), name
        tools = page.partition("<header>")[2].partition("</header>")[0]
        assert english_in(tools.replace(name, "")) == set(), name
        if isinstance(given, Computation) and given.backward:
            assert english_in(drawn(given, "animation", lang)) == set(), name


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_no_english_is_left_in_answers(lang):
    for kind in ("why", "trace"):
        for text, values in RICH.items():
            found = kind_of(kind).result(read(text), values, lang=lang)
            assert english_in("".join(found.lines)) == set(), (kind, text)


def test_names_that_are_words_of_the_table_stay():
    given = {"sum": "[1.0, 2]", "step": "2"}
    text = "value = sin(sum)*step; input = value + max(sum)"
    for lang in LANGUAGES:
        said = drawn(Computation(read(text), given), "alt", lang)
        assert {"sum", "step", "value", "input"} <= set(re.findall(r"\w+", said))
    assert place_in("sum (line 3), whose result is not used", "ko").startswith("sum (3\ud589)")


@pytest.mark.thorough
@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_no_english_is_left_in_any_reason(lang, monkeypatch):
    inquiry = why.Inquiry
    monkeypatch.setattr(why, "Inquiry", lambda graph, lost, _: inquiry(graph, lost, lang))
    told = 0
    for fault in (*BEFORE, *AFTER):
        for answer in fault.ask():
            text = re.sub(r"\([\w/]+\.py, |'[^']*'", "", f"{answer.sentence} {answer.mend}")
            assert english_in(text) - NAMES_IN_REASONS == set(), fault.name
            told += 1
    assert told > 60


NAMES_IN_REASONS = {
    *OPS,
    *("item", "float", "int", "detach", "unchain", "retain", "requires_grad", "asarray", "floor"),
    *("NoRule", "ZeroRule", "NanRule", "gradcheck", "flow", "backward", "False"),
}


def test_the_picture_of_an_answer_is_in_its_language(tmp_path, monkeypatch, capsys):
    for lang in LANGUAGES[1:]:
        target = tmp_path / f"{lang}.svg"
        command = ["why", "relu(x)*w", "--x", "-1", "--w", "2", "--lang", lang, "-o", str(target)]
        assert cli.run(command) == 1
        assert english_in(capsys.readouterr().out) == set()
        assert english_in(target.read_text(encoding="utf-8")) == set()


def test_formats_that_promise_ascii_keep_english():
    given = Computation(read("a = x*x; a*sin(a) + x"), {"x": "3"})
    for name, format in FORMATS.items():
        if format.binary or name in ("svg", "html", "animation"):
            continue
        found = {lang: drawn(given, name, lang) for lang in LANGUAGES}
        assert name == "alt" or found["ko"].isascii() or name == "tikz"
        same = len(set(found.values())) == 1
        assert same == (name not in ("alt", "mermaid")), name


def test_json_of_answers_is_the_same_in_every_language():
    for kind in ("why", "trace"):
        found = {
            lang: "".join(
                kind_of(kind)
                .result(read("x*sin(x)"), {"x": "2"}, lang=lang, format_name="json")
                .lines
            )
            for lang in LANGUAGES
        }
        assert len(set(found.values())) == 1
