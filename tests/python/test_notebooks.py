"""The notebooks: each runs in a Jupyter kernel, draws what it says, and shows the numbers of the command line."""

import hashlib
import json
import os
import re
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
from engine_cases import clv, digests, write_config
from kernel import NOTEBOOKS, PICTURE, execute, kernel, numbers, outputs_until
from worlds import PROGRAM, REPOSITORY, cpu_seconds, thread_count

import clvsim
from clvsim.figures.figure import UNSEEN
from program import table

PATHS = {path.stem: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
NAMES = ["01_five_minute_tour", "02_real_subscribers", "03_transactions_to_clv_bands", "04_where_to_spend",
         "05_scenario_sweep", "06_cpu_against_gpu", "07_learn_rank_segment"]
TELCO = Path(os.environ.get("CLV_REFERENCE_DATA", REPOSITORY.parent / "shared/data")) / "telco/Telco-Customer-Churn.csv"

# Results of each notebook, and the files that stand in the place of the tables that it had in memory.
RESULTS = [
    ("01_five_minute_tour", "results", {}),
    ("02_real_subscribers", "results", {"input.customers": "customers.csv"}),
    ("02_real_subscribers, Telco", "results", {}),
    ("03_transactions_to_clv_bands", "trial", {"input.transactions": "world/transactions.csv"}),
    ("03_transactions_to_clv_bands", "results", {"input.transactions": "world/transactions.csv"}),
    ("04_where_to_spend", "results", {}),
    ("04_where_to_spend", "chosen", {"optimizer.results": "results"}),
    ("05_scenario_sweep", "results", {"input.customers": "world/customers.csv"}),
    ("07_learn_rank_segment", "results", {"input.transactions": "shop/transactions.csv"}),
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Runs a notebook when it is first asked for."""
    done = {}

    def run(name):
        if name not in done:
            stem, _, data = name.partition(", ")
            if data and not TELCO.is_file():
                pytest.skip(f"no reference data ({TELCO}): name the folder in CLV_REFERENCE_DATA")
            variables = {"CLV_TELCO_FILE": str(TELCO) if data else ""}
            done[name] = execute(PATHS[stem], tmp_path_factory.mktemp("notebook"), **variables)
        return done[name]

    return run


@pytest.fixture(scope="module")
def again(executed, tmp_path_factory):
    """The same by the command line, on one thread: again(notebook, variable) is (folder of results, its output)."""
    done = {}

    def run(name, variable):
        if (name, variable) not in done:
            kept = executed(name).kept
            files = next(files for found, of, files in RESULTS if (found, of) == (name, variable))
            out = tmp_path_factory.mktemp("again") / "out"
            sets = [text for key, file in files.items() for text in ("--set", f"{key}={kept / file}")]
            command = json.loads((kept / variable / "run.json").read_text())["command"]
            outcome = clv(command, kept / variable / "run.json", "--out", out, "--threads", "1", "--quiet", *sets,
                          cwd=out.parent, env={"CLV_PYTHON": "/bin/false"})
            done[name, variable] = out, outcome.stdout
        return done[name, variable]

    return run


def test_these_are_the_notebooks():
    assert list(PATHS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_without_outputs(name):
    """Clear all outputs before you save."""
    notebook = nbformat.read(PATHS[name], as_version=4)
    nbformat.validate(notebook)
    assert PATHS[name].stat().st_size < 50_000
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]
    text = "\n".join(cell.source for cell in notebook.cells)
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (NOTEBOOKS / link).is_file(), link
    for mention in re.findall(r"`((?:docs|configs)/[^`]+)`", text):
        assert (REPOSITORY / mention).is_file(), mention
    titles = [cell.source.splitlines()[0] for cell in notebook.cells if cell.cell_type == "markdown"]
    assert titles[0].startswith(f"# {name[:2]} · ") and "## What to read from this" in titles[-1]


@pytest.mark.parametrize("name", [*NAMES, "02_real_subscribers, Telco"])
def test_a_notebook_runs(executed, name):
    before = {path: path.stat().st_mtime_ns for path in NOTEBOOKS.iterdir()}
    run = executed(name)  # raises what a cell raises
    assert {path: path.stat().st_mtime_ns for path in NOTEBOOKS.iterdir()} == before
    asked = [cell for cell in run.cells if "clvsim.figures." in cell.source]
    for cell in asked:
        pictures = [output.data[PICTURE] for output in cell.outputs if PICTURE in output.get("data", {})]
        assert len(pictures) == 1, cell.source
        drawn = [numbers(trace[key]) for trace in pictures[0]["data"] for key in ("y", "z") if key in trace]
        assert drawn and all(values.size for values in drawn), cell.source
        words = "".join(output.data.get("text/html", "") for output in cell.outputs)
        assert "<h4>" in words and len(re.sub("<.*?>", "", words)) > 60, cell.source
        assert UNSEEN in words, cell.source  # alternative text
    assert asked or name.startswith("06")


@pytest.mark.parametrize("name, variable", [case[:2] for case in RESULTS])
def test_results_are_the_command_lines(executed, again, name, variable):
    """Byte for byte; a certificate also names the file of uplifts, which lies elsewhere."""
    ours, theirs = executed(name).kept / variable, again(name, variable)[0]
    first, second = digests(ours), digests(theirs)
    assert len(first) >= 3 and first.keys() == second.keys()
    differ = [file for file in first if first[file] != second[file]]
    if variable == "chosen":
        assert differ == ["certificate.json"]
        first, second = (json.loads((folder / "certificate.json").read_text()) for folder in (ours, theirs))
        assert first["uplift"].pop("file") != second["uplift"].pop("file")
        assert first.pop("digest") != second.pop("digest")  # of all the rest, the file's name included
        assert first == second
    else:
        assert not differ


def money(value, digits=0):
    """A number as a table of a notebook shows it."""
    return f">{value:,.{digits}f}<"


def total(folder, plan="none"):
    figures = table(folder / "portfolio.csv")
    return figures[(figures["segment"] == "portfolio") & (figures["plan"] == plan)].iloc[0]


def test_the_tour_shows_the_numbers_of_the_files(executed, again):
    run, (folder, _) = executed("01_five_minute_tour"), again("01_five_minute_tour", "results")
    html = run.texts("text/html")
    figures = table(folder / "portfolio.csv").query("plan == 'none'")
    assert len(figures) == 4
    for column in ("clv_mean", "clv_q05", "clv_cvar05"):
        assert all(money(value) in html for value in figures[column])
    for policy in json.loads((folder / "run.json").read_text())["plan"]["policies"]:
        assert money(policy["fresh"]["profit"]) in html and money(policy["fresh"]["q05"]) in html
    (picture,) = run.pictures("portfolio_value")
    assert numbers(picture["no action"]["y"]).sum() == 1_000
    (mean,) = [trace for trace_name, trace in picture.items() if trace_name.startswith("mean ")]
    assert list(mean["x"]) == [total(folder)["clv_mean"]] * 2
    for row in table(folder / "plan.csv").groupby("action", sort=False).head(2).itertuples():
        assert row.customer_id in html and row.reason in html


@pytest.mark.parametrize("name", ["02_real_subscribers", "02_real_subscribers, Telco"])
def test_subscribers_show_the_numbers_of_the_files(executed, again, name):
    run, (folder, _) = executed(name), again(name, "results")
    assert ("IBM Telco" in run.texts("text/markdown")) == ("Telco" in name)
    clv_table = table(folder / "clv.csv")
    for churned in (0, 1):
        part = clv_table[clv_table["churned"] == churned]
        assert money(part["clv_mean"].sum()) in run.texts("text/html") and money(len(part)) in run.texts("text/html")
    estimates = table(folder / "survival.csv")
    (picture,) = run.pictures("survival")
    segments = estimates["segment"].unique()
    assert len(segments) == 3
    for segment in segments:
        np.testing.assert_array_equal(numbers(picture[segment]["y"])[1:],
                                      estimates.loc[estimates["segment"] == segment, "survival"])


def test_transactions_show_the_numbers_of_the_files(executed, again):
    name = "03_transactions_to_clv_bands"
    run, (fit, _), (folder, _) = executed(name), again(name, "trial"), again(name, "results")
    html = run.texts("text/html")
    predictions = table(folder / "predictions.csv")
    for row in predictions.nsmallest(8, "rank").itertuples():
        assert row.customer_id in html and money(row.clv_mean, 2) in html and money(row.p_alive, 2) in html
    truth = table(run.kept / "world/truth.csv")
    assert money(predictions["p_alive"].sum()) in html and money(truth["expected_purchases"].sum()) in html
    weeks = json.loads((fit / "holdout.json").read_text())["tracking"]
    (picture,) = run.pictures("holdout_tracking")
    for trace, column in (("forecast", "mean"), ("what came", "actual"), ("5% to 95%", "q95")):
        assert list(numbers(picture[trace]["y"])) == [week[column] for week in weeks]


def test_where_to_spend_shows_the_numbers_of_the_files(executed, again, tmp_path):
    name = "04_where_to_spend"
    run, (folder, _), (_, printed) = executed(name), again(name, "results"), again(name, "chosen")
    assert printed.strip() and printed.strip() in run.texts("stdout")
    frontier = table(folder / "frontier.csv")
    (picture,) = run.pictures("frontier")
    assert list(numbers(picture["best profit"]["x"])) == list(frontier["budget"])
    assert list(numbers(picture["best profit"]["y"])) == list(frontier["profit"])
    uplift = ["--set", f"optimizer.uplift={folder / 'uplift.csv'}"]
    for budget in (500, 2_000):
        clv("optimize", *uplift, "--set", f"optimizer.budget={budget}", "--out", str(budget), cwd=tmp_path)
        plan = json.loads((tmp_path / str(budget) / "certificate.json").read_text())
        assert money(plan["profit"]) in run.texts("text/html")
        assert money(plan["multipliers"]["budget"], 2) in run.texts("text/html")
    assert "no plan keeps the limits budget, call many together" in run.texts("stdout")


def test_scenarios_show_the_numbers_of_the_files(executed, again):
    run, (folder, _) = executed("05_scenario_sweep"), again("05_scenario_sweep", "results")
    sweep = table(folder / "sweep.csv").query("segment == 'portfolio' and plan == 'none'")
    assert len(sweep) == 6
    for row in sweep.iloc[1:].itertuples():
        assert all(money(value) in run.texts("text/html")
                   for value in (row.clv_mean, row.difference_to_base, row.difference_se))
    plans = table(folder / "sweep_plan.csv")
    for _, part in plans.groupby("scenario"):
        assert all(money(count) in run.texts("text/html") for count in part["action"].value_counts())


def test_cpu_against_gpu_tells_what_it_found(executed, tmp_path):
    run = executed("06_cpu_against_gpu")
    write_config(tmp_path / "config.toml", json.loads((run.kept / "config.json").read_text()))
    clv("simulate", "config.toml", "--set", f"input.customers={run.kept / 'world/customers.csv'}", "--out", "out",
        "--backend", "cpu", cwd=tmp_path)
    digest = hashlib.sha256((tmp_path / "out/results.h5").read_bytes()).hexdigest()
    shown = re.findall(r">([0-9a-f]{16})<", run.texts("text/html"))
    verdict = run.texts("text/markdown")
    gpu = any(backend["available"] for backend in clvsim.doctor()["backends"] if backend["name"] == "cuda")
    assert len(shown) >= 5 + 2 * gpu and set(shown) == {digest[:16]}
    assert f"{len(shown)} ways to compute it, one digest" in verdict
    assert ("The GPU is among them" in verdict) == gpu and ("no GPU that the engine can use" in verdict) != gpu
    assert ("GPU, second call" in run.texts("text/html")) == gpu


def test_what_is_learned_shows_the_numbers_of_the_files(executed, again):
    run, (folder, _) = executed("07_learn_rank_segment"), again("07_learn_rank_segment", "results")
    html = run.texts("text/html")
    for row in table(folder / "clv_ranked_predictions.csv").head(6).itertuples():
        assert row.customer_id in html and money(row.predicted_value, 2) in html
    gain = json.loads((folder / "quality.json").read_text())["gain"]
    (picture,) = run.pictures("value_predicted")
    assert list(numbers(picture["spent"]["y"])) == [tenth["mean_spent"] for tenth in gain]
    (picture,) = run.pictures("segment_shares")
    assert list(numbers(picture["of risk"]["y"])) == list(table(folder / "segment_rankings.csv")["risk_share"])
    learned, best = map(float, re.search(r"AUC: (\.?[\d.]+) learned, ([\d.]+) at best", run.texts("stdout")).groups())
    assert 0.9 < best < 0.97 and abs(learned - best) < 0.02  # 2,000 customers: a standard error of .008


_LONG = """
import clvsim, numpy as np, pandas as pd
row = np.arange(200_000)
frame = pd.DataFrame({"customer_id": row.astype(str), "monthly_revenue": 10.0 + row % 90,
                      "churn_probability": 0.001 + row % 50 / 1000})
clvsim.simulate({"simulation": {"paths": 20_000, "horizon_months": 120}}, customers=frame, backend="cpu")
"""


def test_a_notebook_shows_progress_and_can_be_interrupted(tmp_path):
    """The button with the square: within a second of work, and the kernel goes on."""
    with kernel(tmp_path) as (manager, client):
        request = client.execute(_LONG, stop_on_error=False)
        seen = outputs_until(client, request,
                             lambda message: re.search("simulating: +[1-9]", message["content"].get("text", "")))
        lines = "".join(message["content"].get("text", "") for message in seen).split("\r")
        assert {message["content"]["name"] for message in seen if message["msg_type"] == "stream"} == {"stdout"}
        assert re.fullmatch(r"simulating: +\d+% \|█* *\| [\d,]+/200,000(, \d+ s left)?", lines[-1].rstrip())
        time.sleep(0.5)
        engine = manager.provisioner.pid
        worked, threads = cpu_seconds(engine), thread_count(engine)
        manager.interrupt_kernel()
        ended = outputs_until(client, request, lambda message: message["msg_type"] == "error")
        worked = (cpu_seconds(engine) - worked) / threads
        assert ended[-1]["content"]["ename"] == "KeyboardInterrupt"
        assert worked < 1.0
        request = client.execute("print(len(clvsim.simulate({'simulation': {'paths': 20}}, customers=frame[:7], "
                                 "quiet=True).table('clv')))")
        answer = outputs_until(client, request, lambda message: message["msg_type"] in ("stream", "error"))
        assert answer[-1]["content"].get("text") == "7\n"
