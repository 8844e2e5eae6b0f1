"""A real browser without a network, and what it sees of a page."""

import os
import shutil
import time

import pytest
from worlds import PATIENCE_S

WINDOWS = {"desktop": (1280, 900), "tablet": (820, 1100), "phone": (390, 844)}


def chromium_path():
    path = os.environ.get("CLV_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("no chromium: apt-get install chromium, or name it in CLV_CHROMIUM")
    return path


# Texts of charts that stick out of their chart, which a reader sees cut off.
CUT_OFF = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => {
  const frame = chart.getBoundingClientRect();
  return [...chart.querySelectorAll('.main-svg text')].filter(text => {
    const box = text.getBoundingClientRect();
    return text.textContent.trim() && box.width > 0 && (box.left < frame.left - 1.5 || box.right > frame.right + 1.5
      || box.top < frame.top - 1.5 || box.bottom > frame.bottom + 1.5);
  }).map(text => `${chart.id}: ${text.textContent}`);
})"""

# Marks of every chart: lines, bars, points, cells.
MARKS = """() => Object.fromEntries([...document.querySelectorAll('.js-plotly-plot')].map(chart => [chart.id,
  chart.querySelectorAll(`.scatterlayer .js-line, .scatterlayer .point, .barlayer .point path,
    .heatmaplayer image`).length]))"""

# The numbers that the browser has drawn, by name of the trace.
DRAWN = """id => Object.fromEntries(document.getElementById(id)._fullData.map(trace => [trace.name,
  {x: Array.from(trace.x || []), y: Array.from(trace.y || [])}]))"""


def until(page, expression, patience_s=PATIENCE_S):
    """Waits for a condition; playwright's own way needs eval, which a report forbids."""
    end = time.monotonic() + patience_s
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"not within {patience_s} s: {expression}"
        time.sleep(0.05)


class Visit:
    """A page in a window of its own, with everything that went wrong on the way."""

    def __init__(self, browser, window="desktop", offline=True, **options):
        width, height = WINDOWS[window]
        self.context = browser.new_context(viewport={"width": width, "height": height}, offline=offline, **options)
        self.page = self.context.new_page()
        self.errors, self.requests = [], []
        self.page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def report(self, path):
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("html[data-charts]", state="attached")
        return self.page
