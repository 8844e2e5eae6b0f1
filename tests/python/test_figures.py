"""Figures show the numbers of the files, say what to read, and are None where a run does not hold them."""

import html
import re

import clvsim
import h5py
import numpy as np
import pandas as pd
import plotly.io
import pytest
from clvsim import figures
from clvsim.figures import style

from worlds import HOSTILE

# What every run of the tests can show.
HELD = {
    "plan": {
        "portfolio_value",
        "customer_value",
        "cash_flow_fan",
        "value_at_risk",
        "plan_gain",
        "decisions",
        "frontier",
        "budget_curve",
    },
    "learned": {
        "portfolio_value",
        "customer_value",
        "value_at_risk",
        "plan_gain",
        "decisions",
        "frontier",
        "budget_curve",
        "churn_calibration",
        "churn_gain",
        "churn_importance",
    },
    "sweep": {"scenario_tornado", "scenario_frontiers"},
    "survival": {"portfolio_value", "customer_value", "value_at_risk", "survival", "hazard"},
    "retail": {
        "portfolio_value",
        "customer_value",
        "cash_flow_fan",
        "value_at_risk",
        "p_alive",
        "uncertainty_sources",
        "value_predicted",
        "value_importance",
        "segment_shares",
        "value_and_risk",
        "cohort_triangle",
        "holdout_tracking",
        "holdout_calibration",
        "holdout_bands",
    },
    "fit": {"cohort_triangle", "holdout_tracking", "holdout_calibration", "holdout_bands"},
    "uplift": {"decisions", "frontier"},
}


@pytest.fixture(scope="module")
def drawn(results):
    """Every figure of every run: drawn["plan"]["frontier"]."""
    return {
        name: {figure.name: figure for figure in (function(run) for function in figures.ALL) if figure}
        for name, run in results.items()
    }


def trace(figure, name):
    found = [one for one in figure.plotly.data if one.name == name]
    assert len(found) == 1, f"{name}: {[one.name for one in figure.plotly.data]}"
    return found[0]


def test_each_run_has_its_figures(drawn):
    assert {name: set(all_of_it) for name, all_of_it in drawn.items()} == HELD
    assert set().union(*HELD.values()) == {function.__name__ for function in figures.ALL}


def test_every_figure_has_words_units_and_marks(drawn):
    for run in drawn.values():
        for figure in run.values():
            assert figure.title and len(figure.caption) > 40 and len(figure.alt) > 40, figure.name
            assert re.search(r"\d", figure.caption), f"{figure.name}: a caption without a number"
            assert "nan" not in figure.caption.lower().split(), figure.caption
            assert len(figure.data) > 0
            layout = figure.plotly.layout
            for axis in (layout.xaxis, layout.yaxis):
                named = axis.title.text or axis.ticktext
                assert named, f"{figure.name}: an axis without a name"
            assert any(
                unit in str(layout.xaxis.title.text) + str(layout.yaxis.title.text)
                for unit in ("currency", "%", "month", "week", "purchases", "futures", "log odds")
            ), figure.name


def test_colours_are_for_everybody(drawn):
    allowed = {colour.lower() for colour in (*style.CATEGORIES, style.IDLE, style.INK, style.MUTED)}
    for run in drawn.values():
        for figure in run.values():
            for one in figure.plotly.data:
                for part in ("line", "marker"):
                    colour = getattr(getattr(one, part, None), "color", None)
                    if isinstance(colour, str) and colour.startswith("#"):
                        assert colour.lower() in allowed, f"{figure.name}: {colour}"


def test_portfolio_value(drawn, runs):
    figure = drawn["plan"]["portfolio_value"]
    with h5py.File(runs / "plan" / "results.h5") as file:
        total = file["path_total"][:, 0]
        mean, cvar, low = (
            file["portfolio_mean"][0, 0],
            file["portfolio_cvar"][0, 0],
            file["portfolio_quantile"][0, 0, 0],
        )
    bars, plan = trace(figure, "no action"), trace(figure, "with the plan")
    assert sum(bars.y) == sum(plan.y) == total.shape[1]
    edges = np.concatenate([np.asarray(bars.x) - np.asarray(bars.width) / 2, [bars.x[-1] + bars.width[-1] / 2]])
    np.testing.assert_array_equal(bars.y, np.histogram(total[0], edges)[0])
    np.testing.assert_array_equal(plan.y, np.histogram(total[1], edges)[0])
    for name, value in (("mean", mean), ("2.5% quantile", low), ("CVaR 5%", cvar)):
        assert list(trace(figure, f"{name} {style.money(value)}").x) == [value, value]
        assert style.money(value) in figure.caption


def test_customer_value(drawn, runs):
    figure = drawn["plan"]["customer_value"]
    with h5py.File(runs / "plan" / "results.h5") as file:
        mean, low = file["clv_mean"][0], file["clv_quantile"][0, 0]
    order = np.argsort(-mean, kind="stable").reshape(100, 4)
    np.testing.assert_allclose(trace(figure, "mean").y, mean[order].mean(axis=1), rtol=1e-13)
    np.testing.assert_allclose(trace(figure, "level 2.5%").y, low[order].mean(axis=1), rtol=1e-13)
    assert style.money(mean.mean()) in figure.caption


def test_few_customers_are_their_own_groups(results):
    figure = figures.customer_value(results["plan"], groups=10_000)
    mean = results["plan"].data["clv_mean"].sel(action="none").values
    np.testing.assert_allclose(trace(figure, "mean").y, np.sort(mean)[::-1], rtol=1e-15)


def test_cash_flow_fan(drawn, results, runs):
    with h5py.File(runs / "plan" / "results.h5") as file:
        mean, quantile, segment = (
            file["cashflow_mean"][()],
            file["cashflow_quantile"][()],
            file["segment"][()].astype(str),
        )
    figure = drawn["plan"]["cash_flow_fan"]
    np.testing.assert_array_equal(trace(figure, "mean").y, mean[0])
    for level, name in enumerate(("2.5%", "5%", "50%", "97.5%")):
        np.testing.assert_array_equal(trace(figure, f"level {name}").y, quantile[0, :, level])
    other = figures.cash_flow_fan(results["plan"], segment=segment[2])
    np.testing.assert_array_equal(trace(other, "mean").y, mean[2])


@pytest.mark.parametrize("run", ["plan", "survival", "retail"])
def test_value_at_risk(drawn, runs, run):
    figure = drawn[run]["value_at_risk"]
    with h5py.File(runs / run / "results.h5") as file:
        rows = len(file["segment"]) - ("churned" in file)  # who has left is the last, and at no risk
        mean, var, cvar = (file[f"portfolio_{name}"][0][:rows] for name in ("mean", "var", "cvar"))
    np.testing.assert_array_equal(trace(figure, "expected value").x, mean)
    bar = trace(figure, "value at risk")
    np.testing.assert_array_equal(bar.x, var)
    np.testing.assert_array_equal(bar.base, mean - var)
    np.testing.assert_array_equal(trace(figure, "CVaR 5%").x, cvar)


def test_decisions(drawn, runs):
    plan = pd.read_csv(runs / "plan" / "plan.csv")
    segment = pd.read_csv(runs / "plan" / "clv.csv")["segment"]
    figure = drawn["plan"]["decisions"]
    names = list(figure.plotly.layout.yaxis.ticktext)
    assert names[0] == "all customers" and set(names[1:]) == set(segment)
    for action, label in (("none", "no action"), ("5% discount", "5% discount"), ("call", "call")):
        bars = trace(figure, label)
        assert bars.customdata[0] == (plan["action"] == action).sum()
        for name, number in zip(names[1:], bars.customdata[1:]):
            assert number == ((plan["action"] == action) & (segment == name)).sum()
    assert f"{(plan['action'] != 'none').sum()} customers of 400" in figure.caption


def test_frontier_and_budget_curve(drawn, results, runs):
    table = pd.read_csv(runs / "plan" / "frontier.csv")
    certificate = results["plan"].document("certificate.json")
    figure = drawn["plan"]["frontier"]
    np.testing.assert_array_equal(trace(figure, "best profit").x, table["budget"])
    np.testing.assert_array_equal(trace(figure, "best profit").y, table["profit"])
    np.testing.assert_array_equal(trace(figure, "marginal return").y, table["marginal_roi"])
    assert [trace(figure, "the plan").x[0], trace(figure, "the plan").y[0]] == [
        certificate["cost"],
        certificate["profit"],
    ]
    assert figure.plotly.layout.shapes[0].x0 == certificate["cost"]
    curve = drawn["plan"]["budget_curve"]
    np.testing.assert_array_equal(trace(curve, "on the paths of the choice").y, table["profit"])
    np.testing.assert_array_equal(trace(curve, "on fresh paths").y, table["profit_eval"])
    np.testing.assert_array_equal(trace(curve, "difference").y, table["difference"])
    high = trace(curve, "± 2 standard errors of the difference").y
    np.testing.assert_allclose(high - table["difference"], 2 * table["difference_se"], rtol=1e-9, atol=1e-9)
    fresh, own = (style.money(of["profit"]) for of in (certificate["fresh"], certificate))
    assert 0 < curve.caption.index(f"earns {fresh} ±") < curve.caption.index(f"{own} ±")


def test_plan_gain(drawn, results, runs):
    with h5py.File(runs / "plan" / "results.h5") as file:
        gain = file["path_total"][1, 0] - file["path_total"][0, 0]
    figure = drawn["plan"]["plan_gain"]
    assert sum(trace(figure, "paths of the choice").y) == len(gain)
    fresh = results["plan"].document("certificate.json")["fresh"]
    assert trace(figure, f"fresh mean {style.money(fresh['profit'])}").x[0] == fresh["profit"]
    assert figure.data["gain from"].iloc[0] == gain.min()


def test_scenario_tornado(drawn, runs):
    with h5py.File(runs / "sweep" / "results.h5") as file:
        name = file["scenario"][()].astype(str)
        difference = dict(zip(name, file["scenario_difference"][:, 0]))
        error = dict(zip(name, file["scenario_difference_se"][:, 0]))
    figure = drawn["sweep"]["scenario_tornado"]
    labels = list(figure.plotly.layout.yaxis.ticktext)
    assert {label.replace("<br>", " ") for label in labels} == set(name) - {"base"}
    labels = [label.replace("<br>", " ") for label in labels]
    shown = {}
    for bars in figure.plotly.data:
        for row, value, half in zip(bars.y, bars.x, bars.error_x.array):
            shown[labels[row]] = (value, half)
    assert shown == {label: (difference[label], 2 * error[label]) for label in labels}
    assert list(np.argsort([-abs(shown[label][0]) for label in labels])) == list(range(len(labels)))


def test_scenario_frontiers(drawn, results, runs):
    table = pd.read_csv(runs / "sweep" / "sweep_frontier.csv")
    figure = drawn["sweep"]["scenario_frontiers"]
    for name in ("base", "recession", "rates discount_rate=0.06", "rates discount_rate=0.14"):
        part = table[table["scenario"] == name]
        np.testing.assert_array_equal(trace(figure, name).x, part["budget"])
        np.testing.assert_array_equal(trace(figure, name).y, part["profit"])
    plans = trace(figure, "the plans")
    assert {*zip(plans.x, plans.y)} == {(plan["cost"], plan["profit"]) for plan in results["sweep"].run["plans"]}
    assert style.money(results["sweep"].run["plans"][0]["profit"]) in figure.caption


def test_survival_and_hazard(drawn, runs):
    table = pd.read_csv(runs / "survival" / "survival.csv", keep_default_na=False)
    for segment in HOSTILE:
        part = table[table["segment"] == segment]
        label = style.plain(segment)
        curve = trace(drawn["survival"]["survival"], label)
        np.testing.assert_array_equal(curve.x, [0, *part["month"]])
        np.testing.assert_array_equal(curve.y, [1, *part["survival"]])
        np.testing.assert_array_equal(
            trace(drawn["survival"]["survival"], f"{label}, fitted").y, part["fitted_survival"]
        )
        churn = trace(drawn["survival"]["hazard"], label)
        enough = part[part["at_risk"] >= 30]
        np.testing.assert_array_equal(churn.x, enough["month"])
        np.testing.assert_array_equal(churn.y, enough["hazard"])
        np.testing.assert_allclose(churn.y, enough["churned"] / enough["at_risk"], rtol=1e-15)
        low, high = (one for one in drawn["survival"]["hazard"].plotly.data if one.name == f"{label} 95% interval")
        np.testing.assert_array_equal(low.y, enough["hazard_low"])
        np.testing.assert_array_equal(high.y, enough["hazard_high"])
        np.testing.assert_array_equal(
            trace(drawn["survival"]["hazard"], f"{label}, fitted").y, enough["fitted_hazard"]
        )


def test_p_alive(drawn, runs):
    table = pd.read_csv(runs / "retail" / "predictions.csv")
    figure = drawn["retail"]["p_alive"]
    heat = figure.plotly.data[0]
    assert np.nansum(heat.customdata) == len(table)
    np.testing.assert_allclose(
        np.nansum(np.where(heat.customdata > 0, heat.z * heat.customdata, 0)), table["p_alive"].sum(), rtol=1e-12
    )
    row = table[table["frequency"] == 2]
    assert np.sum(heat.customdata[2]) == len(row)
    assert f"{table['p_alive'].sum():,.0f} are expected" in figure.caption


def test_cohort_triangle(drawn, runs):
    table = pd.read_csv(runs / "fit" / "cohorts.csv")
    heat = drawn["fit"]["cohort_triangle"].plotly.data[0]
    cohorts = [label.split()[0] for label in heat.y]
    assert not table["complete"].all()  # otherwise nothing is left out
    for row in table[table["month"] > 0].itertuples():
        shown = heat.z[cohorts.index(row.cohort)][row.month - 1]
        assert shown == row.retention if row.complete else np.isnan(shown)


def test_holdout(drawn, results):
    document = results["fit"].document("holdout.json")
    tracking = pd.DataFrame(document["tracking"])
    figure = drawn["fit"]["holdout_tracking"]
    for name, column in (("forecast", "mean"), ("what came", "actual"), ("5%", "q05"), ("5% to 95%", "q95")):
        np.testing.assert_array_equal(trace(figure, name).y, tracking[column])
    assert f"{document['total']['actual']:,.0f} came" in figure.caption
    calibration = pd.DataFrame(document["calibration"])
    for name, column in (("forecast", "mean"), ("what came", "actual"), ("rate so far, continued", "naive")):
        np.testing.assert_array_equal(trace(drawn["fit"]["holdout_calibration"], name).y, calibration[column])
    np.testing.assert_array_equal(trace(drawn["fit"]["holdout_bands"], "customers").y, document["pit"])


def test_uncertainty_sources(drawn, runs):
    table = pd.read_csv(runs / "retail" / "sources.csv").sort_values("total", ascending=False, kind="stable")
    figure = drawn["retail"]["uncertainty_sources"]
    assert list(figure.plotly.layout.yaxis.ticktext) == list(table["source"])
    np.testing.assert_allclose(trace(figure, "alone").x, 100 * table["first_order"], rtol=1e-15)
    assert style.percent(table["total"].iloc[0]) in figure.caption


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (4.7, "4.70"),
        (99.994, "99.99"),
        (664.88, "665"),
        (14997.7, "14,998"),
        (6648875.5, "6.65 million"),
        (999_499, "999,499"),
        (999_999, "1.00 million"),
        (-2577573, "−2.58 million"),
        (123.4e6, "123.4 million"),
        (2e9, "2.00 billion"),
        (float("nan"), "not available"),
    ],
)
def test_money_in_words(value, text):
    assert style.money(value) == text


@pytest.mark.parametrize(
    "share, text",
    [(0, "0%"), (0.0004, "under 0.1%"), (0.034, "3.4%"), (0.0996, "10%"), (0.32, "32%"), (1, "100%"), (-0.02, "−2.0%")],
)
def test_shares_in_words(share, text):
    assert style.percent(share) == text


def test_names_are_no_markup():
    assert style.plain("<b>a</b> & %{x}") == "&lt;b&gt;a&lt;/b&gt; &amp; %&#123;x}"
    assert len(style.plain("x" * 100)) == 32
    assert style.label("rates discount_rate=0.06") == "rates<br>discount_rate=0.06"
    assert max(map(len, style.label("x" * 100).split("<br>"))) == 18


def test_notebook_shows_title_picture_and_caption(drawn):
    pytest.importorskip("IPython")
    pytest.importorskip("nbformat")
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    figure = drawn["survival"]["hazard"]
    renderer, plotly.io.renderers.default = plotly.io.renderers.default, "plotly_mimetype"
    try:
        with capture_output() as captured:
            figure._ipython_display_()
    finally:
        plotly.io.renderers.default = renderer
        InteractiveShell.clear_instance()
    heading, picture, caption = (output.data for output in captured.outputs)
    assert heading["text/html"] == f"<h4>{figure.title}</h4>"
    assert len(picture["application/vnd.plotly.v1+json"]["data"]) == len(figure.plotly.data)
    assert picture["application/vnd.plotly.v1+json"]["config"]["displayModeBar"] is False
    assert html.escape(figure.alt) in caption["text/html"]
    assert "<script>" not in caption["text/html"] and html.escape(figure.caption) in caption["text/html"]


def test_figures_are_where_they_are_said_to_be():
    assert clvsim.figures is figures
