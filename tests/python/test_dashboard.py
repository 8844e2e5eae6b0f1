"""The dashboard in a real browser."""

import contextlib
import hashlib
import http.client
import importlib.util
import json
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
import h5py
import pandas as pd
import pytest

from browser import chromium_path
from engine_cases import table as read
from worlds import PATIENCE_S, PLAN, REPOSITORY, run

pytest.importorskip("streamlit")

APP = REPOSITORY / "apps/dashboard/serve.py"
STAND_IN = REPOSITORY / "tests/python/stand_in.py"
HAS_ENGINE = importlib.util.find_spec("clvsim._native") is not None
needs_engine = pytest.mark.skipif(not HAS_ENGINE, reason="the engine is not built")

# A plan that more than its budget holds back, and customers with paths of their own.
LIMITED = PLAN + """
added_paths = 1000
[[optimizer.limits]]
name = "calls to <b>Basic</b>"
column = "count"
action = "call"
segment = "Basic"
max = 15
[[optimizer.limits]]
name = "return"
min_roi = 3.0
"""


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
        end = time.monotonic() + PATIENCE_S
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
        process.wait(PATIENCE_S)


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
            "--global.minCachedMessageSize",
            "1e15",
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
    with dashboard(APP if HAS_ENGINE else STAND_IN, runs / "plan", runs / "sweep") as address:
        yield address


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("limited")
    (folder / "limited.toml").write_text(LIMITED)
    run("run", "limited.toml", "--out", "out", cwd=folder)
    return folder / "out"


@pytest.fixture(scope="module")
def limited_running(limited):
    with dashboard(APP, limited) as address:
        yield address


@contextlib.contextmanager
def opened_page(browser, address):
    """A page that must not complain, or ask for anything from elsewhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(1000 * PATIENCE_S)  # a busy machine is slow, not wrong
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
    opened.goto(address)
    opened.get_by_role("tab", name="Overview").wait_for()
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def page(browser, running):
    with opened_page(browser, running) as opened:
        yield opened


@pytest.fixture
def limited_page(browser, limited_running):
    with opened_page(browser, limited_running) as opened:
        yield opened


def metric(page, label):
    """The figure under a label."""
    box = page.get_by_test_id("stMetric").filter(has_text=label).filter(visible=True)
    box.wait_for()
    return box.get_by_test_id("stMetricValue").inner_text()


def change(page, label):
    """What stands below a figure, before its first blank."""
    box = page.get_by_test_id("stMetric").filter(has_text=label).filter(visible=True)
    return box.get_by_test_id("stMetricDelta").inner_text().split()[0]


def grid(page, first_heading):
    """Rows of a table: what a screen reader hears of it, numbers in full."""
    rows = """heading => [...document.querySelectorAll('[data-testid=stDataFrame] canvas table')]
        .filter(table => table.querySelector('th').textContent === heading)
        .flatMap(table => [...table.querySelectorAll('tbody tr')]
            .map(row => [...row.children].map(cell => cell.textContent)))"""
    until(lambda: page.evaluate(rows, first_heading))
    return page.evaluate(rows, first_heading)


def move(page, label, key, times=1):
    slider = page.get_by_role("slider", name=re.compile(label)).first
    slider.focus()
    for _ in range(times):
        page.keyboard.press(key)


def slider_value(page, label):
    slider = page.get_by_role("slider", name=re.compile(label)).first
    return float(slider.evaluate("slider => slider.value ?? slider.getAttribute('aria-valuenow')"))


def no_violations(page, tab):
    from axe_playwright_python.sync_playwright import Axe

    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    found = Axe().run(page)
    assert found.violations_count == 0, f"{tab}: {found.generate_report()}"


def bytes_of(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def until(condition, patience_s=PATIENCE_S):
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def choose(page, box, name):
    """An option of a list. A chart that comes in meanwhile closes the list: then it is opened again."""
    from playwright.sync_api import TimeoutError as NotThere

    for _ in range(10):
        page.get_by_role("combobox", name=re.compile(box)).click()
        with contextlib.suppress(NotThere):
            return page.get_by_role("option", name=name, exact=True).click(timeout=20_000)
        page.keyboard.press("Escape")
    raise AssertionError(f"{box} does not offer {name}")


def download(page, name):
    """What a button gives. Where the page is drawn anew meanwhile a click is lost: then it is clicked again."""
    from playwright.sync_api import TimeoutError as NotThere

    for _ in range(10):
        with contextlib.suppress(NotThere):
            with page.expect_download(timeout=20_000) as waiting:
                page.get_by_role("button", name=name).click()
            return waiting.value.path()
    raise AssertionError(f"{name} gives no file")


def test_key_figures_are_those_of_results_h5(page, results):
    data = results["plan"].data
    total = data.sel(segment="portfolio")
    assert metric(page, "Expected value, no action") == f"{float(total.portfolio_mean.sel(plan='none')):,.0f}"
    assert metric(page, "Expected value, with the plan") == f"{float(total.portfolio_mean.sel(plan='chosen')):,.0f}"
    assert metric(page, "Value at risk") == f"{float(total.portfolio_var.sel(plan='none')):,.0f}"
    months = [float(total.portfolio_months.sel(plan=plan)) for plan in ("none", "chosen")]
    assert metric(page, "no action → with the plan") == f"{months[0]:.1f} → {months[1]:.1f}"
    assert change(page, "no action → with the plan") == f"{months[1] - months[0]:+.2f}"
    page.get_by_text("CVaR", exact=True).click()
    assert metric(page, "(CVaR), no action") == f"{float(total.portfolio_cvar.sel(plan='none')):,.0f}"


def test_filter_by_segment(page, results):
    data = results["plan"].data
    name = str(data["segment"].values[1])
    choose(page, "Segment", name)
    expected = f"{float(data.portfolio_mean.sel(plan='none', segment=name)):,.0f}"
    until(lambda: metric(page, "Expected value, no action") == expected)


def test_slider_changes_plan_and_frontier(page, results):
    certificate = results["plan"].document("certificate.json")
    page.get_by_role("tab", name="Plan").click()
    assert metric(page, "Spend") == f"{certificate['cost']:,.0f}"
    assert metric(page, "Expected profit, on fresh futures") == f"{certificate['fresh']['profit']:,.0f}"
    place = """[...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => chart._fullData)
        .filter(trace => trace.name === 'the plan').map(trace => trace.x[0])[0]"""
    until(lambda: page.evaluate(place) is not None)
    before = page.evaluate(place)
    assert before == certificate["cost"]
    move(page, "Budget", "ArrowLeft", 40)
    until(lambda: metric(page, "Spend") != f"{certificate['cost']:,.0f}")
    until(lambda: page.evaluate(place) < before)
    spend = float(metric(page, "Spend").replace(",", ""))
    assert 0 < spend < certificate["cost"]
    until(lambda: abs(page.evaluate(place) - float(metric(page, "Spend").replace(",", ""))) <= 0.5)
    assert float(metric(page, "Expected profit, where chosen").replace(",", "")) < certificate["profit"]
    plan = pd.read_csv(download(page, "Download the plan"))
    assert f"{plan['cost'].sum():,.0f}" == metric(page, "Spend")
    assert list(plan["customer_id"]) == list(results["plan"].table("plan")["customer_id"])


def test_risk_appetite_changes_the_plan(page, runs, results):
    page.get_by_role("tab", name="Plan").click()
    own = results["plan"].document("certificate.json")
    promised = f"{own['fresh']['profit']:,.0f}"
    assert metric(page, "Expected profit") == promised
    tail = "Profit in each customer's worst 5%"
    before = metric(page, tail)
    move(page, "Risk appetite", "ArrowRight", 10)
    until(lambda: metric(page, "Expected profit") != promised)
    page.get_by_text("Chosen with each customer's CVaR at a weight of 0.5").wait_for()
    assert float(metric(page, "Expected profit").replace(",", "")) < own["profit"]
    assert float(metric(page, tail).replace(",", "")) > float(before.replace(",", ""))
    if HAS_ENGINE:
        planner = clvsim.Planner(runs / "plan")
        plan, neutral = planner.replan(customer_risk_weight=0.5), planner.replan()
        assert metric(page, "Expected profit") == f"{plan.total_expected_profit:,.0f}"
        assert metric(page, tail) == f"{plan.total_added_cvar:,.0f}" and before == f"{neutral.total_added_cvar:,.0f}"
        assert metric(page, "Months customers stay longer") == f"{plan.total_added_months:,.0f}"
        given_up = plan.total_expected_profit - neutral.total_expected_profit
        assert change(page, "Expected profit") == f"{given_up:+,.0f}"
        assert change(page, tail) == f"{plan.total_added_cvar - neutral.total_added_cvar:+,.0f}"
    move(page, "Risk appetite", "ArrowLeft", 10)
    until(lambda: metric(page, "Expected profit") == promised)


@needs_engine
def test_a_moved_budget_keeps_the_other_limits(limited_page, limited):
    page, certificate = limited_page, clvsim.open(limited).document("certificate.json")
    page.get_by_role("tab", name="Plan").click()
    rows = grid(page, "limit")
    assert [row[0] for row in rows] == ["calls to <b>Basic</b>", "return"]
    for row, limit in zip(rows, certificate["limits"]):
        assert float(row[1]) == limit["used"] and float(row[4]) == certificate["multipliers"][limit["name"]]
    move(page, "Budget", "ArrowLeft", 120)
    until(lambda: metric(page, "Spend") != f"{certificate['cost']:,.0f}")
    budget = slider_value(page, "Budget")
    wanted = clvsim.Planner(limited).replan(budget=budget)  # test_planner.py holds it against clv optimize
    assert wanted.total_cost < certificate["cost"]
    until(lambda: metric(page, "Spend") == f"{wanted.total_cost:,.0f}")  # after the last of many steps
    used = [limit["used"] for limit in wanted.limits[1:]]
    until(lambda: [float(row[1]) for row in grid(page, "limit")] == used)
    for row, limit in zip(grid(page, "limit"), wanted.limits[1:]):
        assert float(row[1]) == limit["used"] and float(row[4]) == limit["multiplier"]
    plan = read(download(page, "Download the plan"))
    for name, values in wanted.frame().items():
        assert list(plan[name]) == list(values), name


@needs_engine
def test_a_plan_for_the_risk_of_all(limited_page, limited, tmp_path):
    page, before = limited_page, bytes_of(limited)
    page.get_by_role("tab", name="Plan").click()
    page.get_by_role("button", name="Simulate and plan").click()
    page.get_by_role("button", name="Download this plan").wait_for()
    rows = {row[0]: [float(cell or "nan") for cell in row[1:]] for row in grid(page, "figure")}
    settings = clvsim.open(limited).setting("optimizer")
    for column, weight in enumerate((0.0, 0.5)):
        made = clvsim.optimize(
            limited,
            settings["budget"],
            limits=settings["limits"],
            objective="mean_cvar",
            risk_weight=weight,
            out=tmp_path / str(column),
            quiet=True,
        )
        plan = made.run["plan"]
        assert rows["Value of all customers in the worst 5% (CVaR)"][column] == plan["risk"]["cvar"]
        assert rows["Expected value of all customers"][column] == plan["risk"]["mean"]
        assert rows["Expected profit on fresh futures"][column] == plan["fresh"]["profit"]
        assert rows["Spend"][column] == plan["cost"]
    assert rows["Value of all customers in the worst 5% (CVaR)"][2] > 0 > rows["Expected value of all customers"][2]
    assert Path(download(page, "Download this plan")).read_bytes() == (tmp_path / "1/plan.csv").read_bytes()
    assert page.get_by_role("button", name="Stop the simulation").count() == 0
    no_violations(page, "Plan")
    assert bytes_of(limited) == before
    page.get_by_text("Within a budget of 400, the portfolio's worst 5% at a weight of 0.5").wait_for()
    move(page, "Budget", "ArrowLeft", 100)  # another question
    budget = slider_value(page, "Budget")
    spend = f"{clvsim.Planner(limited).replan(budget=budget).total_cost:,.0f}"
    until(lambda: metric(page, "Spend") == spend)  # after the last of many steps
    page.get_by_role("button", name="Simulate and plan").click()
    page.get_by_text(rf"Within a budget of {budget:,.0f}, ").wait_for()


def test_a_plan_without_its_uplifts(browser, runs):
    with dashboard(APP, runs / "uplift") as address:
        opened = browser.new_page()
        opened.set_default_timeout(1000 * PATIENCE_S)
        opened.goto(address)
        opened.get_by_text("The plan can be moved where its uplifts are").wait_for()
        assert opened.get_by_role("button", name="Download the plan").is_enabled()
        opened.close()


@needs_engine
def test_the_plan_of_a_run_for_the_risk_of_all(browser, tmp_path):
    (tmp_path / "risk.toml").write_text(PLAN + 'objective = "mean_cvar"\n')
    run("run", "risk.toml", "--out", "out", cwd=tmp_path)
    own = clvsim.open(tmp_path / "out").document("certificate.json")
    with dashboard(APP, tmp_path / "out") as address, opened_page(browser, address) as page:
        page.get_by_role("tab", name="Plan").click()
        page.get_by_text("This plan weighs the risk of all customers together").wait_for()
        assert metric(page, "Expected profit") == f"{own['fresh']['profit']:,.0f}"
        move(page, "Budget", "ArrowLeft", 3)
        page.get_by_text("The run has weighed the risk of all customers together; this plan does not.").wait_for()
        assert float(metric(page, "Expected profit").replace(",", "")) > own["profit"]


@needs_engine
def test_a_simulation_is_stopped(browser, tmp_path):
    (tmp_path / "slow.toml").write_text(PLAN.replace("customers = 400", "customers = 4000").replace("211", "20000"))
    run("run", "slow.toml", "--out", "out", cwd=tmp_path)
    with dashboard(APP, tmp_path / "out") as address, opened_page(browser, address) as page:
        page.get_by_role("tab", name="Plan").click()
        page.get_by_role("button", name="Simulate and plan").click()
        page.get_by_text(re.compile("s so far")).wait_for()
        page.get_by_role("button", name="Stop the simulation").click()
        page.get_by_role("button", name="Stop the simulation").wait_for(state="detached")
        move(page, "Risk appetite", "ArrowRight", 4)  # the engine is free again
        page.get_by_text("Chosen with each customer's CVaR at a weight of 0.2").wait_for()
        assert page.get_by_role("button", name="Download this plan").count() == 0


def test_download_is_plan_csv(page, runs):
    page.get_by_role("tab", name="Plan").click()
    with open(download(page, "Download the plan"), "rb") as file:
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


@needs_engine
def test_look_up_tells_refined_figures(limited_page, limited):
    uplift = clvsim.open(limited).table("uplift")
    page = limited_page
    page.get_by_role("tab", name="Customers").click()
    field = page.get_by_role("textbox", name="Customer")
    for paths, words in ((1211, "The choice was close: "), (211, "The choice was not close: ")):
        rows = uplift[uplift["paths"] == paths]
        rows = rows[rows["customer_id"] == rows["customer_id"].iloc[0]]
        field.fill(rows["customer_id"].iloc[0])
        field.press("Enter")
        page.get_by_text(words).wait_for()
        until(lambda: [float(row[1]) for row in grid(page, "action")] == list(rows["expected_profit"]))  # noqa: B023
        assert {int(row[-1]) for row in grid(page, "action")} == {paths}


@pytest.mark.parametrize("known", [True, False])
def test_months_a_customer_stays(browser, runs, tmp_path, known):
    folder = tmp_path / "run"
    shutil.copytree(runs / "plan", folder)
    months = "portfolio_months"
    with h5py.File(folder / "results.h5", "r+") as file:
        if months in file:
            del file[months]
        if known:
            file[months] = [[10.0, 11.0, 12.0, 13.0], [10.25, 11.5, 12.75, 13.0]]
            for axis, name in enumerate(("plan", "segment")):
                file[months].dims[axis].attach_scale(file[name])
    record = json.loads((folder / "run.json").read_text())
    content = (folder / "results.h5").read_bytes()
    record["files"]["results.h5"] |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "run.json").write_text(json.dumps(record))
    with dashboard(APP, folder) as address, opened_page(browser, address) as page:
        if known:
            assert metric(page, "no action → with the plan") == "10.0 → 10.2"
            assert change(page, "no action → with the plan") == "+0.25"
        else:
            expected = clvsim.open(folder).data["expected_lifetime_months"].values.mean()
            assert metric(page, "Months a customer stays, no action") == f"{expected:.1f}"


def test_scenarios(page, results):
    page.get_by_role("tab", name="Scenarios").click()
    page.get_by_text("What if: scenarios against base").wait_for()
    choose(page, "Scenario", "rates discount_rate=0.06")
    drawn = """[...document.querySelectorAll('.js-plotly-plot')].flatMap(chart => chart._fullData)
        .filter(trace => trace.name.startsWith('worth')).flatMap(trace => Array.from(trace.x))"""
    until(
        lambda: (
            sorted(page.evaluate(drawn))
            == sorted(results["sweep"].data["scenario_difference"].sel(segment="portfolio").values[1:])
        )
    )


@pytest.mark.parametrize("width", [1280, 420])
def test_accessible(page, width):
    page.set_viewport_size({"width": width, "height": 1000})
    for name in ("Overview", "Plan", "Customers", "Scenarios"):
        page.get_by_role("tab", name=name).click()
        no_violations(page, name)


def test_behaviour_of_customers_without_a_contract(browser, runs):
    with dashboard(APP, runs / "retail") as address, opened_page(browser, address) as page:
        page.get_by_role("tab", name="Behaviour").click()
        page.get_by_text("Still a customer?").wait_for()
        no_violations(page, "Behaviour")


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
        opened.set_default_timeout(1000 * PATIENCE_S)
        opened.goto(address)
        opened.get_by_text("These results cannot be shown").wait_for()
        text = opened.get_by_test_id("stAlert").inner_text()
        assert str(folder) in text
        with pytest.raises(clvsim.InputError) as caught:
            clvsim.open(folder)
        assert caught.value.problem in text and caught.value.remedy in text
        assert opened.get_by_test_id("stException").count() == 0
        opened.close()


def status(address, path, host, **headers):
    """What a request that names this host is answered with."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE_S)
    try:
        connection.request("GET", path, headers={"Host": host, **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def test_requests_for_foreign_hosts_are_refused(runs):
    port = free_port()
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    with server([str(REPOSITORY / "scripts/dashboard"), str(runs / "plan"), "--server.port", str(port)], port) as page:
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", "localhost"):
            assert status(page, "/", host) == 200
            assert status(page, "/_stcore/stream", host, **handshake, Origin=f"http://{host}") == 101
        for host in (f"evil.example:{port}", "evil.example", "localhost.evil.example", "192.0.2.1", ""):
            assert status(page, "/", host) == 400
            assert status(page, "/_stcore/stream", host, **handshake, Origin=f"http://{host}") in (400, 403)


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
