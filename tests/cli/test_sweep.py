"""clv sweep: what every key of a scenario does, against expectations written out here; its files; what it refuses."""

import json

import h5py
import numpy as np
import pytest
import xarray as xr
from program import USAGE, clv, result_bytes, run_record, settings, succeed, table, tree

MONTHS = 24
RATE = 0.1

# Two customers who never leave, nothing random: every figure is exact.
CERTAIN = """customer_id,segment,monthly_revenue,churn_probability,margin,retention_cost,acquisition_cost,revenue_growth
A,small,100,0,0.4,3,50,0.05
B,large,900,0,0.25,20,0,-0.02
"""

SCENARIOS = """
[[scenarios]]
name = "volume"
revenue_multiplier = 0.8

[[scenarios]]
name = "price"
price_multiplier = 1.05

[[scenarios]]
name = "both"
revenue_multiplier = 0.8
price_multiplier = 1.05

[[scenarios]]
name = "rate"
discount_rate = [0.02, 0.2]

[[scenarios]]
name = "nothing to leave from"
hazard_multiplier = 1.3
"""


def annuity_value(customer, *, volume=1.0, price=1.0, rate=RATE):
    """Value of a customer who stays: cash is R (price - (1 - margin)) - retention cost, paid in the middle of months."""
    month = np.arange(1, MONTHS + 1)
    revenue = volume * customer.monthly_revenue * (1 + customer.revenue_growth) ** ((month - 1) / 12)
    cash = revenue * (price - (1 - customer.margin)) - customer.retention_cost
    return (cash * (1 + rate) ** (-(month - 0.5) / 12)).sum() - customer.acquisition_cost


EFFECTS = {
    "base": {},
    "volume": {"volume": 0.8},
    "price": {"price": 1.05},
    "both": {"volume": 0.8, "price": 1.05},
    "rate discount_rate=0.02": {"rate": 0.02},
    "rate discount_rate=0.2": {"rate": 0.2},
    "nothing to leave from": {},
}


def sweep(folder, scenarios, customers=CERTAIN, flags=(), **values):
    (folder / "customers.csv").write_text(customers)
    (folder / "sweep.toml").write_text('input.customers = "customers.csv"\n' + scenarios)
    values = {"simulation__horizon_months": MONTHS, "simulation__discount_rate": RATE, "simulation__paths": 48, **values}
    succeed("sweep", "sweep.toml", "--out", "out", *settings(**values), *flags, cwd=folder)
    return folder / "out"


@pytest.fixture(scope="module")
def certain(tmp_path_factory):
    return sweep(tmp_path_factory.mktemp("certain"), SCENARIOS)


def test_every_monetary_key_is_exact(certain):
    rows = table(certain / "sweep.csv").set_index(["scenario", "segment"])
    customers = table(certain.parent / "customers.csv").set_index("segment")
    assert rows.index.tolist() == [(s, g) for s in EFFECTS for g in ("portfolio", "large", "small")]
    for scenario, effect in EFFECTS.items():
        value = {segment: annuity_value(customers.loc[segment], **effect) for segment in ("small", "large")}
        value["portfolio"] = value["small"] + value["large"]
        for segment, expected in value.items():
            row = rows.loc[scenario, segment]
            for figure in ("clv_mean", "clv_q05", "clv_q95", "clv_cvar05"):
                assert row[figure] == pytest.approx(expected, rel=1e-12), (scenario, segment, figure)
            assert row["clv_sd"] == pytest.approx(0, abs=1e-9)
            assert row["difference_to_base"] == pytest.approx(expected - rows.loc["base", segment]["clv_mean"],
                                                              rel=1e-9, abs=1e-9)
            assert row["difference_se"] == pytest.approx(0, abs=1e-9)


def test_columns_are_those_of_the_portfolio_between_its_own(certain, tmp_path):
    succeed("simulate", "--out", "plain", *settings(input__customers=str(certain.parent / "customers.csv"),
            simulation__horizon_months=MONTHS, simulation__discount_rate=RATE, simulation__paths=48), cwd=tmp_path)
    portfolio = table(tmp_path / "plain/portfolio.csv")
    rows = table(certain / "sweep.csv")
    assert list(rows.columns) == ["scenario", *portfolio.columns, "difference_to_base", "difference_se"]
    base = rows[rows["scenario"] == "base"]
    assert base[["segment", "plan", "customers"]].values.tolist() == \
        portfolio[["segment", "plan", "customers"]].values.tolist()
    np.testing.assert_allclose(base["clv_mean"], portfolio["clv_mean"], rtol=1e-12)


def test_results_are_labelled_arrays_that_agree_with_the_table(certain):
    rows = table(certain / "sweep.csv")
    with xr.open_dataset(certain / "results.h5", engine="h5netcdf") as results:
        assert results["scenario"].astype(str).values.tolist() == list(EFFECTS)
        assert results["segment"].astype(str).values.tolist() == ["portfolio", "large", "small"]
        assert results["scenario_path_total"].dims == ("scenario", "segment", "path")
        assert results["scenario_path_total"].shape == (len(EFFECTS), 3, 48)
        assert results["scenario_quantile"].dims == ("scenario", "segment", "level")
        assert results["scenario_discount_rate"].values.tolist() == [RATE, RATE, RATE, RATE, 0.02, 0.2, RATE]
        assert results["scenario_price_multiplier"].values.tolist() == [1, 1, 1.05, 1.05, 1, 1, 1]
        assert results["portfolio_customers"].values.tolist() == [2, 1, 1]
        for name, column in {"mean": "clv_mean", "se": "clv_se", "sd": "clv_sd", "cvar": "clv_cvar05",
                             "var": "clv_var05", "prob_loss": "prob_loss", "difference": "difference_to_base",
                             "difference_se": "difference_se"}.items():
            assert results[f"scenario_{name}"].dims == ("scenario", "segment")
            np.testing.assert_array_equal(results[f"scenario_{name}"].values.ravel(), rows[column])
    with h5py.File(certain / "results.h5") as file:
        for name, dataset in file.items():
            assert len(dataset.attrs["description"]) > 0, name
        assert file.attrs["config_hash"].decode() == run_record(certain)["config_hash"]
    assert {path.name for path in certain.iterdir()} == {"sweep.csv", "results.h5", "run.json"}


# Churn and a market, so that differences are random and paired.
RANDOM = "customer_id,monthly_revenue,churn_probability,revenue_volatility\n" + "".join(
    f"C{i},{20 + i % 50},{0.01 + 0.002 * (i % 30)},{0.1 * (i % 3)}\n" for i in range(120))
MARKET = "market = { revenue_volatility = 0.2, hazard_sensitivity = 0.3 }\n"


def test_differences_are_paired(tmp_path):
    out = sweep(tmp_path, MARKET + "[[scenarios]]\nname = 'worse'\nhazard_multiplier = 1.2\n", RANDOM,
                simulation__paths=400)
    rows = table(out / "sweep.csv").set_index("scenario")
    with h5py.File(out / "results.h5") as file:
        totals = file["scenario_path_total"][:, 0]
    difference = totals[1] - totals[0]
    worse = rows.loc["worse"]
    assert worse["difference_to_base"] == pytest.approx(difference.mean(), rel=1e-9)
    assert worse["difference_se"] == pytest.approx(difference.std(ddof=1) / 20, rel=1e-9)
    independent = np.hypot(worse["clv_se"], rows.loc["base"]["clv_se"])
    assert worse["difference_se"] < 0.5 * independent


def test_hazard_multiplier_is_that_of_other_customers(tmp_path):
    """Hazard x 2 is the churn probability 1 - (1 - p)^2: the same paths but for the rounding of hazards."""
    out = sweep(tmp_path, "[[scenarios]]\nname = 'worse'\nhazard_multiplier = 2\n", RANDOM, simulation__paths=400)
    scenario = table(out / "sweep.csv").set_index("scenario").loc["worse"]
    customers = table(tmp_path / "customers.csv")
    for power, agrees in ((2.0, True), (1.97, False)):
        customers.assign(churn_probability=1 - (1 - customers["churn_probability"]) ** power).to_csv(
            tmp_path / "worse.csv", index=False)
        succeed("simulate", "--out", "worse", *settings(input__customers="worse.csv", simulation__paths=400,
                simulation__horizon_months=MONTHS, simulation__discount_rate=RATE), cwd=tmp_path)
        mean = table(tmp_path / "worse/portfolio.csv").iloc[0]["clv_mean"]
        assert (abs(scenario["clv_mean"] / mean - 1) < 1e-4) == agrees


def test_no_hazard_is_no_churn(tmp_path):
    out = sweep(tmp_path, "[[scenarios]]\nname = 'loyal'\nhazard_multiplier = 0\n",
                CERTAIN.replace("100,0,", "100,0.3,").replace("900,0,", "900,1,"))
    rows = table(out / "sweep.csv").set_index(["scenario", "segment"])
    customers = table(tmp_path / "customers.csv").set_index("segment")
    for segment in ("small", "large"):
        assert rows.loc["loyal", segment]["clv_mean"] == pytest.approx(annuity_value(customers.loc[segment]), rel=1e-12)
    assert rows.loc["loyal", "portfolio"]["clv_sd"] == 0
    assert rows.loc["base", "portfolio"]["clv_mean"] < 0.3 * rows.loc["loyal", "portfolio"]["clv_mean"]


def test_market_shift_moves_revenue(tmp_path):
    """No churn, no costs: every path's value is multiplied by exp(market_beta x volatility x shift)."""
    customers = "customer_id,segment,monthly_revenue,churn_probability,market_beta\nA,a,10,0,1\nB,b,10,0,0.5\nC,c,10,0,-2\n"
    out = sweep(tmp_path, "market.revenue_volatility = 0.3\n[[scenarios]]\nname = 'm'\nmarket_shift = [-2, 0.5]\n",
                customers)
    with xr.open_dataset(out / "results.h5", engine="h5netcdf") as results:
        totals = results["scenario_path_total"].load()
    for shift, scenario in ((-2, "m market_shift=-2"), (0.5, "m market_shift=0.5")):
        for segment, beta in (("a", 1), ("b", 0.5), ("c", -2)):
            ratio = totals.sel(scenario=scenario, segment=segment) / totals.sel(scenario="base", segment=segment)
            np.testing.assert_allclose(ratio, np.exp(beta * 0.3 * shift), rtol=1e-5)


def test_market_shift_moves_hazards(tmp_path):
    """One month, paid by those who stay: the market of month 1 is the shift alone."""
    customers = "customer_id,monthly_revenue,churn_probability\n" + "".join(f"C{i},1,0.2\n" for i in range(400))
    out = sweep(tmp_path, "market.hazard_sensitivity = 0.4\n[[scenarios]]\nname = 'm'\nmarket_shift = [-2, -1.8, 1]\n",
                customers, simulation__horizon_months=1, simulation__churn_timing="start", simulation__discount_rate=0,
                simulation__paths=500)
    rows = table(out / "sweep.csv").set_index("scenario")

    def z(scenario, shift):
        stays = 400 * 0.8 ** np.exp(-0.4 * shift)
        return abs(rows.loc[scenario]["clv_mean"] - stays) / rows.loc[scenario]["clv_se"]

    assert z("base", 0) < 4
    assert z("m market_shift=-2", -2) < 4
    assert z("m market_shift=1", 1) < 4
    assert z("m market_shift=-1.8", -2) > 4  # planted


def test_actions_play_no_part_in_values_without_them(tmp_path):
    scenario = "[[scenarios]]\nname = 'worse'\nhazard_multiplier = 1.2\n"
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    action = "[[actions]]\nname = 'call'\ncost = 1000\nrevenue_multiplier = 5\n"
    rows = [table(sweep(tmp_path / name, text, RANDOM) / "sweep.csv")
            for name, text in (("with", scenario + action), ("without", scenario))]
    without = rows[0][rows[0].plan == "none"].reset_index(drop=True)
    # months are counted where scenarios are planned for, and else not known
    assert without.pop("expected_lifetime_months").between(0, 36).all()
    assert rows[1].pop("expected_lifetime_months").isna().all()
    assert len(rows[0]) > len(without) and without.equals(rows[1])


def test_threads_change_no_byte_and_run_json_repeats(tmp_path):
    grid = MARKET + "[[scenarios]]\nname = 'g'\nhazard_multiplier = [0.9, 1.1]\nmarket_shift = [-1, 1]\n"
    out = sweep(tmp_path, grid, RANDOM, flags=["--threads", "1"])
    assert list(dict.fromkeys(table(out / "sweep.csv")["scenario"])) == [
        "base", "g hazard_multiplier=0.9 market_shift=-1", "g hazard_multiplier=0.9 market_shift=1",
        "g hazard_multiplier=1.1 market_shift=-1", "g hazard_multiplier=1.1 market_shift=1"]
    succeed("sweep", "out/run.json", "--out", "again", "--threads", "2", cwd=tmp_path)
    assert result_bytes(tmp_path / "again") == result_bytes(out)
    assert run_record(tmp_path / "again")["command"] == "sweep"


def test_summary_and_json(tmp_path):
    (tmp_path / "c.csv").write_text(CERTAIN)
    arguments = ["sweep", "--out", "out", *settings(input__customers="c.csv", simulation__paths=20),
                 "--set", "scenarios=[{name='up', price_multiplier=1.1}]"]
    text = succeed(*arguments, cwd=tmp_path).stdout
    assert [line.split()[0] for line in text.splitlines() if line][3:] == ["base", "up"]
    rows = json.loads(succeed(*arguments, "--json", cwd=tmp_path).stdout)["scenarios"]
    assert [(row["scenario"], row["segment"]) for row in rows][::3] == [("base", "portfolio"), ("up", "portfolio")]
    assert rows[3]["difference_to_base"] == pytest.approx(rows[3]["clv_mean"] - rows[0]["clv_mean"])


def test_shift_of_a_market_that_does_not_move_is_warned_about(tmp_path):
    (tmp_path / "c.csv").write_text(CERTAIN)
    outcome = succeed("sweep", "--out", "out", *settings(input__customers="c.csv", simulation__paths=20),
                      "--set", "scenarios=[{name='m', market_shift=1}]", cwd=tmp_path)
    assert "market_shift changes nothing" in outcome.stderr


@pytest.mark.parametrize(("scenarios", "problem", "remedy"), [
    ("", "no scenario is named", "[[scenarios]]"),
    ("[[scenarios]]\nname = 'a'\nprice_multiplyer = 2\n", "unknown key scenarios.price_multiplyer (sweep.toml:4:1)",
     "did you mean scenarios.price_multiplier?"),
    ("[[scenarios]]\nname = 'a'\nhazard_multiplier = [1, -1]\n", "is -1, which is out of range (sweep.toml:4:",
     "give a finite number >= 0"),
    ("[[scenarios]]\nhazard_multiplier = 1\n", "a scenario has no name (sweep.toml:2", "give it one"),
    ("[[scenarios]]\nname = 'base'\n", 'a scenario is called "base" (sweep.toml:3:1)', "choose another name"),
    ("[[scenarios]]\nname = 'a'\n[[scenarios]]\nname = 'a'\n", 'two scenarios are called "a" (sweep.toml:5:1)',
     "its own name"),
])
def test_faults_are_refused(tmp_path, earlier_results, scenarios, problem, remedy):
    (tmp_path / "sweep.toml").write_text('input.customers = "good.csv"\n' + scenarios)
    before = tree(tmp_path)
    outcome = clv("sweep", "sweep.toml", "--out", "out", cwd=tmp_path)
    assert outcome.code == USAGE
    assert problem in outcome.stderr
    assert remedy in outcome.stderr
    assert outcome.stdout == ""
    assert tree(tmp_path) == before


PLANNED = """
[generate]
kind = "subscription"
window_months = 0
customers = 400
seed = 5
[input]
segment_by = ["segment"]
[simulation]
paths = 200
[[actions]]
name = "discount"
price_multiplier = 0.9
hazard_multiplier = 0.7
duration_months = 12
[[actions]]
name = "call"
cost = 4.0
hazard_multiplier = { median = 0.6, log_sd = 0.1 }
duration_months = 12
[optimizer]
budget = 500.0
frontier_points = 10
[[scenarios]]
name = "the same"
[[scenarios]]
name = "hazard up"
hazard_multiplier = 1.3
"""


def test_scenarios_have_plans_and_frontiers(tmp_path):
    (tmp_path / "run.toml").write_text(PLANNED)
    succeed("run", "run.toml", "--out", "run", cwd=tmp_path)
    customers = settings(input__customers="run/customers.csv")
    summary = json.loads(succeed("sweep", "run.toml", "--out", "sweep", "--json", *customers, cwd=tmp_path).stdout)
    plain, plan, frontier = (table(tmp_path / "sweep" / name)
                             for name in ("sweep.csv", "sweep_plan.csv", "sweep_frontier.csv"))
    # base is the run as it is, to the byte
    for sweep_table, name in ((plan, "plan.csv"), (frontier, "frontier.csv")):
        of_base = sweep_table[sweep_table.scenario == "base"].drop(columns="scenario").reset_index(drop=True)
        assert of_base.equals(table(tmp_path / "run" / name))
    of_run = table(tmp_path / "run" / "portfolio.csv")
    chosen = plain[(plain.scenario == "base") & (plain.plan == "chosen")]
    assert chosen[of_run.columns].reset_index(drop=True).equals(
        of_run[of_run.plan == "chosen"].reset_index(drop=True))
    months = plain.set_index(["scenario", "plan", "segment"]).expected_lifetime_months.sort_index()
    of_none = of_run[of_run.plan == "none"].set_index("segment").expected_lifetime_months
    assert months["base", "none"].equals(of_none.sort_index())
    assert months["the same"].equals(months["base"])
    assert months["hazard up", "none", "portfolio"] < months["base", "none", "portfolio"]
    # a scenario that changes nothing has base's plan, and no difference to it
    same = plan[plan.scenario == "the same"]
    assert list(same.action) == list(plan[plan.scenario == "base"].action)
    differences = plain[plain.plan == "chosen"].set_index(["scenario", "segment"]).difference_to_base
    assert (differences["base"] == 0).all() and (differences["the same"] == 0).all()
    assert differences["hazard up", "portfolio"] < 0
    assert differences["hazard up", "portfolio"] == pytest.approx(
        sum(value for segment, value in differences["hazard up"].items() if segment != "portfolio"))
    for entry in summary["plans"]:
        of_scenario = plan[plan.scenario == entry["scenario"]]
        assert of_scenario.cost.sum() == pytest.approx(entry["cost"]) and entry["cost"] <= 500.005
        assert of_scenario.expected_profit.sum() == pytest.approx(entry["profit"])
        assert (of_scenario.recommended_action == "Invest").sum() == entry["customers_invested"]
    assert run_record(tmp_path / "sweep")["plans"] == summary["plans"]


def test_without_actions_there_is_no_plan(tmp_path):
    (tmp_path / "customers.csv").write_text(CERTAIN)
    (tmp_path / "sweep.toml").write_text('input.customers = "customers.csv"\noutput.dir = "out"\n' + SCENARIOS)
    succeed("sweep", "sweep.toml", *settings(simulation__paths=16), cwd=tmp_path)
    assert not (tmp_path / "out" / "sweep_plan.csv").exists()
