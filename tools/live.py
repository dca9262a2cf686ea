"""Try a live page: random messages without end, or how soon a moved slider is a new picture.

    python tools/live.py messages --count 10000
    python tools/live.py speed

Needs what the tests need; ``speed`` also Chromium.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
from collections import Counter
from contextlib import chdir, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.live import ask, message, served
from support.pages import browser

MOVE = """
async (count) => {
  const slider = document.querySelector(".value input[type=range]");
  const times = [];
  for (let i = 0; i < count; i++) {
    const drawn = new Promise((done) => {
      const change = () => { seen.disconnect(); requestAnimationFrame(() => setTimeout(done)); };
      const seen = new MutationObserver(change);
      seen.observe(document.querySelector("main"), { subtree: true, childList: true });
    });
    const begin = performance.now();
    const [least, most] = [Number(slider.min), Number(slider.max)];
    slider.value = least + (most - least) * ((i * 37) % 100) / 100;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await drawn;
    times.push(performance.now() - begin);
    await new Promise((done) => setTimeout(done, 10));
  }
  return times;
}
"""
"""Moves a slider, and measures until the frame after the picture has changed."""


def chain(length: int) -> str:
    """Return a formula of many ops."""
    names = ["x", *(f"h{i}" for i in range(length))]
    return "; ".join(f"h{i} = tanh({names[i]}*w{i % 3} + b)" for i in range(length))


def messages(count: int) -> None:
    """Send random messages; report what came back, and what the processes hold at the end."""
    dice = random.Random(0)
    kinds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, chdir(folder), served() as site:
        structure = ""
        for number in range(count):
            try:
                data = message(dice, structure)
                answer = ask(site, data)
            except OSError as error:  # refused by its status
                kinds[str(error)] += 1
                continue
            kind = next(k for k in ("error", "outdated", "parts", "main", "page") if k in answer)
            kinds[kind] += 1
            if isinstance(data, dict) and data.get("tab") == "t":
                structure = answer["structure"]
            if "cannot be drawn" in str(answer.get("error")) or "ended" in str(answer.get("error")):
                print(number, answer["error"], flush=True)
            if number % (count // 10 or 1) == 0:
                print(
                    number, *(f"{name} {size >> 20} MiB" for name, size in held(site)), flush=True
                )
        print(dict(kinds))
        print("at the end", *(f"{name} {size >> 20} MiB" for name, size in held(site)))
        print("files:", os.listdir(folder))


def held(site: object) -> list[tuple[str, int]]:
    """Return how much memory the server and its process hold."""
    pids = [("server", os.getpid()), ("process", site.worker.process.pid)]
    page = os.sysconf("SC_PAGE_SIZE")
    return [(n, int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page) for n, pid in pids]


def work(site: object) -> list[tuple[str, float]]:
    """Return the processors' time so far: on a busy machine it tells more than a clock."""
    pids = {"server": [os.getpid()], "process": [site.worker.process.pid], "browser": []}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if (
                b"--type=renderer" in path.read_bytes()
                and _root(int(path.parent.name)) == os.getpid()
            ):
                pids["browser"].append(int(path.parent.name))
    tick = os.sysconf("SC_CLK_TCK")
    return [
        (n, sum(sum(map(int, _fields(pid)[11:13])) for pid in each) / tick)
        for n, each in pids.items()
    ]


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _root(pid: int) -> int:
    """Return which process of ours started the one that started this one, or 1."""
    while pid > 1 and pid != os.getpid():
        pid = int(_fields(pid)[1])
    return pid


def speed(count: int) -> None:
    """Report how long it takes from a moved slider to a new picture."""
    with browser() as chromium:
        for length in (8, 49):
            values = {"x": "1.3", "w0": "0.5", "w1": "0.7", "w2": "-0.3", "b": "0.1"}
            with served(chain(length), values=values) as site:
                page = chromium.new_page(viewport={"width": 1280, "height": 800})
                page.goto(site.address)
                page.locator("#stage svg").wait_for(timeout=30_000)
                nodes = page.evaluate("nodes.length")
                page.evaluate(MOVE, 10)
                before = work(site)
                times = sorted(page.evaluate(MOVE, count))
                spent = [
                    f"{name} {1000 * (then - now) / count:.0f}"
                    for (name, now), (_, then) in zip(before, work(site), strict=True)
                ]
                slow = f"9 of 10 within {times[int(0.9 * count)]:.0f} ms, most {times[-1]:.0f} ms"
                print(f"{nodes} nodes: median {statistics.median(times):.0f} ms, {slow}")
                print(f"  processors' time of a move, in ms: {', '.join(spent)}")
                page.close()


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("messages", "speed"))
    parser.add_argument("--count", type=int, default=100)
    given = parser.parse_args()
    {"messages": messages, "speed": speed}[given.what](given.count)


if __name__ == "__main__":
    main()
