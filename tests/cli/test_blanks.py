"""Blanks around an id or a name belong to it in no input; blanks within do. Rates that look like percentages."""

import json

import pytest
from program import DONE, INPUT, USAGE, clv, run_record, settings, succeed

NO_BREAK = "\u00a0"
AROUND = [" {}", "{} ", "\t{}", NO_BREAK + "{}", "{}" + NO_BREAK, "\u202f{}\u2007", '"{}\n"']


def values(folder, name, **more):
    succeed("simulate", "--out", name, *settings(simulation__paths=16, **more), cwd=folder)
    return (folder / name / "clv.csv").read_text()


@pytest.mark.parametrize("around", AROUND)
def test_ids_of_customers_and_segments(tmp_path, around):
    for name, form in (("plain", "{}"), ("blank", around)):
        (tmp_path / f"{name}.csv").write_text(
            "customer_id,monthly_revenue,segment\n"
            f"{form.format('a b')},10,{form.format('New York')}\n{form.format('c')},12,x\n")
        (tmp_path / f"{name}_curves.csv").write_text(f"segment,survival_1\n{form.format('New York')},.9\nx,.8\n")
    plain = values(tmp_path, "p", input__customers="plain.csv", survival__source="curve",
                   survival__curves="plain_curves.csv")
    assert values(tmp_path, "b", input__customers="blank.csv", survival__source="curve",
                  survival__curves="blank_curves.csv") == plain
    assert "a b" in plain


def test_blanks_within_count(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\na b,1,.1\na  b,1,.1\n"
                                    f"a{NO_BREAK}b,1,.1\n")
    succeed("validate", *settings(input__customers="c.csv"), cwd=tmp_path)
    (tmp_path / "c.csv").write_text(f"customer_id,monthly_revenue,churn_probability\na,1,.1\n{NO_BREAK}a ,1,.1\n")
    outcome = clv("validate", *settings(input__customers="c.csv"), cwd=tmp_path)
    assert outcome.code == INPUT and "duplicate_id" in outcome.stdout


@pytest.mark.parametrize("around", AROUND)
def test_ids_of_purchases(tmp_path, around):
    for name, form in (("plain", "{}"), ("blank", around)):
        (tmp_path / f"{name}_t.csv").write_text(
            "customer_id,order_date,revenue\n" + "".join(f"{form.format(f'c{i % 4}')},2023-0{1 + i % 9}-05,4\n"
                                                        for i in range(40)))
        (tmp_path / f"{name}_s.csv").write_text(
            "customer_id,frequency,recency,T\n" + "".join(f"{form.format(f'c{i}')},{i},{i},9\n" for i in range(4)))
        for kind in ("t", "s"):
            key = {"t": "input__transactions", "s": "input__summary"}[kind]
            succeed("fit", "--model", "nbd", "--out", f"{name}_{kind}", *settings(**{key: f"{name}_{kind}.csv"}),
                    cwd=tmp_path)
    for kind in ("t", "s"):
        assert ((tmp_path / f"blank_{kind}/summary.csv").read_bytes() ==
                (tmp_path / f"plain_{kind}/summary.csv").read_bytes())


@pytest.mark.parametrize("around", AROUND)
def test_ids_of_tables_of_actions(tmp_path, around):
    for name, form in (("plain", "{}"), ("blank", around)):
        rows = "".join(f"{form.format(f'k{i}')},{form.format('call')},{i},1\n" for i in range(4))
        (tmp_path / f"{name}.csv").write_text("customer_id,action,expected_profit,cost\n" + rows)
        (tmp_path / f"{name}_now.csv").write_text(
            f"customer_id,action\n{form.format('k1')},{form.format('call')}\n")
        for uplift in ("plain", name):
            succeed("optimize", "--out", f"{name}_{uplift}",
                    *settings(optimizer__uplift=f"{uplift}.csv", optimizer__current=f"{name}_now.csv",
                              optimizer__budget=2), cwd=tmp_path)
            assert clv("optimize", "--verify", f"{name}_{uplift}/certificate.json", cwd=tmp_path).code == DONE
    plans = {(tmp_path / folder / "plan.csv").read_bytes() for folder in ("plain_plain", "blank_plain", "blank_blank")}
    assert len(plans) == 1


def test_names_in_the_configuration_have_no_blanks_around_them(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\na,1,.1\n")
    for name in ("call ", f"{NO_BREAK}call"):
        for key in ("actions", "scenarios"):
            outcome = clv("validate", *settings(input__customers="c.csv"), "--set",
                          f'{key}=[{{name="{name}"}}]', cwd=tmp_path)
            assert outcome.code == USAGE and "blank" in outcome.stderr


def test_rates_that_look_like_percentages_are_questioned(tmp_path):
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability,revenue_growth\n"
                                    "a,1,.1,.05\nb,1,.1,5\nd,1,.1,2\n")
    arguments = settings(input__customers="c.csv", simulation__discount_rate=10, simulation__paths=16)
    growth = "column revenue_growth is 5 for customer b and above 1 for 2 in all, 500% a year: did you mean 0.05?"
    for command in (["validate"], ["simulate", "--out", "out"],
                    ["sweep", "--out", "sweep", "--set", 'scenarios=[{name="dear",discount_rate=7}]']):
        outcome = succeed(*command, *arguments, cwd=tmp_path)
        assert "simulation.discount_rate = 10 discounts by 1000% a year: did you mean 0.1?" in outcome.stderr
        assert growth in outcome.stderr
    assert "scenarios, dear, discount_rate = 7" in outcome.stderr
    assert growth in run_record(tmp_path / "out")["warnings"]
    succeed("validate", "--out", "v", *arguments, cwd=tmp_path)
    assert json.loads((tmp_path / "v/validation.json").read_text())["warnings"] == [growth]
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability,revenue_growth\na,1,.1,1\n")
    outcome = succeed("validate", *settings(input__customers="c.csv", simulation__discount_rate=1), cwd=tmp_path)
    assert "did you mean" not in outcome.stderr
    (tmp_path / "c.csv").write_text("customer_id,monthly_revenue,churn_probability\na,1,.1\n")
    outcome = succeed("validate", *settings(input__customers="c.csv", input__defaults__revenue_growth="3"),
                      cwd=tmp_path)
    assert "input.defaults.revenue_growth is 3, 300% a year: did you mean 0.03?" in outcome.stderr
