"""The report as a file: whole or not at all, nothing from outside, numbers and provenance of the run."""

import errno
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import clvsim
import h5py
import pandas as pd
import plotly.io
import pytest
from clvsim import key_figures, report, tables
from clvsim.figures.style import money

from worlds import HOSTILE, PROGRAM

RUNS = ["plan", "sweep", "survival", "retail", "fit", "uplift"]


class Page(HTMLParser):
    """Elements of a page, and the text outside of scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.text, self._inside = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag in ("script", "style"):
            self._inside.append(tag)

    def handle_endtag(self, tag):
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data):
        if not self._inside:
            self.text.append(data)


@pytest.fixture(scope="module")
def pages(results):
    return {name: report.html(results[name]) for name in RUNS}


@pytest.mark.parametrize("name", RUNS)
def test_nothing_comes_from_outside(pages, name):
    page = Page(pages[name])
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "img", "base"), tag
        assert "src" not in attributes, tag
        assert attributes.get("href", "#").startswith("#")
        assert not any(key.startswith("on") for key in attributes)
    policy = next(a for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy["content"]
    css = re.search(r"<style>(.*?)</style>", pages[name], re.DOTALL).group(1)
    assert "url(" not in css and "@import" not in css


@pytest.mark.parametrize("name", RUNS)
def test_provenance(pages, results, name):
    text = "".join(Page(pages[name]).text)
    run = results[name].run
    assert run["config_hash"] in text and run["program"]["version"] in text and run["execution"]["started"] in text
    if run.get("input", {}).get("hash"):
        assert run["input"]["hash"] in text
    for file, entry in run["files"].items():
        if not file.startswith("report."):
            assert file in text and entry["sha256"] in text
    assert "simulation.seed" in text


def test_figures_are_those_of_results_h5(pages, runs, results):
    values = dict(re.findall(r'data-key="(\w+)" value="([^"]+)"', pages["plan"]))
    with h5py.File(runs / "plan" / "results.h5") as file:
        assert float(values["portfolio_mean"]) == file["portfolio_mean"][0, 0]
        assert float(values["portfolio_var"]) == file["portfolio_var"][0, 0]
        assert float(values["plan_months"]) == file["portfolio_months"][list(file["plan"][()]).index(b"chosen"), 0]
    certificate = results["plan"].document("certificate.json")
    assert float(values["plan_profit_fresh"]) == certificate["fresh"]["profit"]
    assert float(values["plan_cost"]) == certificate["cost"]


def test_tables_are_those_of_the_files(pages, results):
    table = results["plan"].table("portfolio")
    rows = re.search(r"<caption>Value by segment</caption>(.*?)</table>", pages["plan"], re.DOTALL).group(1)
    rows = [re.findall(r'<data value="([^"]+)"', row) for row in rows.split("<tr>")[2:]]
    assert len(rows) == len(table)
    for row, (_, expected) in zip(rows, table.iterrows()):
        assert float(row[0]) == expected["customers"]
        assert float(row[1]) == expected["clv_mean"]
        assert float(row[-2]) == expected["clv_var05"]
    best = results["plan"].table("plan").nlargest(20, "expected_profit")
    block = re.search(r"<caption>Customers to reach first</caption>(.*?)</table>", pages["plan"], re.DOTALL).group(1)
    assert re.findall(r'<th scope="row" class="name">([^<]+)</th>', block) == list(best["customer_id"])


class Planned(dict):
    """Results of a plan alone: certificate.json, plan.csv."""

    has_churned_apart = False
    data = churned = None

    def __init__(self, plan, profit, fresh=None):
        policy = {"policy": "plan", "customers": len(plan), "cost": float(plan["cost"].sum()), "expected_profit": profit}
        certificate = {"profit": profit, "cost": policy["cost"], "status": "bounded", "upper_bound": profit + 6.0,
                       "fresh": fresh, "policies": [policy]}
        super().__init__({"plan.csv": plan, "certificate.json": certificate})
        self.document, self.table, self.without_churned = self.get, lambda name: self[f"{name}.csv"], lambda table: table


@pytest.mark.parametrize("scale, decimals", [(1, 2), (10_000, 0)])
def test_amounts_of_a_plan_have_the_same_decimals(scale, decimals):
    """Whole amounts in one column, amounts above a limit in another."""
    plan = pd.DataFrame({"customer_id": ["A", "B", "C"], "action": ["call", "gift", "none"],
                         "cost": [4 * scale, 5 * scale, 0], "expected_profit": [7.25 * scale, 3.5 * scale, 0.0],
                         "recommended_action": ["Invest", "Invest", "Ignore"], "reason": ["r"] * 3})
    planned = Planned(plan, 10.75 * scale)
    for table in (tables.policies_table(planned), tables.actions_table(planned)):
        amounts = [cell.text for row in table.rows for cell in row[2:]]
        assert {len(text.partition(".")[2]) for text in amounts} == {decimals}, amounts
        assert [row[1].text for row in table.rows] == ["3"] if len(table.rows) == 1 else ["1", "1", "1"]
    shown = [cell.text for row in tables.priority_table(planned).rows for cell in row[2:4]]
    assert {len(text.partition(".")[2]) for text in shown} == {2}, shown


def test_what_a_plan_earns_begins_with_fresh_futures(results):
    fresh = {"profit": 120_058.5, "se": 732.6}
    planned = Planned(results["plan"].table("plan"), 119_958.7, fresh)
    [sentence] = key_figures.sentences(planned)
    first, _, rest = sentence.partition(money(119_958.7))
    assert f"earns {money(fresh['profit'])} ± {money(fresh['se'])} on fresh futures" in first
    assert rest.startswith(" on those that it was chosen on")
    [sentence] = key_figures.sentences(Planned(results["uplift"].table("plan"), 119_958.7))
    assert f"earns {money(119_958.7)} on the futures that it was chosen on" in sentence


def test_names_with_blanks_may_wrap():
    kinds = [tables.table_of(pd.DataFrame({"name": [name]}), "t").columns[0].kind
             for name in ("Month-to-month", "customer-0000000000000001", "Small and medium businesses", "x " * 30)]
    assert kinds == ["name", "name", "", "long"]


def test_names_are_text(pages):
    page = pages["survival"]
    assert "<script>window.broken" not in page
    assert html.escape(HOSTILE[0]) in page
    for script in re.findall(r'<script type="application/json" data-chart="\w+">(.*?)</script>', page, re.DOTALL):
        json.loads(script)


def test_no_chart_ends_its_script(results):
    figure = clvsim.figures.decisions(results["plan"])
    figure.plotly.data[0].name = "</script><script>"
    assert "<" not in report._item(figure).json
    assert json.loads(report._item(figure).json)["data"][0]["name"] == "</script><script>"


def test_same_results_same_page(results, pages, runs, monkeypatch):
    monkeypatch.setattr(plotly.io.templates, "default", "plotly_dark")  # as other packages do
    with clvsim.open(runs / "plan") as again:
        assert report.html(again) == pages["plan"]


def test_headings_and_landmarks(pages):
    for name, text in pages.items():
        page = Page(text)
        tags = [tag for tag, _ in page.elements]
        assert tags.count("h1") == tags.count("main") == tags.count("nav") == tags.count("header") == 1, name
        levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
        assert levels[0] == 1 and all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:])), name
        names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(names) == len(set(names)), name
        for _, attributes in page.elements:
            if attributes.get("href", "#main") != "#main":
                assert attributes["href"][1:] in names


def list_report(folder, content):
    """Makes a report part of the results, as clv report does."""
    (folder / "report.html").write_text(content, encoding="utf-8")
    data = (folder / "report.html").read_bytes()
    run = json.loads((folder / "run.json").read_text())
    run["files"]["report.html"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "run.json").write_text(json.dumps(run))


def test_report_of_the_set_is_left_to_the_program(folder, pages):
    list_report(folder, "another version's page")
    with pytest.raises(clvsim.OutputError, match="run.json has its hash"):
        report.write(folder)
    assert (folder / "report.html").read_text() == "another version's page"
    assert report.write(folder, folder / "mine.html").read_text(encoding="utf-8") == pages["plan"]
    list_report(folder, pages["plan"])
    assert report.write(folder) == folder / "report.html"
    clvsim.open(folder)


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "clvsim.report", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(clvsim.__file__).parents[1])},
    )


@pytest.fixture
def folder(runs, tmp_path):
    shutil.copytree(runs / "plan", tmp_path / "run")
    return tmp_path / "run"


def test_command_writes_the_report(folder, pages):
    done = command(folder)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(folder / "report.html"), "")
    assert (folder / "report.html").read_text(encoding="utf-8") == pages["plan"]
    assert not list(folder.glob(".*partial*"))
    clvsim.open(folder)  # the set is as it was


def test_command_without_results(tmp_path):
    done = command(tmp_path)
    assert done.returncode == 3 and "no complete results" in done.stderr and "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_command_on_broken_results(folder):
    (folder / "report.html").write_text("earlier")
    content = bytearray((folder / "plan.csv").read_bytes())
    content[100] ^= 1
    (folder / "plan.csv").write_bytes(content)
    done = command(folder)
    assert done.returncode == 3 and "plan.csv" in done.stderr and "Traceback" not in done.stderr
    assert (folder / "report.html").read_text() == "earlier"


def test_the_program_draws_the_same_page(folder, results):
    """clv report makes the page a file of the results."""
    environment = {**os.environ, "CLV_PYTHON": sys.executable, "PYTHONPATH": str(Path(clvsim.__file__).parents[1])}
    done = subprocess.run([PROGRAM, "report", folder], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and ".partial" not in done.stderr
    with clvsim.open(folder) as opened:
        assert {"report.html", "report.xlsx"} <= set(opened.files)
        assert (folder / "report.html").read_text(encoding="utf-8") == report.html(opened)


def test_command_with_out_is_silent(folder, tmp_path):
    done = command(folder, "--out", tmp_path / "page.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "page.html").is_file() and not (folder / "report.html").exists()


def test_command_without_arguments():
    assert command().returncode == 2


def test_earlier_report_is_replaced_not_overwritten(folder, monkeypatch):
    earlier = folder / "report.html"
    earlier.write_text("earlier")
    with earlier.open() as reader:
        report.write(folder)
        assert reader.read() == "earlier"
    assert earlier.stat().st_size > 1_000_000

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    earlier.write_text("earlier")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(clvsim.OutputError, match="No space left on device"):
        report.write(folder)
    assert earlier.read_text() == "earlier"
    assert not list(folder.glob(".*partial*"))


def test_report_that_cannot_be_written(folder):
    (folder / "report.html").mkdir()
    done = command(folder)
    assert done.returncode == 7 and "report.html" in done.stderr and "Traceback" not in done.stderr
    assert not list(folder.glob(".*partial*"))
