"""How soon pages can be used on a phone with a slow line: `python -m tests.load.bench_pages`.

A screen of 390 pixels, a processor four times slower, 1.6 Mbit/s down and 150 ms there and back: a plain phone in a
stairwell. Targets: inbox 0.9 s, form 1.0 s. Beside the times stands what they are made of and what another load of the
machine does not change: how often one waits for the line in turn, what comes over it, and the work of the processor.
"""

# ruff: noqa: T201 - the table is what a benchmark is for
from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from chromium import FLAGS, find_chromium
from district import District
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TIMES = 7
TASKS = 50
SLOWDOWN = 4
LATENCY = 150  # milliseconds
DOWN, UP = 1_600_000 // 8, 750_000 // 8  # bytes a second
PERSON = "lin_yue"
REPORT = {
    "contact_pref": "phone", "privacy_notice_ack": True, "channel": "community_desk", "category": "illegal_building",
    "place": "锦程社区 6 号楼", "street": "jinxiu", "community": "jincheng",
}  # fmt: skip
MATTER = "楼道堆放杂物"
MEASURE = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const later = [...document.querySelectorAll("link[rel=icon], link[rel=prefetch]")].map((one) => one.href);
  const loaded = [page, ...performance.getEntriesByType("resource")].filter((one) => !later.includes(one.name));
  const turns = new Map();
  for (const one of loaded.sort((a, b) => a.startTime - b.startTime)) {
    const before = loaded.filter((other) => turns.has(other) && other.responseStart <= one.startTime);
    turns.set(one, 1 + Math.max(0, ...before.map((other) => turns.get(other))));
  }
  return {
    ready: page.domContentLoadedEventEnd,
    painted: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    turns: Math.max(...turns.values()),
    weight: loaded.reduce((sum, one) => sum + one.transferSize, 0),
    server: page.responseStart - page.requestStart,
  };
}"""
"""Milliseconds and bytes; `turns` counts the requests that had to wait for one another, without those for which nobody
waits."""
COLUMNS = {
    "ready, s": lambda visit: visit["ready"] / 1000,
    "painted, s": lambda visit: visit["painted"] / 1000,
    "turns": lambda visit: visit["turns"],
    "kB": lambda visit: visit["weight"] / 1000,
    "script, ms": lambda visit: visit["ScriptDuration"] * 1000,
    "style, ms": lambda visit: (visit["RecalcStyleDuration"] + visit["LayoutDuration"]) * 1000,
    "work, ms": lambda visit: visit["TaskDuration"] * 1000,
    "answer, ms": lambda visit: visit["server"],
}


def main() -> None:
    """Serve the example district with some tasks, and print the times of a first visit."""
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium is installed")
    with District(Path(tempfile.mkdtemp(prefix="muster-pages-"))) as district, sync_playwright() as playwright:
        for number in range(TASKS):
            known = {**REPORT, "matter": f"{number} 号楼{MATTER}", "place": f"锦程社区 {number} 号楼"}
            instance = district.start("sun_mei", "three_list_issue", known)
        task = district.find_task(PERSON, instance)
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        print("median of".ljust(12) + "".join(column.rjust(12) for column in COLUMNS))
        for name, address in {"inbox": "/tasks", "task": f"/tasks/{task}", "sign-in": "/login", "report": "/r"}.items():
            visits = [_visit(browser, district, address, signed_in=name in {"inbox", "task"}) for _ in range(TIMES)]
            found = [statistics.median(read(visit) for visit in visits) for read in COLUMNS.values()]
            print(name.ljust(12) + "".join(f"{one:12.2f}" for one in found), flush=True)
        browser.close()


def _visit(browser: Browser, district: District, address: str, *, signed_in: bool) -> dict[str, float]:
    """Return what is measured of a visit with nothing kept from before."""
    context = browser.new_context(
        base_url=district.url, viewport={"width": 390, "height": 844}, device_scale_factor=3, is_mobile=True,
        locale="zh-CN",
    )  # fmt: skip
    if signed_in:
        context.request.post("/login", data={"username": PERSON, "password": district.password_of(PERSON)})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Performance.enable")
    slow = {"offline": False, "latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP}
    session.send("Network.emulateNetworkConditions", slow)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(address, wait_until="load")
    work = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    measured: dict[str, float] = {**work, **page.evaluate(MEASURE)}
    context.close()
    return measured


if __name__ == "__main__":
    main()
