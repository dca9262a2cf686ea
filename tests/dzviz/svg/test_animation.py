"""The SVG that plays by itself: as text, without its style sheet, and in a browser."""

import io
import json
import re
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace

import pypdf
import pytest
from support.films import FILMS, NAMESPACE, filmed, frames, words
from support.tools import find_tool

from dzviz.errors import LayoutError
from dzviz.options import Layout, Look
from dzviz.svg import animation, raster
from dzviz.svg.pdf_pages import pdf
from dzviz.svg.timeline import MOST_STEPS, seconds


def written(name, **options):
    make, look = FILMS[name]
    return "".join(animation.write(make(), Look(**options) if options else look, Layout()))


def spans(svg):
    """The states that come and go: from which step, to which, what is in them."""
    for group in ET.fromstring(svg).iter(f"{NAMESPACE}g"):
        if group.get("class"):
            start, end, count = map(
                int, re.match(r"s(\d+)-(\d+)of(\d+)in\d+$", group.get("class")).groups()
            )
            yield start, end, count, group


@pytest.mark.parametrize("name", FILMS)
def test_at_each_step_it_has_what_the_frame_has(name):
    """The style sheet is obeyed here by hand: a class says at which steps it is seen."""
    root = ET.fromstring(written(name))
    for number, frame in enumerate(frames(name)):
        for group in root.iter(f"{NAMESPACE}g"):
            if group.get("class"):
                start, end = map(int, re.findall(r"\d+", group.get("class"))[:2])
                group.set("visibility", "visible" if start <= number < end else "hidden")
        assert sorted(words(root)) == sorted(words(ET.fromstring(frame)))


@pytest.mark.parametrize("name", FILMS)
def test_the_style_sheet_says_what_the_classes_say(name):
    svg = written(name)
    stay = seconds(len(frames(name)), Look())
    whole = sum(stay)
    found = dict(re.findall(r"@keyframes (\S+?)\{(.*)\}$", svg, re.MULTILINE))
    assert found.keys() == {group.get("class") for *_, group in spans(svg)}
    for start, end, count, group in spans(svg):
        assert count == len(stay)
        visible = found[group.get("class")]
        expected = [] if start == 0 else ["0:hidden"]
        expected.append(f"{100 * sum(stay[:start]) / whole:.2f}:visible")
        if end < count:
            expected.append(f"{100 * sum(stay[:end]) / whole:.2f}:hidden")
        times = re.findall(r"([\d.]+)%\{visibility:(\w+)\}", visible)
        assert [(float(time), state) for time, state in times] == [
            (float(time), state) for time, state in (each.split(":") for each in expected)
        ]
        assert group.get("visibility") == (None if end == count else "hidden")
    assert f"animation-duration:{whole:g}s" in svg
    assert "animation-iteration-count:infinite" in svg


@pytest.mark.parametrize("name", ["boxes", "book"])
def test_a_reader_without_style_sheets_has_the_last_step(name):
    assert raster.png(written(name)) == raster.png(frames(name)[-1])


@pytest.mark.needs("svglib")
def test_so_has_a_page():
    text = pypdf.PdfReader(io.BytesIO(pdf(written("boxes")))).pages[0].extract_text()
    assert re.findall(r"Step (\d+) of", text) == [str(len(frames("boxes")) - 1)]


def test_films_of_one_page_keep_their_pace():
    make, look = FILMS["boxes"]
    rules = []
    for pace in (1.5, 0.5):
        svg = "".join(animation.write(make(), replace(look, pace=pace), Layout()))
        own = re.search(r'\[class\$="(\w+)"\]\{animation-duration:([\d.]+)s', svg)
        assert float(own[2]) == sum(seconds(len(frames("boxes")), Look(pace=pace)))
        assert all(group.get("class").endswith(own[1]) for *_, group in spans(svg))
        rules.append({own[1], *re.findall(r"@keyframes (\S+?)\{", svg)})
    assert rules[0].isdisjoint(rules[1])


def test_motion_is_not_for_everybody():
    style = re.search("<style>(.*)</style>", written("boxes"), re.DOTALL)[1]
    query, _, rules = style.partition("{")
    assert query.strip() == "@media (prefers-reduced-motion: no-preference)"
    assert rules.count("{") + 1 == rules.count("}")


def test_what_an_image_may_not_have_is_not_there():
    for name in FILMS:
        assert not re.search(r"<script|javascript|\son\w+=|href|url\(|@import", written(name))


def test_only_what_changes_is_there_more_than_once():
    assert len(written("boxes")) < sum(map(len, frames("boxes"))) / 2
    assert written("boxes") == written("boxes")


def test_two_paces_differ():
    assert "animation-duration:9s" not in written("forward")
    assert f"animation-duration:{sum(seconds(5, Look(pace=3))):g}s" in written("forward", pace=3)


def test_too_many_steps():
    with pytest.raises(LayoutError, match="too long"):
        animation.write(filmed("x" + "+x" * (MOST_STEPS), x=1), Look(), Layout())


SCRIPT = """
<pre id="seen"></pre>
<script>
const playing = document.getAnimations();
const length = playing.length ? playing[0].effect.getComputedTiming().duration : 0;
const seen = {playing: playing.length, length: length, steps: []};
for (const time of TIMES) {
  for (const each of playing) { each.pause(); each.currentTime = time; }
  const told = [...document.querySelectorAll("text")].filter(
    text => getComputedStyle(text).visibility == "visible");
  seen.steps.push(told.map(text => text.textContent));
}
document.getElementById("seen").textContent = JSON.stringify(seen);
</script>
"""


def played(tmp_path, svg, times, *flags):
    """Have a browser play an SVG, and return what it shows at these times."""
    page = tmp_path / "page.html"
    script = SCRIPT.replace("TIMES", json.dumps(times))
    page.write_text(f"<!doctype html><meta charset='utf-8'>{svg}{script}", encoding="utf-8")
    command = [find_tool("chromium"), "--headless", "--no-sandbox", "--disable-gpu"]
    command += ["--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", *flags, "--dump-dom", page.as_uri()]
    dump = subprocess.run(command, capture_output=True, timeout=300, check=True).stdout.decode()
    text = re.search(r'<pre id="seen">(.*?)</pre>', dump, re.DOTALL)[1]
    return json.loads(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("name", ["boxes", "merged", "book"])
def test_a_browser_plays_it(tmp_path, name):
    drawn = frames(name)
    stay = seconds(len(drawn), Look())
    times = [1000 * (sum(stay[:step]) + stay[step] / 2) for step in range(len(drawn))]
    whole = 1000 * sum(stay)
    seen = played(tmp_path, written(name), [*times, whole + times[1]])
    assert seen["playing"] > len(drawn)
    assert seen["length"] == pytest.approx(whole)
    for frame, lines in zip([*drawn, drawn[1]], seen["steps"], strict=True):
        assert sorted(lines) == sorted(words(ET.fromstring(frame)))


@pytest.mark.needs("chromium")
def test_a_browser_that_wants_no_motion_shows_the_last_step(tmp_path):
    seen = played(tmp_path, written("boxes"), [0], "--force-prefers-reduced-motion")
    assert seen["playing"] == 0
    assert sorted(seen["steps"][0]) == sorted(words(ET.fromstring(frames("boxes")[-1])))
