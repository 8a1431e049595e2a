"""How soon pages can be used on a phone with a slow line: `python -m tests.load.bench_pages`.

A screen of 390 pixels, a processor four times slower, 1.6 Mbit/s down and 150 ms there and back: a plain phone in a
stairwell. Targets: inbox 0.9 s, form 1.0 s.
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
SLOWDOWN = 4
LATENCY = 150  # milliseconds
DOWN, UP = 1_600_000 // 8, 750_000 // 8  # bytes a second
PERSON = "lin_yue"
REPORT = {
    "contact_pref": "phone", "privacy_notice_ack": True, "channel": "community_desk", "category": "illegal_building",
    "place": "锦程社区 6 号楼", "street": "jinxiu", "community": "jincheng",
}  # fmt: skip
READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
WEIGHT = (
    "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
    ".reduce((sum, one) => sum + one.transferSize, 0)"
)


def main() -> None:
    """Serve the example district with some tasks, and print the times of a first visit."""
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium is installed")
    with District(Path(tempfile.mkdtemp(prefix="muster-pages-"))) as district, sync_playwright() as playwright:
        for number in range(30):
            instance = district.start("sun_mei", "three_list_issue", {**REPORT, "matter": f"{number} 号楼楼道堆物"})
        task = district.find_task(PERSON, instance)
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        print("page".ljust(12) + "ready, median s".rjust(18) + "slowest".rjust(10) + "kB".rjust(8))
        for name, address in {"inbox": "/tasks", "task": f"/tasks/{task}", "sign-in": "/login", "report": "/r"}.items():
            visits = [_visit(browser, district, address, signed_in=name in {"inbox", "task"}) for _ in range(TIMES)]
            times = sorted(ready for ready, _ in visits)
            median, weight = statistics.median(times) / 1000, visits[0][1] / 1000
            print(f"{name:12}{median:18.2f}{times[-1] / 1000:10.2f}{weight:8.1f}", flush=True)
        browser.close()


def _visit(browser: Browser, district: District, address: str, *, signed_in: bool) -> tuple[float, float]:
    """Return milliseconds until a page can be used, and the bytes that came, with nothing kept from before."""
    context = browser.new_context(
        base_url=district.url, viewport={"width": 390, "height": 844}, device_scale_factor=3, is_mobile=True,
        locale="zh-CN",
    )  # fmt: skip
    if signed_in:
        context.request.post("/login", data={"username": PERSON, "password": district.password_of(PERSON)})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP}
    session.send("Network.emulateNetworkConditions", slow)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(address, wait_until="load")
    ready, weight = page.evaluate(READY), page.evaluate(WEIGHT)
    context.close()
    return float(ready), float(weight)


if __name__ == "__main__":
    main()
