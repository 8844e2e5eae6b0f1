"""What verifies a plan, and what does not."""

import json
import shutil

import pandas as pd
import pytest
from plans import certificate, sha256
from program import CERTIFICATE, INPUT, clv, settings, succeed, table, tree


@pytest.fixture
def plan_folder(limited):
    folder, frame = limited
    succeed("optimize", "plan.toml", "--out", "plan", cwd=folder)
    return folder, frame


def change(certificate, where, factor):
    *path, last = where
    for key in path:
        certificate = certificate[key]
    certificate[last] = certificate[last] * factor if isinstance(factor, float) else factor


TAMPERED = {
    "profit": ([("profit",), 1.001], "profit is stated"),
    "cost": ([("cost",), 0.99], "cost is stated"),
    "objective": ([("objective",), 1.001], "objective is stated"),
    "bound": ([("upper_bound",), 0.99], "upper_bound is stated"),
    "bounds": ([("relaxed_bound",), 0.99], "relaxed_bound is stated"),
    "gap": ([("relative_gap",), -1e-3], "relative_gap is stated"),
    "multiplier": ([("multipliers", "budget"), 3.0], "the multipliers prove only"),
    "multiplier of a side that is not there": ([("multipliers", "few"), -1], "prove no bound"),
    "budget": ([("budget",), 0.9], "limit budget is broken"),
    "limit": ([("limits", 0, "max"), 10], "limit few is broken"),
    "least": ([("limits", 2, "min"), 140], "limit north first is broken"),
    "roi": ([("limits", 3, "min_roi"), 9.0], "limit worth it is broken"),
    "use": ([("limits", 1, "used"), 1.01], "use of limit hours is stated"),
    "customers": ([("customers",), 149], "the certificate is of 149 customers"),
    "table": ([("uplift", "sha256"), "0" * 64], "not the file that was certified"),
    "plan": ([("plan", "sha256"), "0" * 64], "not the file that was certified"),
}


@pytest.mark.parametrize(("changes", "message"), TAMPERED.values(), ids=TAMPERED.keys())
def test_tampered_certificates_do_not_verify(plan_folder, changes, message):
    folder, _ = plan_folder
    claim = certificate(folder / "plan")
    change(claim, *changes)
    (folder / "plan/certificate.json").write_text(json.dumps(claim))
    before = tree(folder)
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert outcome.code == CERTIFICATE, outcome.stdout
    assert message in outcome.stdout
    assert message in outcome.stderr
    assert "run clv optimize again" in outcome.stderr
    assert tree(folder) == before


def forget(plan, uplift):
    return plan.iloc[1:]


def swap_action(plan, uplift):
    plan.loc[3, "action"] = "none" if plan.loc[3, "action"] != "none" else "a0"
    return plan


def invent_action(plan, uplift):
    plan.loc[3, "action"] = "bribe"
    return plan


def invent_customer(plan, uplift):
    plan.loc[3, "customer_id"] = "X1"
    return plan


def twice(plan, uplift):
    return pd.concat([plan, plan.iloc[:1]])


@pytest.mark.parametrize(("tamper", "message"), [
    (forget, "1 customer(s) of the uplift table have no row, C0 the first"),
    (swap_action, "but the profit of the plan adds up to"),
    (invent_action, "line 5, column 2 (action), customer C3: 'bribe' is no action of the data"),
    (invent_customer, "1 customer(s) are not in the uplift table"),
    (twice, "stands in an earlier row"),
])
def test_tampered_plans_do_not_verify(plan_folder, tamper, message):
    """Even where the digest was adapted to them."""
    folder, frame = plan_folder
    plan = pd.read_csv(folder / "plan/plan.csv")
    tamper(plan, frame).to_csv(folder / "plan/plan.csv", index=False)
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert (outcome.code, "not the file that was certified" in outcome.stdout) == (CERTIFICATE, True)
    claim = certificate(folder / "plan")
    claim["plan"]["sha256"] = sha256(folder / "plan/plan.csv")
    (folder / "plan/certificate.json").write_text(json.dumps(claim))
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert outcome.code == CERTIFICATE
    assert message in outcome.stdout


def test_a_plan_with_an_action_that_is_not_open_does_not_verify(world, tmp_path):
    """Calls are not for Premium customers."""
    shutil.copytree(world / "out", tmp_path / "out")
    plan = pd.read_csv(tmp_path / "out/plan.csv")
    customers = table(tmp_path / "out/customers.csv")
    premium = customers.index[customers["segment"] == "Premium"][0]
    plan.loc[premium, "action"] = "call"
    plan.to_csv(tmp_path / "out/plan.csv", index=False)
    outcome = clv("optimize", "--verify", "out/certificate.json", cwd=tmp_path)
    assert outcome.code == CERTIFICATE
    assert f"have an action that is not open to them: {plan.loc[premium, 'customer_id']} (call)" in outcome.stdout


def test_certificates_find_their_files(plan_folder):
    """By the path they state, beside them, or where the user says."""
    folder, frame = plan_folder
    shutil.move(folder / "plan", folder / "moved")
    shutil.move(folder / "u.csv", folder / "moved/u.csv")
    succeed("optimize", "--verify", "moved/certificate.json", cwd=folder)
    shutil.move(folder / "moved/u.csv", folder / "elsewhere.csv")
    assert clv("optimize", "--verify", "moved/certificate.json", cwd=folder).code == INPUT
    here = ["optimize", "--verify", "moved/certificate.json", *settings(optimizer__uplift="elsewhere.csv")]
    record = json.loads(succeed(*here, "--json", cwd=folder).stdout)
    assert record["verified"] is True and record["mismatches"] == []
    frame["expected_profit"] *= 0.9
    frame.to_csv(folder / "elsewhere.csv", index=False)
    outcome = clv(*here, cwd=folder)
    assert outcome.code == CERTIFICATE
    assert "profit is stated" in outcome.stdout


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "clvsim certificate 1"}',
                                     '{"format": "clvsim certificate 2"}'])
def test_what_is_no_certificate_is_refused(tmp_path, content):
    (tmp_path / "certificate.json").write_text(content)
    outcome = clv("optimize", "--verify", "certificate.json", cwd=tmp_path)
    assert outcome.code == INPUT
    assert "certificate.json" in outcome.stderr and "clv optimize" in outcome.stderr
    assert clv("optimize", "--verify", "absent.json", cwd=tmp_path).code == INPUT


# Faults.
