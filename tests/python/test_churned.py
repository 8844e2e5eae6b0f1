"""What people are shown of customers who have left: how many, how much, and in no figure of the others."""

import sys

import clvsim
import numpy as np
import pandas as pd
import pytest
from clvsim import figures, tables
from clvsim.figures.style import money
from clvsim.key_figures import key_figures, sentences

from worlds import REPOSITORY, run

CONFIG = """
input.customers = "customers.csv"
survival.source = "kaplan_meier"
simulation.paths = 64
simulation.horizon_months = 12
simulation.cashflow = true
optimizer.budget = 60
[[actions]]
name = "call"
cost = 2.0
hazard_multiplier = 0.7
"""


@pytest.fixture(scope="module")
def churned(tmp_path_factory):
    """Results by treatment, and who has left."""
    folder = tmp_path_factory.mktemp("churned")
    random = np.random.default_rng(5)
    spent, leaves = random.integers(0, 36, 150), random.geometric(0.04, 150)
    gone = leaves <= spent
    pd.DataFrame({
        "customer_id": [f"c{i}" for i in range(150)],
        "monthly_revenue": random.uniform(5, 40, 150).round(2),
        "tenure_months": np.minimum(leaves, spent),
        "churned": gone.astype(int),
        "segment": np.where(np.arange(150) % 3 == 0, "A", "B"),
    }).to_csv(folder / "customers.csv", index=False)
    (folder / "c.toml").write_text(CONFIG)
    for treatment in ("separate", "include", "exclude"):
        run("run", "c.toml", "--set", f"customers.churned={treatment}", "--out", treatment, cwd=folder)
    return ({name: clvsim.open(folder / name) for name in ("separate", "include", "exclude")},
            [f"c{i}" for i in np.flatnonzero(gone)])


def test_the_first_sentences_are_of_todays_customers(churned):
    results, left = churned
    first, second, *_ = sentences(results["separate"])
    assert first.startswith(f"{150 - len(left)} customers are expected to bring")
    value = float(results["separate"].data["portfolio_mean"].sel(plan="none", segment="churned"))
    assert second.startswith(f"{len(left)} more have left") and money(value) in second
    assert first == next(sentences(results["exclude"]))
    told = list(sentences(results["include"]))
    assert told[0].startswith("150 customers") and told[1].startswith(f"{len(left)} of them have left")
    assert "are not valued" in list(sentences(results["exclude"]))[1]


def test_key_figures(churned):
    results, left = churned
    found = {figure.key: figure for figure in key_figures(results["separate"])}
    assert found["churned_customers"].text == str(len(left)) and "in no other figure" in found["churned_customers"].context
    assert found["plan_customers"].context == f"of {150 - len(left)}"
    same = {figure.key: figure for figure in key_figures(results["exclude"])}
    for key in ("portfolio_mean", "portfolio_var", "plan_profit_fresh", "plan_cost", "plan_customers"):
        assert found[key].text == same[key].text, key
    assert "churned_customers" not in same


def test_what_has_churned_is_known(churned):
    results, left = churned
    assert results["separate"].churned["customers"] == len(left) and results["separate"].has_churned_apart
    assert results["include"].churned == {"customers": len(left), "treatment": "include"}
    alone = clvsim.open(results["separate"].folder / "results.h5")
    assert alone.churned == results["separate"].churned


def test_tables_and_figures_leave_them_out(churned):
    results, left = churned
    separate, exclude = results["separate"], results["exclude"]
    shown = tables.portfolio_table(separate)
    assert [row[0].text for row in shown.rows] == ["portfolio", "A", "B", "churned"] * 2
    assert "no other row has them" in shown.note
    assert {row[0].text: row[1].text for row in tables.actions_table(separate).rows} == {
        row[0].text: row[1].text for row in tables.actions_table(exclude).rows}
    top = tables.top_customers(separate)
    assert not {row[1].text for row in top.rows} & set(left)
    assert [row[0].text for row in top.rows][:3] == ["1", "2", "3"]
    for draw in (figures.customer_value, figures.value_at_risk, figures.decisions):
        assert draw(separate).caption == draw(exclude).caption, draw
        pd.testing.assert_frame_equal(draw(separate).data, draw(exclude).data, rtol=1e-9)


def test_the_dashboard_knows_whom_a_row_sums_up(churned, monkeypatch):
    pytest.importorskip("streamlit")
    monkeypatch.syspath_prepend(str(REPOSITORY / "apps/dashboard"))
    import customers
    import overview

    results, left = churned
    separate, ids = results["separate"], results["separate"].data["customer_id"].values
    table = separate.table("clv")
    for segment in ("portfolio", "A", "B", "churned"):
        here = set(ids[overview.in_segment(separate, segment)])
        assert here == set(customers.part_of(separate, table, segment)["customer_id"])
        assert len(here) == int(separate.data["portfolio_customers"].sel(segment=segment))
    assert set(ids[overview.in_segment(separate, "churned")]) == set(left)
    assert overview.in_segment(results["include"], "portfolio").all()
    for name in ("customers", "overview", "parts"):
        sys.modules.pop(name, None)


def test_the_dashboard_shows_a_row_of_its_own(churned, monkeypatch):
    pytest.importorskip("streamlit")
    from streamlit.testing.v1 import AppTest

    results, left = churned
    monkeypatch.syspath_prepend(str(REPOSITORY / "apps/dashboard"))
    monkeypatch.setattr(sys, "argv", ["app.py", str(results["separate"].folder)])
    app = AppTest.from_file(str(REPOSITORY / "apps/dashboard/app.py"), default_timeout=120).run()
    assert not app.exception
    assert any(f"{len(left)} more have left" in text.value for text in app.markdown)
    app.text_input(key="customer").input(left[0]).run()
    assert not app.exception
    assert "has left" in [metric.value for metric in app.metric]
    app.selectbox(key="segment").set_value("those who have left").run()
    assert not app.exception
    value = float(results["separate"].data["portfolio_mean"].sel(plan="none", segment="churned"))
    assert f"{value:,.0f}" in [metric.value for metric in app.metric]
