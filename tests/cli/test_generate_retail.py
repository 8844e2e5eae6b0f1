"""`clv generate --kind retail`: a retailer with known truth, which `clv fit` finds again."""

import json

import numpy as np
import pandas as pd
import pytest
from program import USAGE, clv, result_bytes, run_record, settings, succeed, table

PURCHASE = {"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 2.5}
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}


def generate(folder, out, customers, *more, **values):
    succeed("generate", "--kind", "retail", "--customers", customers, "--out", out, *more, *settings(**values), cwd=folder)
    return folder / out


def rows_of(world):
    rows = pd.read_csv(world / "transactions.csv", dtype={"customer_id": str}, parse_dates=["order_date"])
    assert list(rows.columns) == ["customer_id", "order_date", "revenue"]
    return rows


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return generate(tmp_path_factory.mktemp("retailer"), "world", 20_000, "--seed", 3)


def test_fit_recovers_the_parameters(world):
    succeed("fit", "--model", "bg_nbd", "--out", "model",
            *settings(input__transactions="world/transactions.csv", fit__spend_model="gamma_gamma",
                      fit__observation_end="2023-12-31"), cwd=world.parent)
    model = json.loads((world.parent / "model/model.json").read_text())
    for part, truth in (("purchase", PURCHASE), ("spend", SPEND)):
        for name, value in truth.items():
            estimate, error = model[part]["parameters"][name], model[part]["standard_errors"][name]
            assert abs(estimate - value) < 4 * error, name
            assert error < 0.2 * value, name  # or anything would do
    assert run_record(world)["config"]["generate"]["kind"] == "retail"


def test_truth_is_that_of_the_rows(world):
    truth, rows = table(world / "truth.csv").set_index("customer_id"), rows_of(world)
    assert list(truth.columns) == ["first_purchase", "rate", "dropout", "mean_spend", "alive", "expected_purchases"]
    assert run_record(world)["truth"]["transactions"] == len(rows)
    assert not rows.duplicated(["customer_id", "order_date"]).any()
    by_customer = rows.groupby("customer_id")
    first = by_customer["order_date"].min().dt.strftime("%Y-%m-%d")
    assert first.index.tolist() == sorted(truth.index)
    assert (first == truth.loc[first.index, "first_purchase"]).all()
    assert first.between("2022-01-01", "2022-12-31").all() and rows["order_date"].max() <= pd.Timestamp("2023-12-31")
    # moments of the distributions that the traits are drawn from
    for column, mean, variance in (("rate", 0.8 / 6, 0.8 / 36), ("dropout", 0.8 / 3.3, 0.8 * 2.5 / (3.3 ** 2 * 4.3)),
                                   ("mean_spend", 30.0, 30.0 ** 2 / 2)):
        assert abs(truth[column].mean() - mean) < 4 * np.sqrt(variance / len(truth)), column
    # spend of a purchase ~ Gamma(p, nu) has the coefficient of variation 1 / sqrt(p)
    z = (rows["revenue"] - truth["mean_spend"].loc[rows["customer_id"]].to_numpy()) / (
        truth["mean_spend"].loc[rows["customer_id"]].to_numpy() / np.sqrt(6))
    assert abs(z.mean()) < 4 / np.sqrt(len(z))
    assert abs((z ** 2).mean() - 1) < 4 * np.sqrt((2 + 6 / 6) / len(z))
    assert truth.loc[truth["alive"] == 0, "expected_purchases"].eq(0).all()


def test_a_season_moves_everybody_and_its_truth_is_recorded(tmp_path):
    world = generate(tmp_path, "world", 20_000, generate__season_amplitude=0.7, generate__level_sd=0.05,
                     generate__a=0.1, generate__b=10.0)
    factors = np.exp(run_record(world)["truth"]["calendar_log_factors"])
    assert len(factors) == 105
    rows, truth = rows_of(world), table(world / "truth.csv").set_index("customer_id")
    first = rows.groupby("customer_id")["order_date"].transform("min")
    repeats = rows[rows["order_date"] > first]
    week = (repeats["order_date"] - pd.Timestamp("2022-01-01")).dt.days // 7
    counts = week.value_counts().reindex(range(104), fill_value=0).to_numpy()
    # customers who cannot have left yet would buy rate x factor a week; those who have left are few here
    begin = (pd.to_datetime(truth["first_purchase"]) - pd.Timestamp("2022-01-01")).dt.days // 7
    joined = truth["rate"].groupby(begin).sum().reindex(range(104), fill_value=0).cumsum().shift(fill_value=0).to_numpy()
    ratio = counts[60:] / joined[60:]  # everybody has come
    assert np.corrcoef(np.log(ratio), np.log(factors[60:104]))[0, 1] > 0.95


def test_worlds_are_functions_of_their_seed(tmp_path):
    generate(tmp_path, "a", 9_000, "--threads", 1)
    generate(tmp_path, "b", 9_000, "--threads", 2)
    assert result_bytes(tmp_path / "a") == result_bytes(tmp_path / "b")
    generate(tmp_path, "small", 100)
    assert (tmp_path / "a/transactions.csv").read_bytes().startswith((tmp_path / "small/transactions.csv").read_bytes())
    generate(tmp_path, "other", 100, "--seed", 2)
    assert (tmp_path / "small/transactions.csv").read_bytes() != (tmp_path / "other/transactions.csv").read_bytes()


def test_run_generates_fits_and_values(tmp_path):
    succeed("run", "--out", "out", *settings(generate__kind="retail", generate__customers=300, fit__model="bg_nbd",
                                             fit__spend_model="gamma_gamma", simulation__paths=50), cwd=tmp_path)
    assert len(table(tmp_path / "out/predictions.csv")) == 300
    assert run_record(tmp_path / "out")["input"]["file"] == "transactions.csv"
    assert (tmp_path / "out/cohorts.csv").exists()
    succeed("run", "out/run.json", "--out", "again", cwd=tmp_path)
    assert result_bytes(tmp_path / "out") == result_bytes(tmp_path / "again")


@pytest.mark.parametrize("wrong", [{"generate__last_day": "2021-12-31"}, {"generate__acquisition_days": 731},
                                   {"generate__r": 0}, {"generate__first_day": "2022-02-30"}])
def test_worlds_that_cannot_be(tmp_path, wrong):
    outcome = clv("generate", "--kind", "retail", "--out", "out", *settings(**wrong), cwd=tmp_path)
    assert outcome.code == USAGE
    assert next(iter(wrong)).replace("__", ".") in outcome.stderr
    assert not (tmp_path / "out").exists()
