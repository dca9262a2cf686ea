"""A picture with the theme auto is dark where its site is, in a real browser."""

import pytest
from support.graphs import graph_of

from dzviz.formats import FORMATS
from dzviz.options import Layout, Look
from dzviz.svg import canvas

SITES = {
    "furo": ("<body data-theme='{}'>", ""),
    "furo auto": ("<body data-theme='auto'>", "body{{color-scheme:{}}}"),
    "pydata, rtd": ("<html data-theme='{}'><body>", ""),
    "mkdocs": ("<html data-bs-theme='{}'><body>", ""),
    "github": ("<html data-color-mode='{}'><body>", ""),
    "tailwind": ("<html class='{}'><body>", ""),
    "quarto": ("<body class='fullcontent quarto-{}'>", ""),
    "another": ("<body>", "html{{color-scheme:{}}}"),
}
"""How sites say that they are dark or light: by an attribute, or by what CSS has for it."""

SHEETS = {"light": "rgb(228, 239, 254)", "dark": "rgb(21, 46, 82)"}
"""The fill of the Function."""

FILL = "e => getComputedStyle(e.querySelector('[data-id=f0] ellipse')).fill"


def picture(**look):
    graph = graph_of("sin(x)", x=1.0)
    return "".join(canvas.write(graph, Look(theme="auto", **look), Layout()))


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("screen", ["light", "dark"])
def test_in_a_page_it_follows_the_page_and_not_the_screen(browser, screen):
    context = browser.new_context(color_scheme=screen)
    page = context.new_page()
    sites = {
        (name, mode): (body.format(mode), style.format(mode))
        for name, (body, style) in SITES.items()
        for mode in SHEETS
    }
    for mode, scheme in {"light": "default", "dark": "slate"}.items():
        sites["material", mode] = f"<body data-md-color-scheme='{scheme}'>", ""
    sites["only light", "light"] = "<body>", ""
    for (name, mode), (body, style) in sites.items():
        page.set_content(f"<!DOCTYPE html><style>{style}</style>{body}{picture()}")
        assert page.query_selector("svg").evaluate(FILL) == SHEETS[mode], (name, mode)
    context.close()


@pytest.mark.needs("chromium")
def test_as_a_file_it_follows_the_screen_or_what_its_page_says_of_it(browser, tmp_path):
    import io

    from PIL import Image

    def ground(page):
        return Image.open(io.BytesIO(page.screenshot())).convert("RGB").getpixel((4, 4))

    (tmp_path / "a.svg").write_text(picture())
    image = "<style>body{{margin:0}}img{{color-scheme:{}}}</style><img src=a.svg>"
    dark, light = (15, 23, 42), (255, 255, 255)
    for screen, expected in {"light": light, "dark": dark}.items():
        context = browser.new_context(color_scheme=screen)
        page = context.new_page()
        page.goto((tmp_path / "a.svg").as_uri())
        assert ground(page) == expected
        for scheme, seen in {"light": light, "dark": dark, "normal": expected}.items():
            (tmp_path / "a.html").write_text(image.format(scheme))
            page.goto((tmp_path / "a.html").as_uri())
            assert ground(page) == seen, (screen, scheme)
        context.close()


FRAME = "document.documentElement.dataset.theme"


@pytest.mark.needs("chromium")
def test_a_page_in_a_frame_follows_the_page_around_it(browser):
    from support.pages import wait_until

    from dzviz.page import framed

    def page_of(theme):
        pages = FORMATS["html"].write(graph_of("sin(x)", x=1.0), Look(theme=theme), Layout())
        return framed("".join(map(str, pages)), "All steps")

    for screen, other in (("light", "dark"), ("dark", "light")):
        context = browser.new_context(color_scheme=screen)
        page = context.new_page()
        for name, way in {
            "ground": "m => { document.body.style.background = m == 'dark' ? '#222' : '#eee'; }",
            "scheme": "m => { document.body.style.colorScheme = m; }",
        }.items():
            page.set_content(f"<!DOCTYPE html><body>{page_of('auto')}")
            frame = page.frames[1]
            for mode in (other, screen, other):
                page.evaluate(way, mode)
                wait_until(frame, f"{FRAME} === '{mode}'")
                assert frame.evaluate("isDark()") == (mode == "dark"), (name, screen)
            frame.locator("#theme").click()  # who chose keeps it
            page.evaluate(way, screen)
            page.evaluate(way, other)
            page.wait_for_timeout(100)
            assert frame.evaluate(FRAME) == screen, name
        page.set_content(f"<!DOCTYPE html><body style='background:#111'>{page_of('light')}")
        page.wait_for_timeout(300)
        assert page.frames[1].evaluate(FRAME) == "light"
        context.close()
