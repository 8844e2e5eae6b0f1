"""The dashboard in a real browser."""

import contextlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import clvsim
import pandas as pd
import pytest

from browser import chromium_path
from worlds import REPOSITORY

pytest.importorskip("streamlit")

APP = REPOSITORY / "apps/dashboard/app.py"
STAND_IN = REPOSITORY / "tests/python/stand_in.py"


def free_port():
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def server(command, port):
    """A dashboard, up and running; its address."""
    environment = {**os.environ, "PYTHONPATH": str(Path(clvsim.__file__).parents[1])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + 60
        while True:
            assert process.poll() is None, process.stdout.read().decode()
            assert time.monotonic() < end, "the dashboard does not start"
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2),
            ):
                break
            time.sleep(0.2)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def dashboard(script, *folders):
    port = free_port()
    return server(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            str(script),
            "--server.address",
            "localhost",
            "--server.port",
            str(port),
            "--server.headless",
            "true",
            "--browser.gatherUsageStats",
            "false",
            "--server.fileWatcherType",
            "none",
            "--",
            *map(str, folders),
        ],
        port,
    )


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def running(runs):
    engine = importlib.util.find_spec("clvsim._native")
    with dashboard(APP if engine else STAND_IN, runs / "plan", runs / "sweep") as address:
        yield address


@pytest.fixture
def page(browser, running):
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(120_000)  # a busy machine is slow, not wrong
    errors = []
    opened.on(
        "console",
        lambda message: errors.append(f"{message.text} {message.location}") if message.type == "error" else None,
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "request",
        lambda request: (
            errors.append(request.url)
            if "//localhost" not in request.url and request.url.startswith(("http", "ws"))
            else None
        ),
    )
    opened.goto(running)
    opened.get_by_role("tab", name="Overview").wait_for(timeout=60_000)
    yield opened
    context.close()
    assert errors == []


def metric(page, label):
    """The figure under a label."""
    box = page.get_by_test_id("stMetric").filter(has_text=label).filter(visible=True)
    box.wait_for()
    return box.get_by_test_id("stMetricValue").inner_text()


def until(condition, patience_s=10):
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_key_figures_are_those_of_results_h5(page, results):
    data = results["plan"].data
    total = data.sel(segment="portfolio")
    assert metric(page, "Expected value, no action") == f"{float(total.portfolio_mean.sel(plan='none')):,.0f}"
    assert metric(page, "Expected value, with the plan") == f"{float(total.portfolio_mean.sel(plan='chosen')):,.0f}"
    assert metric(page, "Value at risk") == f"{float(total.portfolio_var.sel(plan='none')):,.0f}"
    page.get_by_text("CVaR", exact=True).click()
    assert metric(page, "(CVaR), no action") == f"{float(total.portfolio_cvar.sel(plan='none')):,.0f}"


def test_filter_by_segment(page, results):
    data = results["plan"].data
    name = str(data["segment"].values[1])
    page.get_by_role("combobox", name=re.compile("Segment")).click()
    page.get_by_role("option", name=name, exact=True).click()
    expected = f"{float(data.portfolio_mean.sel(plan='none', segment=name)):,.0f}"
    until(lambda: metric(page, "Expected value, no action") == expected)


def test_slider_changes_plan_and_frontier(page, results):
    certificate = results["plan"].document("certificate.json")
    page.get_by_role("tab", name="Plan").click()
    assert metric(page, "Spend") == f"{certificate['cost']:,.0f}"
    assert metric(page, "Expected profit") == f"{certificate['profit']:,.0f}"
    place = """[...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => chart._fullData)
        .filter(trace => trace.name === 'the plan').map(trace => trace.x[0])[0]"""
    until(lambda: page.evaluate(place) is not None)
    before = page.evaluate(place)
    assert before == certificate["cost"]
    slider = page.get_by_role("slider", name=re.compile("Budget")).first
    slider.focus()
    for _ in range(40):
        page.keyboard.press("ArrowLeft")
    until(lambda: metric(page, "Spend") != f"{certificate['cost']:,.0f}")
    until(lambda: page.evaluate(place) < before)
    spend = float(metric(page, "Spend").replace(",", ""))
    assert 0 < spend < certificate["cost"]
    until(lambda: abs(page.evaluate(place) - float(metric(page, "Spend").replace(",", ""))) <= 0.5)
    assert float(metric(page, "Expected profit").replace(",", "")) < certificate["profit"]
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the plan").click()
    plan = pd.read_csv(waiting.value.path())
    assert f"{plan['cost'].sum():,.0f}" == metric(page, "Spend")
    assert list(plan["customer_id"]) == list(results["plan"].table("plan")["customer_id"])


def test_download_is_plan_csv(page, runs):
    page.get_by_role("tab", name="Plan").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the plan").click()
    with open(waiting.value.path(), "rb") as file:
        assert file.read() == (runs / "plan" / "plan.csv").read_bytes()


def test_look_up(page, results):
    plan = results["plan"].table("plan")
    row = plan[plan["recommended_action"] == "Invest"].iloc[0]
    page.get_by_role("tab", name="Customers").click()
    field = page.get_by_role("textbox", name="Customer")
    field.fill(row["customer_id"])
    field.press("Enter")
    page.get_by_text(row["reason"]).wait_for()
    assert (
        metric(page, "Rank") == f"{results['plan'].table('clv').set_index('customer_id')['rank'][row['customer_id']]}"
    )
    field.fill("C00")
    field.press("Enter")
    page.get_by_text("No customer C00. There are").wait_for()


def test_scenarios(page, results):
    page.get_by_role("tab", name="Scenarios").click()
    page.get_by_text("What if: scenarios against base").wait_for()
    page.get_by_role("combobox", name=re.compile("Scenario")).click()
    page.get_by_role("option", name="rates discount_rate=0.06").click()
    drawn = """[...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => chart._fullData)
        .filter(trace => trace.name.startsWith('worth')).flatMap(trace => Array.from(trace.x))"""
    until(
        lambda: (
            sorted(page.evaluate(drawn))
            == sorted(results["sweep"].data["scenario_difference"].sel(segment="portfolio").values[1:])
        )
    )


def test_accessible(page):
    from axe_playwright_python.sync_playwright import Axe

    for name in ("Overview", "Plan", "Customers", "Scenarios"):
        page.get_by_role("tab", name=name).click()
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"


@pytest.mark.parametrize("fault", ["missing", "empty", "changed", "other"])
def test_results_that_cannot_be_shown(browser, runs, tmp_path, fault):
    folder = tmp_path / "run"
    if fault == "empty":
        folder.mkdir()
    elif fault == "changed":
        shutil.copytree(runs / "plan", folder)
        (folder / "plan.csv").write_text("customer_id\n")
    elif fault == "other":
        shutil.copytree(runs / "plan", folder)
        (folder / "run.json").write_text("{}")
    with dashboard(APP, folder) as address:
        opened = browser.new_page()
        opened.goto(address)
        opened.get_by_text("These results cannot be shown").wait_for(timeout=60_000)
        text = opened.get_by_test_id("stAlert").inner_text()
        assert str(folder) in text
        with pytest.raises(clvsim.InputError) as caught:
            clvsim.open(folder)
        assert caught.value.problem in text and caught.value.remedy in text
        assert opened.get_by_test_id("stException").count() == 0
        opened.close()


def test_script_listens_on_this_machine_alone(runs):
    port = free_port()
    with server([str(REPOSITORY / "scripts/dashboard"), str(runs / "plan"), "--server.port", str(port)], port):
        listening = [line.split() for line in open("/proc/net/tcp").read().splitlines()[1:]]
        addresses = {
            fields[1].split(":")[0]
            for fields in listening
            if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port
        }
        assert addresses <= {"0100007F"}
    assert subprocess.run([REPOSITORY / "scripts/dashboard"], capture_output=True).returncode == 2
