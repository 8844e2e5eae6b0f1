"""The report in a real browser, from the disk and without a network."""

import io

import h5py
import numpy as np
import pytest
from clvsim import figures, report

from browser import CUT_OFF, DRAWN, MARKS, WINDOWS, Visit, chromium_path, until

RUNS = ["plan", "sweep", "survival", "retail", "fit", "uplift"]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def reports(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    return {name: report.write(runs / name, folder / f"{name}.html") for name in RUNS}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", RUNS)
def test_opens_whole(browser, reports, results, name, window):
    with Visit(browser, window) as visit:
        page = visit.report(reports[name])
        assert visit.errors == []
        assert visit.requests == [reports[name].as_uri()]
        marks = page.evaluate(MARKS)
        assert set(marks) == {function.__name__ for function in figures.ALL if function(results[name])}
        assert all(marks.values()), marks
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= WINDOWS[window][0]
        assert page.evaluate("window.broken") is None


def test_browser_draws_results_h5(browser, reports, runs):
    with h5py.File(runs / "plan" / "results.h5") as file, Visit(browser) as visit:
        page = visit.report(reports["plan"])
        fan = page.evaluate(DRAWN, "cash_flow_fan")
        np.testing.assert_array_equal(fan["mean"]["y"], file["cashflow_mean"][0])
        np.testing.assert_array_equal(fan["level 5%"]["y"], file["cashflow_quantile"][0, :, 1])
        risk = page.evaluate(DRAWN, "value_at_risk")
        np.testing.assert_array_equal(risk["expected value"]["x"], file["portfolio_mean"][0])
        np.testing.assert_array_equal(risk["value at risk"]["x"], file["portfolio_var"][0])
        shown = page.evaluate("document.querySelector('[data-key=portfolio_mean]').textContent")
        assert shown == f"{file['portfolio_mean'][0, 0]:,.0f}"
        assert (
            page.evaluate("+document.querySelector('[data-key=portfolio_mean]').value") == file["portfolio_mean"][0, 0]
        )


def test_browser_draws_scenarios(browser, reports, runs):
    with h5py.File(runs / "sweep" / "results.h5") as file, Visit(browser) as visit:
        drawn = visit.report(reports["sweep"]).evaluate(DRAWN, "scenario_tornado")
        found = sorted(value for bars in drawn.values() for value in bars["x"])
        assert found == sorted(file["scenario_difference"][1:, 0])


@pytest.mark.parametrize("name, window", [*((name, "desktop") for name in RUNS), ("plan", "phone")])
def test_accessible(browser, reports, name, window):
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, window, bypass_csp=True) as visit:
        page = visit.report(reports[name])
        for details in page.query_selector_all("details"):
            details.evaluate("element => { element.open = true; }")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_keyboard(browser, reports):
    with Visit(browser) as visit:
        page = visit.report(reports["plan"])
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
        page.focus("#frontier + script + figcaption + details > summary")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.parentElement.open")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "region"


def test_charts_follow_the_window(browser, reports):
    with Visit(browser, "desktop") as visit:
        page = visit.report(reports["plan"])
        wide = page.evaluate("document.querySelector('#frontier .main-svg').clientWidth")
        page.set_viewport_size({"width": 600, "height": 900})
        until(page, f"document.querySelector('#frontier .main-svg').clientWidth < {wide - 100}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 600


@pytest.mark.parametrize("width", [1000, 1200, 1440, 1920])
def test_tables_fit_a_desk(browser, reports, width):
    """The widest table, with a portfolio of millions."""
    with Visit(browser) as visit:
        page = visit.report(reports["plan"])
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("""() => { for (const row of document.querySelectorAll('[aria-label="Value by segment"] tbody tr'))
          row.querySelectorAll('data').forEach((cell, column, all) => { if (column < all.length - 1)
            cell.textContent = ['10,000', '6,768,834', '21,262', '950,853'][column] ?? '8,318,631'; }); }""")
        assert page.evaluate("""[...document.querySelectorAll('.block .scroll')]
            .filter(box => box.scrollWidth > box.clientWidth).map(box => box.ariaLabel)""") == []


def edges(element):
    """How dark the left and the right edge of an element are, between what it says: 0 is white."""
    Image = pytest.importorskip("PIL.Image")
    picture = Image.open(io.BytesIO(element.screenshot())).convert("L")
    width, height = picture.size
    return [255 - np.median([picture.getpixel((x, y)) for y in range(height)]) for x in (1, width - 2)]


def test_a_table_that_scrolls_shows_it(browser, reports):
    """By a shadow where there is more."""
    with Visit(browser, "phone") as visit:
        page = visit.report(reports["plan"])
        box = page.query_selector('[aria-label="Value by segment"]')
        assert box.evaluate("box => box.scrollWidth > box.clientWidth")
        left, right = edges(box)
        assert left < 8 and right > 40
        box.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
        left, right = edges(box)
        assert left > 40 and right < 8
        page.set_viewport_size({"width": 1440, "height": 900})
        assert max(edges(box)) < 8


@pytest.mark.parametrize("media", ["screen", "print"])
def test_no_key_figure_stands_alone(browser, reports, media):
    with Visit(browser) as visit:
        page = visit.report(reports["plan"])
        page.emulate_media(media=media)
        for width in (675, 800, 1000, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            for figures_shown in range(2, 11):
                rows = page.evaluate("""count => {
                  const list = document.querySelector('.key'), first = list.firstElementChild;
                  while (list.childElementCount < count) list.append(first.cloneNode(true));
                  while (list.childElementCount > count) list.lastElementChild.remove();
                  const rows = {};
                  for (const figure of list.children) (rows[figure.offsetTop] ??= []).push(figure.offsetWidth);
                  return Object.values(rows).map(row => row.length > 1 || row[0] === list.clientWidth);
                }""", figures_shown)
                assert all(rows), (width, figures_shown, rows)


@pytest.mark.parametrize("name", RUNS)
def test_prints(browser, reports, name, tmp_path):
    with Visit(browser, "phone") as visit:
        page = visit.report(reports[name])
        before = page.evaluate("[...document.querySelectorAll('.main-svg')].map(svg => svg.clientWidth)")
        page.evaluate("""window.addEventListener('beforeprint', () => { window.onPaper = {
            widths: [...document.querySelectorAll('.chart .main-svg')].map(svg => +svg.getAttribute('width')),
            heights: [...document.querySelectorAll('.chart')].map(chart => parseFloat(chart.style.height)),
            open: [...document.querySelectorAll('details.print')].every(details => details.open)}; })""")
        pdf = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
        assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 2
        paper = page.evaluate("window.onPaper")
        assert set(paper["widths"]) == {675} and max(paper["heights"]) < 700 and paper["open"]
        page.emulate_media(media="print")
        assert page.evaluate("""[...document.querySelectorAll('figure')].every(
            figure => getComputedStyle(figure).breakInside === 'avoid')""")
        page.emulate_media(media="screen")
        # and the window is as it was
        until(page, "document.querySelectorAll('details.print[open]').length === 0")
        assert page.evaluate("[...document.querySelectorAll('.main-svg')].map(svg => svg.clientWidth)") == before
        assert visit.errors == []
