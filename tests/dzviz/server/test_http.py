"""Who may ask: the page alone, from this machine, with its token."""

import json
import socket
import urllib.error
import urllib.request

import pytest
from support.live import ATTACKS, Attack, ask, attack, raw, served

from dzviz.errors import OutputError
from dzviz.server import http
from dzviz.server.http import HEADERS, Resource, Server


@pytest.fixture(scope="module")
def site():
    with served() as site:
        yield site


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def test_the_page_may_ask(site):
    assert status(attack(site, Attack("none"))) == 200
    assert "main" in ask(site)


def test_all_others_are_refused(site, capfd):
    assert len(ATTACKS) >= 30
    before = next(site.worker.numbers)
    taken = []
    for each in ATTACKS:
        answer = attack(site, each)
        if not 400 <= status(answer) < 600 or b"refused" not in answer:
            taken.append((each.name, answer[:100]))
        assert site.server.token.encode() not in answer, each.name
        assert b"Access-Control" not in answer, each.name
    assert taken == []
    assert next(site.worker.numbers) == before + 1, "none of them is computed"
    assert capfd.readouterr() == ("", "")


def test_every_answer_says_that_nothing_is_loaded_from_elsewhere(site):
    for path in ("", "page.js", "page.css", "live.js", "version", "nothing"):
        try:
            response = urllib.request.urlopen(site.address + path, timeout=20)
        except urllib.error.HTTPError as error:
            response = error
        assert {name: response.headers[name] for name in HEADERS} == HEADERS
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert b"http://" not in response.read().replace(b'"http://www.w3.org/2000/svg"', b"")


def test_only_this_machine_is_listened_to(site):
    places = {listener.socket.getsockname()[0] for listener in site.server.listeners}
    assert places <= {"127.0.0.1", "::1"}
    with pytest.raises(OSError, match=r"refused|unreachable|assign"):
        socket.create_connection((_other_address(), site.server.port), timeout=5).close()


def _other_address():
    """Return an address of this machine that is not of its loopback, or one that is nobody's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.2"
        return probe.getsockname()[0]


def test_connections_that_say_nothing_harm_nobody(site):
    idle = [socket.create_connection(("127.0.0.1", site.server.port)) for _ in range(20)]
    try:
        assert "main" in ask(site)
    finally:
        for each in idle:
            each.close()


def test_there_are_only_so_many_connections(monkeypatch):
    monkeypatch.setattr(http, "MOST_CONNECTIONS", 2)
    server = Server(0, {"": Resource("text/plain", lambda: "here")}, lambda _: b"{}", 10)
    try:
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(2)]
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as third:
            assert third.recv(10) == b""
        for each in idle:
            each.close()
    finally:
        server.close()


def test_a_taken_port_is_told(site):
    with pytest.raises(OutputError, match=f"port {site.server.port}: address already in use"):
        Server(site.server.port, {}, lambda _: b"{}", 10)


def test_each_server_has_a_token_of_its_own():
    servers = [Server(0, {}, lambda _: b"{}", 10) for _ in range(3)]
    tokens = {server.token for server in servers}
    for server in servers:
        server.close()
    assert len(tokens) == 3
    assert min(map(len, tokens)) == 32


def test_a_long_head_is_refused(site):
    assert status(raw(site, b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n")) == 414
    many = b"".join(b"X-%d: y\r\n" % i for i in range(200))
    assert status(raw(site, b"GET / HTTP/1.1\r\n" + many + b"\r\n")) == 431


def test_json_is_what_is_answered(site):
    with urllib.request.urlopen(site.address + "version", timeout=20) as response:
        assert json.load(response) == {"version": 0, "formula": "a = x**2; a*sin(a)"}
