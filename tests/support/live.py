"""Live pages that are served in this process, and who talks to them: browsers, and worse."""

from __future__ import annotations

import json
import os
import random
import socket
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from dzviz.server.site import Site
from dzviz.server.start import Start


@contextmanager
def served(formula: str | None = "a = x**2; a*sin(a)", **facts: Any) -> Iterator[Site]:
    """Serve a page."""
    given: dict[str, Any] = {"values": {"x": "3"}, "options": {}, **facts}
    settings = {"backend": None, "dtype": None}
    site = Site(Start(formula=formula, settings=settings, folder=os.getcwd(), **given))
    try:
        yield site
    finally:
        site.close()


def request(**facts: Any) -> dict[str, Any]:
    """Return a request as pages send them."""
    usual = {
        "tab": "t",
        "want": "whole",
        "step": 0,
        "structure": "",
        "formula": "a = x**2; a*sin(a)",
    }
    return {**usual, "values": {"x": "3"}, "options": {}, **facts}


def ask(site: Site, data: object = None, **facts: Any) -> dict[str, Any]:
    """Ask as a page does."""
    origin = f"http://127.0.0.1:{site.server.port}"
    body = json.dumps(request(**facts) if data is None else data).encode()
    headers = {"Origin": origin, "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{site.address}draw", body, headers)
    with urllib.request.urlopen(asked, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def raw(site: Site, text: bytes, host: str = "127.0.0.1") -> bytes:
    """Send bytes, and return all that comes until the server closes."""
    with socket.create_connection((host, site.server.port), timeout=20) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(1 << 16), b""))


class Attack(NamedTuple):
    """A request that is not the page's: what is different in it from one that is."""

    name: str
    method: str = "POST"
    path: str = "/{token}/draw"
    headers: Mapping[str, str | None] = {}
    body: bytes | None = None


EVIL = "http://evil.example"
TYPE = "Content-Type"
SITE = "Sec-Fetch-Site"
MODE = "Sec-Fetch-Mode"

ATTACKS = (
    Attack("without a token", path="/draw"),
    Attack("another token", path="/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/draw"),
    Attack("the beginning of the token", path="/{half}/draw"),
    Attack("the token in other letters", path="/{swapped}/draw"),
    Attack("the token as a query", path="/draw?token={token}"),
    Attack("the page without a token", "GET", "/", {"Origin": None}),
    Attack("a script of the page without a token", "GET", "/page.js", {"Origin": None}),
    Attack("a form of another page", headers={"Origin": EVIL, TYPE: "text/plain"}),
    Attack("a fetch of another page", headers={"Origin": EVIL}),
    Attack("a sandboxed frame", headers={"Origin": "null"}),
    Attack("a page on another port", headers={"Origin": "http://127.0.0.1:1"}),
    Attack("a page by https", headers={"Origin": "https://{host}"}),
    Attack("a name that begins alike", headers={"Origin": "http://{host}.evil.example"}),
    Attack("no origin", headers={"Origin": None}),
    Attack("two origins", headers={"Origin": "http://{host}\r\nOrigin: " + EVIL}),
    Attack("a name that leads here", headers={"Host": "evil.example"}),
    Attack("a name that leads here, with the port", headers={"Host": "evil.example:{port}"}),
    Attack("name and origin that agree", headers={"Host": "evil.example:{port}", "Origin": EVIL}),
    Attack("this host on another port", headers={"Host": "127.0.0.1:1"}),
    Attack("this host with a name before it", headers={"Host": "evil@127.0.0.1:{port}"}),
    Attack("no host", headers={"Host": None}),
    Attack("two hosts", headers={"Host": "{host}\r\nHost: evil.example"}),
    Attack("all zeros", headers={"Host": "0.0.0.0:{port}"}),
    Attack("a picture of another page", "GET", "/{token}/", {"Origin": None, SITE: "cross-site"}),
    Attack("a script of another page", "GET", "/{token}/page.js", {"Origin": EVIL}),
    Attack("a page of the same site", "GET", "/{token}/version", {SITE: "same-site"}),
    Attack("a form that is sent", headers={SITE: "cross-site", MODE: "navigate", "Origin": EVIL}),
    Attack("no JSON by its type", headers={TYPE: "text/plain"}),
    Attack("a form by its type", headers={TYPE: "application/x-www-form-urlencoded"}),
    Attack("a body in chunks", headers={"Transfer-Encoding": "chunked"}),
    Attack("a body without a length", headers={"Content-Length": None}),
    Attack("a body that is too long", headers={"Content-Length": "300000000"}),
    Attack("a length below 0", headers={"Content-Length": "-1"}),
    Attack("no JSON", body=b"{"),
    Attack("JSON without end", body=b"[" * 100_000),
    Attack("a file", "GET", "/{token}/../../../../etc/passwd", {"Origin": None}),
    Attack("a file in other letters", "GET", "/{token}/%2e%2e/etc/passwd", {"Origin": None}),
    Attack("another method", "PUT"),
    Attack("what a page may do", "OPTIONS"),
    Attack("a way through", "CONNECT", "evil.example:80"),
    Attack("another's address", "GET", "http://evil.example/", {"Origin": None}),
    Attack("a head that is no HTTP", "\x16\x03\x01", "x"),
)
"""What pages of others and other programs could send."""


def attack(site: Site, attack: Attack) -> bytes:
    """Send it, and return what comes."""
    token, port = site.server.token, site.server.port
    host = f"127.0.0.1:{port}"
    known = {
        "token": token,
        "half": token[:16],
        "swapped": token.swapcase(),
        "host": host,
        "port": port,
    }
    body = json.dumps(request()).encode() if attack.body is None else attack.body
    body = body if attack.method in ("POST", "PUT") else b""
    usual: dict[str, str | None] = {
        "Host": host,
        "Origin": f"http://{host}",
        TYPE: "application/json",
        "Content-Length": str(len(body)),
    }
    headers = {**usual, **attack.headers}
    lines = [f"{attack.method} {attack.path.format(**known)} HTTP/1.1"]
    lines += [
        f"{name}: {value.format(**known)}" for name, value in headers.items() if value is not None
    ]
    return raw(site, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)


def message(dice: random.Random, structure: str = "") -> object:
    """Make up a request, most of them of the right form, with anything in it.

    Some drag a slider in the tab ``t``; ``structure`` is that of its last answer.
    """
    if dice.random() < 0.2:
        x = str(round(dice.uniform(-3, 3), 2))
        return request(want="moment", step=dice.randrange(20), structure=structure, values={"x": x})
    data: Any = request(
        tab=dice.choice("abc"),
        want=dice.choice(["moment", "moment", "whole", "page"]),
        step=dice.choice([0, 1, 5, 8, 11, 10**9]),
        structure=dice.choice([structure, "", text(dice)]),
        formula=dice.choice([*FORMULAS, *FORMULAS, text(dice)]),
        values={
            name: dice.choice([*VALUES, text(dice)]) for name in dice.choice(["", "x", "xy", "xW"])
        },
        options={
            dice.choice(OPTIONS): dice.choice([*WORDS, text(dice)])
            for _ in range(dice.choice([0, 0, 0, 0, 1, 2]))
        },
    )
    if dice.random() < 0.3:
        odd = [None, 3, -1, True, 1.5, [], {}, [{}], {"x": 3}, {"@": "@"}, "x" * 10**5, text(dice)]
        data[dice.choice([*data, "more"])] = dice.choice(odd)
    return dice.choice([*19 * [data], dice.choice([[data], None, 3, "x", [[[]]]])])


FORMULAS = (
    "x",
    "x*x + sin(x)",
    "x*y + exp(x)",
    "tanh(x*y)/x",
    "sum(x)",
    "a = x**2; a*sin(a)",
    "sum(x@W)",
    "(" * 90 + "x" + ")" * 90,
    "x**x**x**x**x",
    "zeros(1000, 1000) + x",
    "open('/etc/passwd')",
    "__import__('os').system('touch owned')",
    "x.__class__",
    "sin(",
    "log(0*x)",
)
VALUES = (
    *("3", "2", "0.25", "-1.5", "1e-3", "0"),
    "-1e308",
    "@/etc/passwd",
    " @x.npy",
    "randn(3, 3)",
    "int([1, 2])",
    "nan",
    "rand(2000, 2000)",
    "[",
)
OPTIONS = (
    "style",
    "order",
    "show",
    "theme",
    "title",
    "max-nodes",
    "font",
    "config",
    "output",
    "focus",
    "expand",
)
WORDS = ("book", "refs", "3", "20", "99999", "shape", "dark", "/etc/passwd", "", "x:2", "all")


def text(dice: random.Random) -> str:
    """Make up a text."""
    letters = "xyW +-*/()[]{},;:=@.\"'\\<>&%\n\0\u202e\ud800é0123456789"
    return "".join(dice.choice(letters) for _ in range(dice.randrange(40)))
