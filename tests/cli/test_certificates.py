"""What verifies a plan, and what does not."""

import hashlib
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


# What no plan can have, whatever the digest.


def remade(folder, change_text):
    """The certificate with a change, and a digest that goes with it, unless the change makes a text of it."""
    path = folder / "certificate.json"
    text = change_text(json.loads(path.read_text()))
    path.write_text(text if isinstance(text, str) else json.dumps({**text, "digest": digest(text)}))


def set_at(*where, value):
    def change_text(claim):
        at(claim, where[:-1])[where[-1]] = value
        return claim

    return change_text


def without_bound(claim):
    del claim["limits"][0]["max"]
    return claim


def profit_twice(claim):
    return json.dumps(claim).replace("{", '{"profit": 1e9, ', 1)


@pytest.mark.parametrize(("change_text", "message"), [
    (profit_twice, 'member "profit" stands there twice'),
    (set_at("limits", 1, "name", value="few"), 'member "limits[1].name" is empty, or that of another limit'),
    (set_at("limits", 1, "name", value="budget"), 'member "limits[1].name" is empty, or that of another limit'),
    (set_at("limits", 0, "min", value=61), 'member "limits[0].min" is 61'),
    (set_at("limits", 0, "min_roi", value=1.5), 'member "limits[0].min_roi" has to stand alone'),
    (without_bound, 'member "limits[0].min_roi" has to stand alone, or min or max in its place'),
    (set_at("plan", "file", value="plan.csv\0"), 'member "plan.file" has a NUL character'),
    (set_at("budget", value=-1), 'member "budget" is -1'),
    (set_at("robustness", value=-1), 'member "robustness" is -1'),
    (set_at("customer_risk_weight", value=2), 'member "customer_risk_weight" is 2'),
])
def test_certificates_of_no_plan_at_all_are_refused(plan_folder, change_text, message):
    folder, _ = plan_folder
    remade(folder / "plan", change_text)
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert (outcome.code, message in outcome.stderr) == (INPUT, True), outcome.stderr
    assert "plan/certificate.json" in outcome.stderr and "run clv optimize again" in outcome.stderr


def test_a_limit_on_a_column_that_the_table_lacks_does_not_verify(plan_folder):
    folder, _ = plan_folder
    remade(folder / "plan", set_at("limits", 0, "column", value="costs"))
    outcome = clv("optimize", "--verify", "plan/certificate.json", cwd=folder)
    assert outcome.code == CERTIFICATE
    assert "no column 'costs' in the uplift table (limit few)" in outcome.stdout
    assert "plan/certificate.json does not verify" in outcome.stderr


@pytest.mark.parametrize(("where", "value"), [
    (("fresh", "in_sample_se"), -1.0), (("fresh", "sd"), -1.0), (("fresh", "effect_share"), 1.5),
    (("fresh", "q05"), 1e9), (("policies", 0, "fresh", "sd"), -1.0), (("policies", 0, "fresh", "q05"), 1e9),
])
def test_figures_that_no_paths_have_are_refused(world, tmp_path, where, value):
    shutil.copytree(world / "out", tmp_path / "out")
    remade(tmp_path / "out", set_at(*where, value=value))
    outcome = clv("optimize", "--verify", "out/certificate.json", cwd=tmp_path)
    assert (outcome.code, f'{where[-1]}" is ' in outcome.stderr) == (INPUT, True), outcome.stderr


@pytest.mark.parametrize(("level", "code", "message"), [
    (1.5, INPUT, 'member "cvar_level" is 1.5, which is not between 0 and 1'),
    (0.1, CERTIFICATE, "cvar_level is stated as 0.1, but the results have CVaR at 0.05"),
])
def test_the_level_of_cvar_is_that_of_the_results(world, tmp_path, level, code, message):
    shutil.copytree(world / "out", tmp_path / "out")
    remade(tmp_path / "out", lambda claim: {**claim, "customer_risk_weight": 0.5, "cvar_level": level})
    outcome = clv("optimize", "--verify", "out/certificate.json", cwd=tmp_path)
    assert (outcome.code, message in outcome.stderr) == (code, True), outcome.stderr


# Faults.


# Every field and every column, one by one.


def leaves(value, path=()):
    """Paths of all that is neither an object nor a list with something in it."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [leaf for key, entry in entries for leaf in leaves(entry, (*path, key))]
    return inner if inner else [path]


def other(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.001 + 0.002
    if isinstance(value, str):
        return {"optimal": "bounded", "bounded": "optimal", "profit": "mean_cvar"}.get(value, value + "x")
    return 1.0 if value is None else [1.0]


def at(document, path):
    for key in path:
        document = document[key]
    return document


def digest(claim):
    rest = {key: value for key, value in claim.items() if key != "digest"}
    return hashlib.sha256(json.dumps(rest, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def undetected(folder, out):
    """Leaves that can be changed, and what only the digest tells."""
    path = folder / out / "certificate.json"
    text = path.read_text()
    whole = json.loads(text)
    assert digest(whole) == whole["digest"]
    passed, by_digest = [], []
    for leaf in leaves(whole):
        claim = json.loads(text)
        at(claim, leaf[:-1])[leaf[-1]] = other(at(claim, leaf))
        path.write_text(json.dumps(claim))
        if clv("optimize", "--verify", f"{out}/certificate.json", cwd=folder).code == 0:
            passed.append(leaf)
        claim["digest"] = digest(claim)
        path.write_text(json.dumps(claim))
        if leaf != ("digest",) and clv("optimize", "--verify", f"{out}/certificate.json", cwd=folder).code == 0:
            by_digest.append(leaf)
    path.write_text(text)
    succeed("optimize", "--verify", f"{out}/certificate.json", cwd=folder)
    return passed, by_digest


def every_column(folder, out, file):
    """Columns of which a changed cell passes, with digests adapted to it."""
    path, certified = folder / out / file, folder / out / "certificate.json"
    before, text = path.read_text(), certified.read_text()
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    passed = []
    for column in frame:
        changed = frame.copy()
        row = len(frame) // 2
        cell = changed.loc[row, column]
        number = cell.replace(".", "", 1).replace("-", "", 1).isdigit()
        changed.loc[row, column] = str(float(cell) * 1.001 + 0.001) if number else cell + "x" if cell else "1"
        changed.to_csv(path, index=False)
        claim = json.loads(text)
        claim[file.removesuffix(".csv")]["sha256"] = sha256(path)
        claim["digest"] = digest(claim)
        certified.write_text(json.dumps(claim))
        outcome = clv("optimize", "--verify", f"{out}/certificate.json", cwd=folder)
        if outcome.code == 0:
            passed.append(column)
    path.write_text(before)
    certified.write_text(text)
    return passed


# What would be as true of the plan: inputs that it would come out the same with, and the name of a file that is found
# beside the certificate all the same.
SAME_PLAN = {("budget",), ("exact",), ("require_choice",), ("frontier_points",), ("limits",), ("uplift", "file"),
             ("plan", "file"), ("frontier", "file"), ("current", "file")}


def test_every_field_and_column_of_a_plan_from_a_table(plan_folder):
    folder, _ = plan_folder
    (folder / "now.csv").write_text("customer_id,action\nC1,a1\nC2,a0\n")
    succeed("optimize", "plan.toml", "--out", "all", *settings(optimizer__current="now.csv", optimizer__robustness=0.1,
                                                             optimizer__switching_penalty=0.5), cwd=folder)
    passed, by_digest = undetected(folder, "all")
    assert passed == []
    for leaf in by_digest:
        assert leaf in SAME_PLAN or leaf[0] == "limits" and leaf[-1] in ("min", "max", "min_roi"), leaf
    assert every_column(folder, "all", "plan.csv") == []
    assert every_column(folder, "all", "frontier.csv") == []


def test_every_field_and_column_of_a_plan_from_results(world, tmp_path):
    shutil.copytree(world / "out", tmp_path / "out")
    passed, by_digest = undetected(tmp_path, "out")
    assert passed == []
    for leaf in by_digest:  # fresh figures take a simulation, which the output says
        assert leaf in SAME_PLAN or "fresh" in leaf, leaf
    outcome = succeed("optimize", "--verify", "out/certificate.json", cwd=tmp_path)
    assert "not recomputed: figures on fresh paths" in outcome.stdout
    assert "not recomputed: profit_eval" in outcome.stdout
    assert "not recomputed: budget, limits, require_choice, exact, frontier_points" in outcome.stdout
    assert every_column(tmp_path, "out", "plan.csv") == []
    assert set(every_column(tmp_path, "out", "frontier.csv")) <= {"profit_eval_se"}
