"""The server: loopback addresses alone, a token in each path, and headers that tell who asks.

Another page in the same browser can send requests here, but neither knows the token nor may read an
answer; one whose name was made to lead here (DNS rebinding) sends that name as the host. It knows
nothing of graphs.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from dzviz.errors import OutputError

HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""What the host of an address may be called."""

MOST_CONNECTIONS = 64
"""At once; more are closed."""

SECONDS = 30.0
"""A connection that sends nothing for so long is closed."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What stands in each answer: a page loads nothing from elsewhere, and is loaded by no other."""


class Resource:
    """What is at a path: a text of a type, made again for each request."""

    def __init__(self, type: str, text: Callable[[], str]) -> None:
        self.type = f"{type}; charset=utf-8"
        self.text = text


class Server:
    """Serves resources by GET, and answers JSON by POST.

    ``answer`` gets what was sent to ``draw``, of at most ``most`` bytes. ``address`` is that of the
    page, with the token.

    Raises:
        OutputError: The port is taken.
    """

    def __init__(
        self,
        port: int,
        resources: Mapping[str, Resource],
        answer: Callable[[object], bytes],
        most: int,
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        handler = type(
            "Handler",
            (_Handler,),
            {
                "token": self.token,
                "resources": resources,
                "answer": staticmethod(answer),
                "most": most,
            },
        )
        try:
            first = _Listener(("127.0.0.1", port), handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise OutputError(
                f"cannot listen on port {port}: {reason[:1].lower()}{reason[1:]}",
                hint="--port 0 selects a free port",
            ) from None
        self.port = int(first.server_address[1])
        self.listeners = [first]
        with suppress(OSError):  # a machine without IPv6
            self.listeners.append(_ListenerV6(("::1", self.port), handler))
        self.address = f"http://127.0.0.1:{self.port}/{self.token}/"
        for listener in self.listeners:
            threading.Thread(target=listener.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        for listener in self.listeners:
            listener.shutdown()
            listener.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere two could listen on one port
    request_queue_size = 32

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.places = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def server_bind(self) -> None:
        """Bind, without asking the network for the name of this machine."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, self.allow_reuse_address)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection, if there are not too many."""
        if self.places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that break."""


class _ListenerV6(_Listener):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    token: ClassVar[str]
    resources: ClassVar[Mapping[str, Resource]]
    answer: Callable[[object], bytes]
    most: ClassVar[int]

    def do_GET(self) -> None:
        """Give a resource."""
        name = self.allowed()
        if name is None:
            return
        resource = self.resources.get(name)
        if resource is None:
            self.refuse(404)
        else:
            self.give(resource.type, resource.text().encode())

    def do_POST(self) -> None:
        """Answer a request of the page."""
        name = self.allowed(changes=True)
        if name is None:
            return
        length = self.headers.get("Content-Length", "")
        if name != "draw":
            self.refuse(404)
        elif self.headers.get("Content-Type") != "application/json":
            self.refuse(415)
        elif not re.fullmatch("[0-9]{1,12}", length) or "Transfer-Encoding" in self.headers:
            self.refuse(411)
        elif int(length) > self.most:
            self.refuse(413)
        else:
            self.draw(self.rfile.read(int(length)))

    def draw(self, body: bytes) -> None:
        """Hand a request on."""
        try:
            request = json.loads(body)
        except (ValueError, RecursionError):
            self.refuse(400)
            return
        self.give("application/json", self.answer(request))

    def allowed(self, *, changes: bool = False) -> str | None:
        """Return the name that is asked for, of who may; refuse all others."""
        port = self.connection.getsockname()[1]
        hosts = [f"{host}:{port}" for host in HOSTS]
        host = self.headers.get_all("Host") or []
        if len(host) != 1 or host[0] not in hosts:
            self.refuse(421)
            return None
        origin = self.headers.get_all("Origin") or []
        site = self.headers.get("Sec-Fetch-Site", "same-origin")
        opened = self.headers.get("Sec-Fetch-Mode") == "navigate" and not changes
        elsewhere = site not in ("same-origin", "none") and not opened
        _, token, *names = self.path.split("/", 2) if self.path[:1] == "/" else ("", "")
        known = hmac.compare_digest(token.encode(), self.token.encode())
        foreign = (origin or changes) and origin != [f"http://{host[0]}"]
        if elsewhere or foreign or not known or not names:
            self.refuse(403)
            return None
        return str(names[0])

    def refuse(self, status: int) -> None:
        """Say no, and hear no more of this connection: its body may still come."""
        self.close_connection = True
        self.give("text/plain", b"refused\n", status)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no HTTP, without repeating any of it."""
        self.refuse(code)

    def give(self, type: str, body: bytes, status: int = 200) -> None:
        """Answer."""
        self.send_response_only(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log: the token stands in each path."""
