"""What Mermaid makes of a chart: a headless browser draws it and tells what is to be seen."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from support.tools import find_tool

from dzviz.formats.mermaid import write
from dzviz.graph.model import Graph
from dzviz.options import Look
from dzviz.placing.dot import labelled
from dzviz.styles import scene_of
from dzviz.styles.scene import operand_word, ordered_operands
from dzviz.text.descriptions import alt_text
from dzviz.text.key import key_line
from dzviz.text.phrases import clean

PAGE = Path(__file__).with_name("chart.html")
TIMEOUT = 300

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def seen(charts: Mapping[str, str], **settings: Any) -> dict[str, dict[str, Any]]:
    """Draw charts, and return of each what is to be seen, or its ``error``.

    ``initialize`` are Mermaid's own settings; with ``parseOnly`` charts are only parsed, and its
    ``limits`` are told.
    """
    answers: queue.Queue[Any] = queue.Queue()
    job = json.dumps({"charts": charts, "settings": settings}).encode()
    mermaid = find_tool("mermaid")
    chromium = find_tool("chromium")
    assert mermaid
    assert chromium
    pages = {
        "/": ("text/html", PAGE.read_bytes()),
        "/mermaid.js": ("text/javascript", Path(mermaid).read_bytes()),
        "/job": ("application/json", job),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = pages.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()
            answers.put(json.loads(body))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server,
        TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = subprocess.Popen(
            [
                chromium,
                *FLAGS,
                f"--user-data-dir={profile}",
                f"http://127.0.0.1:{server.server_port}/",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that all of its processes can be ended
        )
        try:
            answer = answers.get(timeout=TIMEOUT)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            server.shutdown()
    assert isinstance(answer, dict), answer
    return answer


def assert_drawn(pictures: Mapping[str, tuple[Graph, Look]], **settings: Any) -> None:
    """See that Mermaid draws what is meant, and nothing else."""
    charts = {key: "".join(write(*picture)) for key, picture in pictures.items()}
    results = seen(charts, **settings)
    assert list(results) == list(pictures)
    for key, picture in pictures.items():
        assert told(results[key]) == meant(*picture), key


def meant(graph: Graph, look: Look) -> dict[str, Any]:
    """What is to be seen of a graph, with spaces as a browser shows them."""
    picture = scene_of(graph, look)
    shapes = [" ".join(labelled(shape)) for shape in picture.shapes]
    arrows = list(picture.arrows)
    words = {a.id: operand_word(a) for group in ordered_operands(picture) for a in group}
    labels = [", ".join(w for w in (words.get(a.id), a.label) if w) for a in arrows]
    return {
        "nodes": sorted(map(plain, shapes)),
        "edges": len(arrows),
        "edgeLabels": sorted(plain(label) for label in labels if label),
        "caption": plain(" ".join([*picture.caption, key_line(picture.key)])),
        "title": plain(clean(graph.title)) or "computational graph",
        "description": plain(alt_text(graph, look)),
        "foreign": 0,
        "ran": 0,
    }


def told(result: dict[str, Any]) -> dict[str, Any]:
    """What was seen, in the same form."""
    if "error" in result:
        return result
    return {
        **result,
        "nodes": sorted(map(plain, result["nodes"])),
        "edgeLabels": sorted(map(plain, result["edgeLabels"])),
        "caption": plain(" ".join(result["caption"])),
        "title": plain(result["title"]) or "computational graph",
        "description": plain(result["description"]),
    }


def plain(text: str) -> str:
    """A text with spaces as a browser shows them."""
    return " ".join(text.split())
