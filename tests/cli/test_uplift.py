"""What uplift.csv says of every action's profit, and actions that stand in files of their own."""

import numpy as np
import pytest
from program import REPOSITORY, USAGE, clv, result_bytes, run_record, settings, succeed, table

LEVELS = ["02_5", "05", "50", "97_5"]
MORE = [*(f"profit_q{level}" for level in LEVELS), "profit_cvar05", "prob_gain", "payback_months"]


@pytest.fixture(scope="module")
def detailed(world, tmp_path_factory):
    """The world's run with simulation.uplift_distribution."""
    folder = tmp_path_factory.mktemp("detailed")
    arguments = settings(simulation__uplift_distribution="true", input__customers=str(world / "out/customers.csv"))
    succeed("run", world / "world.toml", "--out", "out", *arguments, cwd=folder)
    return folder / "out"


def test_return_on_investment(world):
    uplift = table(world / "out/uplift.csv")
    assert list(uplift.columns[-2:]) == ["roi", "added_months"]
    paid = uplift["cost"] > 0
    assert paid.any() and not paid.all()
    np.testing.assert_allclose(uplift["roi"][paid], (uplift["expected_profit"] / uplift["cost"])[paid])
    assert uplift["roi"][~paid].isna().all()


def test_distribution_is_asked_for_and_leaves_the_rest_as_it_is(world, detailed):
    with_it, without = table(detailed / "uplift.csv"), table(world / "out/uplift.csv")
    assert list(with_it.columns) == [*without.columns, *MORE]
    assert with_it[without.columns].equals(without)
    for name in ("clv.csv", "portfolio.csv", "plan.csv"):
        assert (detailed / name).read_bytes() == (world / "out" / name).read_bytes()


def test_distribution_is_one(detailed):
    uplift = table(detailed / "uplift.csv")
    none = uplift["action"] == "none"
    assert (uplift.loc[none, MORE[:-1]] == 0).all(axis=None) and uplift.loc[none, "payback_months"].isna().all()
    uplift = uplift[~none]
    quantiles = uplift[MORE[:4]].to_numpy()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert (uplift["profit_cvar05"] <= uplift["profit_q05"] + 1e-9).all()
    assert (uplift["profit_cvar05"] <= uplift["expected_profit"]).all()
    assert uplift["prob_gain"].between(0, 1).all() and uplift["prob_gain"].nunique() > 10
    median_gains = uplift["profit_q50"] > 0
    assert (uplift["prob_gain"][median_gains] >= 0.5).all()
    # what an action has added by the horizon is its expected profit
    assert (uplift["payback_months"].notna() == (uplift["expected_profit"] >= 0)).all()
    assert uplift["payback_months"].dropna().between(1, 18).all() and uplift["payback_months"].nunique() > 3


@pytest.mark.parametrize("instructions", ["scalar", "avx2"])
def test_distribution_has_the_same_bytes(world, detailed, tmp_path, instructions):
    env = {"CLV_CPU_TARGET": instructions}
    if "not available here" in clv("doctor", "--backend", "cpu", cwd=tmp_path, env=env).stderr:
        pytest.skip(f"this machine has no {instructions}")
    arguments = settings(simulation__uplift_distribution="true", input__customers=str(world / "out/customers.csv"))
    succeed("run", world / "world.toml", "--out", "out", "--threads", 3, *arguments, cwd=tmp_path, env=env)
    assert result_bytes(tmp_path / "out") == result_bytes(detailed)


ACTION = """name = "call"
channel = "phone"
cost = 4.0
cost_if_accepted = 2.0
monthly_cost = 0.1
acceptance = 0.35
hazard_multiplier = { median = 0.55, log_sd = 0.15, customer_log_sd = 0.2 }
duration_months = 12
eligible = "segment != 'Premium'"
"""


def test_actions_in_files_give_the_same_bytes(world, tmp_path):
    before, call = (world / "world.toml").read_text().split('[[actions]]\nname = "call"')
    (tmp_path / "actions").mkdir()
    (tmp_path / "actions/call.toml").write_text(ACTION)
    (tmp_path / "job.toml").write_text(before + '[[actions]]\nfile = "actions/call.toml"\n[optimizer]' +
                                       call.split("[optimizer]")[1])
    succeed("run", "job.toml", cwd=tmp_path)
    for name in ("uplift.csv", "plan.csv", "clv.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (world / "out" / name).read_bytes()
    action = run_record(tmp_path / "out")["config"]["actions"][1]
    assert "file" not in action and action["channel"] == "phone" and action["cost"] == 4.0
    (tmp_path / "actions/call.toml").unlink()
    succeed("run", tmp_path / "out/run.json", "--out", "again", cwd=tmp_path)
    assert result_bytes(tmp_path / "again") == result_bytes(tmp_path / "out")


def test_shipped_actions_run_together(world, tmp_path):
    files = sorted((REPOSITORY / "configs/actions").glob("*.toml"))
    actions = "[" + ", ".join(f"{{file = '{file}'}}" for file in files) + "]"
    succeed("simulate", *settings(input__customers=str(world / "out/customers.csv"), simulation__paths=100, actions=actions),
            "--out", "out", cwd=tmp_path)
    uplift = table(tmp_path / "out/uplift.csv")
    assert set(uplift["action"]) == {"none", "5% discount", "10% discount", "call", "upgrade", "cashback"}
    # cashback of 5% is a discount of 5% that the budget sees
    profit, cost = (uplift.pivot(index="customer_id", columns="action", values=name)
                    for name in ("expected_profit", "cost"))
    np.testing.assert_allclose(profit["cashback"], profit["5% discount"], rtol=1e-9, atol=1e-9)
    assert (cost["5% discount"] == 0).all() and (cost["cashback"] > 0).all()


def test_a_faulty_action_file_is_placed(world, tmp_path):
    (tmp_path / "bad.toml").write_text('name = "bad"\nacceptance = 1.5\n')
    (tmp_path / "job.toml").write_text('[[actions]]\nfile = "bad.toml"\n')
    done = clv("simulate", "job.toml", *settings(input__customers=str(world / "out/customers.csv")), "--out", "out",
               cwd=tmp_path)
    assert done.code == USAGE
    assert "bad.toml:2:1" in done.stderr and "actions.acceptance is 1.5" in done.stderr
