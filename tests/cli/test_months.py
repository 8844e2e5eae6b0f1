"""What actions and plans do to retention: paid months within the horizon, without a plan and with it."""

import hashlib
import json

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from program import CERTIFICATE, clv, run_record, settings, succeed, table

MONTHS = "expected_lifetime_months"


def certificate(folder):
    return json.loads((folder / "certificate.json").read_text())


def months_of_plan(results, plan):
    """By customer, without and with the actions of plan.csv, from the results' clv.csv and uplift.csv."""
    customers = table(results / "clv.csv")[["customer_id", "segment", MONTHS]]
    added = table(results / "uplift.csv")[["customer_id", "action", "added_months"]]
    chosen = table(plan / "plan.csv")[["customer_id", "action"]].merge(added, "left", ["customer_id", "action"])
    assert chosen["customer_id"].equals(customers["customer_id"]) and chosen["added_months"].notna().all()
    return customers.assign(none=customers[MONTHS], chosen=customers[MONTHS] + chosen["added_months"])


def test_actions_that_keep_customers_add_months(out):
    added = table(out / "uplift.csv").set_index(["customer_id", "action"])["added_months"].unstack()
    assert (added["none"] == 0).all()
    assert (added[["5% discount", "call"]] >= 0).sum().tolist() == added[["5% discount", "call"]].notna().sum().tolist()
    assert added["call"].isna().any() and added["5% discount"].mean() > 0.1
    room = 18 - table(out / "clv.csv").set_index("customer_id")[MONTHS]
    assert (added["5% discount"] <= room[added.index] + 1e-9).all()


def test_a_run_says_what_its_plan_does_to_retention(out):
    expected = months_of_plan(out, out)
    portfolio = table(out / "portfolio.csv").set_index(["plan", "segment"])[MONTHS]
    with xr.open_dataset(out / "results.h5", engine="h5netcdf") as results:
        arrays = pd.DataFrame(results["portfolio_months"].values, results["plan"].astype(str).values,
                              results["segment"].astype(str).values)
    assert arrays.size == len(portfolio) == 2 * (1 + expected["segment"].nunique())
    for (plan, segment), months in portfolio.items():
        of = expected if segment == "portfolio" else expected[expected["segment"] == segment]
        assert months == pytest.approx(of[plan].mean(), rel=1e-12)
        assert arrays.loc[plan, segment] == months
    claim = certificate(out)
    assert claim[MONTHS] == {plan: portfolio[plan, "portfolio"] for plan in ("none", "chosen")}
    assert claim[MONTHS]["chosen"] > claim[MONTHS]["none"] + 0.1
    assert run_record(out)["plan"][MONTHS] == claim[MONTHS]
    policies = {policy["policy"]: policy["added_months"] for policy in claim["policies"]}
    assert policies["do_nothing"] == 0 and policies["best_single_action"] > 0
    assert policies["plan"] == pytest.approx((expected["chosen"] - expected["none"]).sum(), rel=1e-9)


def test_another_budget_gives_the_same_quantity(out, tmp_path):
    added = []
    for budget in (0, 100, 300):
        succeed("optimize", "--out", f"plan_{budget}", *settings(optimizer__budget=budget,
                optimizer__results=str(out)), cwd=tmp_path)
        claim, expected = certificate(tmp_path / f"plan_{budget}"), months_of_plan(out, tmp_path / f"plan_{budget}")
        for plan in ("none", "chosen"):
            assert claim[MONTHS][plan] == pytest.approx(expected[plan].mean(), rel=1e-12)
        checked = succeed("optimize", "--verify", f"plan_{budget}/certificate.json", cwd=tmp_path).stdout
        assert f"ok: {MONTHS} are" in checked
        added.append(claim[MONTHS]["chosen"] - claim[MONTHS]["none"])
    assert added[0] < added[2]
    claim[MONTHS]["chosen"] += 0.01
    (tmp_path / "plan_300/certificate.json").write_text(json.dumps(claim))
    outcome = clv("optimize", "--verify", "plan_300/certificate.json", cwd=tmp_path)
    assert outcome.code == CERTIFICATE and f"MISMATCH: {MONTHS} are stated as" in outcome.stdout


def test_an_uplift_table_says_what_it_knows(out, tmp_path):
    succeed("optimize", "--out", "known", *settings(optimizer__uplift=str(out / "uplift.csv")), cwd=tmp_path)
    claim, expected = certificate(tmp_path / "known"), months_of_plan(out, tmp_path / "known")
    assert claim[MONTHS] is None  # a table of uplifts does not say how long customers stay without them
    assert claim["policies"][0]["added_months"] == pytest.approx((expected["chosen"] - expected["none"]).sum(), rel=1e-9)
    table(out / "uplift.csv").drop(columns="added_months").to_csv(tmp_path / "uplift.csv", index=False)
    succeed("optimize", "--out", "unknown", *settings(optimizer__uplift="uplift.csv"), cwd=tmp_path)
    assert {policy["added_months"] for policy in certificate(tmp_path / "unknown")["policies"]} == {None}
    for name in ("known", "unknown"):
        succeed("optimize", "--verify", f"{name}/certificate.json", cwd=tmp_path)


def test_customers_without_a_contract_have_no_end_that_anybody_sees(tmp_path):
    (tmp_path / "run.toml").write_text("""
[generate]
kind = "retail"
customers = 100
[fit]
model = "bg_nbd"
spend_model = "gamma_gamma"
[simulation]
paths = 64
horizon_months = 12
[[actions]]
name = "coupon"
revenue_multiplier = 1.3
cost = 1.0
""")
    succeed("run", "run.toml", "--out", "out", *settings(optimizer__budget=30), cwd=tmp_path)
    assert "added_months" not in table(tmp_path / "out/uplift.csv")
    portfolio = table(tmp_path / "out/portfolio.csv").set_index("plan")[MONTHS]
    lifetimes = table(tmp_path / "out/clv.csv")[MONTHS]
    assert portfolio["none"] == pytest.approx(lifetimes.mean(), rel=1e-12) and np.isnan(portfolio["chosen"])
    assert certificate(tmp_path / "out")[MONTHS] is None
    with xr.open_dataset(tmp_path / "out/results.h5", engine="h5netcdf") as results:
        assert "added_months" not in results
        assert results["plan"].astype(str).values.tolist() == ["none", "chosen"]
        assert np.isnan(results["portfolio_months"].values[1]).all()


def test_results_of_a_program_that_did_not_count_them(world, tmp_path):
    """Their months stay unknown, and nothing else is missing."""
    config = (world / "world.toml").read_text().split("[optimizer]")[0]
    (tmp_path / "sim.toml").write_text(config)
    succeed("simulate", "sim.toml", "--out", "out", *settings(input__customers=str(world / "out/customers.csv")),
            cwd=tmp_path)
    with h5py.File(tmp_path / "out/results.h5", "r+") as file:
        del file["added_months"], file["portfolio_months"]
    record = json.loads((tmp_path / "out/run.json").read_text())
    content = (tmp_path / "out/results.h5").read_bytes()
    record["files"]["results.h5"] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (tmp_path / "out/run.json").write_text(json.dumps(record))
    succeed("optimize", "--out", "plan", *settings(optimizer__budget=100, optimizer__results="out"), cwd=tmp_path)
    assert certificate(tmp_path / "plan")[MONTHS] is None
    assert isinstance(table(tmp_path / "plan/plan.csv"), pd.DataFrame)
