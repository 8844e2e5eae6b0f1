"""results.h5 as h5py and xarray read it."""

import h5py
import numpy as np
import pytest
import xarray as xr
from program import run_record, table

ATTRIBUTES = {"format", "format_version", "program_version", "seed", "config_hash", "input_hash", "cvar_level"}

DIMENSIONS = {
    "clv_mean": ("action", "customer_id"),
    "clv_se": ("action", "customer_id"),
    "clv_sd": ("action", "customer_id"),
    "clv_quantile": ("action", "level", "customer_id"),
    "clv_cvar": ("action", "customer_id"),
    "prob_loss": ("action", "customer_id"),
    "expected_lifetime_months": ("customer_id",),
    "expected_profit": ("action", "customer_id"),
    "cost": ("action", "customer_id"),
    "added_months": ("action", "customer_id"),
    "portfolio_mean": ("plan", "segment"),
    "portfolio_months": ("plan", "segment"),
    "portfolio_quantile": ("plan", "segment", "level"),
    "path_total": ("plan", "segment", "path"),
    "cashflow_mean": ("segment", "month"),
    "cashflow_quantile": ("segment", "month", "level"),
}


@pytest.fixture
def results(out):
    with xr.open_dataset(out / "results.h5", engine="h5netcdf") as dataset:
        yield dataset


@pytest.mark.parametrize("engine", [None, "netcdf4", "h5netcdf"])
def test_any_engine_of_xarray_reads_it(out, engine):
    if engine != "h5netcdf":
        pytest.importorskip("netCDF4")  # the engine that xarray takes where it is installed
    for name in ("results.h5", "totals.h5"):
        if not (out / name).exists():
            continue
        with xr.open_dataset(out / name, engine=engine) as dataset:
            dataset.load()
            if name == "results.h5":
                customers = table(out / "clv.csv")
                assert dataset["customer_id"].values.tolist() == customers["customer_id"].tolist()
                assert dataset["clv_mean"].sel(action="none").values.tolist() == customers["clv_mean"].tolist()


def test_texts_are_texts_to_every_reader_of_netcdf(out):
    with h5py.File(out / "results.h5") as file:
        kinds = {name: h5py.check_string_dtype(file[name].dtype) for name in file}
        texts = [name for name, kind in kinds.items() if kind]
        assert {"customer_id", "action", "segment", "plan"} <= set(texts)
        for name in texts:  # the library takes other texts for bytes that it decodes, or not, by an attribute
            assert (kinds[name].encoding, kinds[name].length) == ("utf-8", None), name
            assert "_Encoding" not in file[name].attrs


def test_attributes_tell_what_was_computed_and_nothing_about_how(out):
    record = run_record(out)
    with h5py.File(out / "results.h5") as file:
        attributes = {name: value.decode() if isinstance(value, bytes) else value
                      for name, value in file.attrs.items()}
        assert set(attributes) == ATTRIBUTES
        assert attributes["seed"] == record["config"]["simulation"]["seed"]
        assert attributes["config_hash"] == record["config_hash"]
        assert attributes["input_hash"] == record["input"]["hash"]
        assert attributes["program_version"] == record["program"]["version"]
    content = (out / "results.h5").read_bytes()
    execution = record["execution"]
    for telltale in (execution["host"], execution["device"], execution["started"], str(out)):
        assert len(telltale) < 4 or telltale.encode() not in content


def test_coordinates(results, out):
    customers = table(out / "clv.csv")
    assert results["customer_id"].astype(str).values.tolist() == customers["customer_id"].tolist()
    assert results["action"].astype(str).values.tolist() == ["none", "5% discount", "call"]
    assert results["segment"].astype(str).values.tolist() == ["portfolio", *sorted(customers["segment"].unique())]
    assert results["plan"].astype(str).values.tolist() == ["none", "chosen"]
    assert results["level"].values.tolist() == [0.025, 0.05, 0.5, 0.975]
    assert results["month"].values.tolist() == list(range(1, 19))
    assert results["path"].values.tolist() == list(range(211))
    segments = results["segment"].astype(str).values[results["customer_segment"].values]
    assert segments.tolist() == customers["segment"].tolist()


@pytest.mark.parametrize("name", DIMENSIONS)
def test_dimensions(results, name):
    assert results[name].dims == DIMENSIONS[name]


def test_every_dataset_says_its_meaning_and_unit(out):
    with h5py.File(out / "results.h5") as file:
        for name, dataset in file.items():
            assert len(dataset.attrs["description"]) > 0, name
            if dataset.dtype.kind == "f" and name != "level":
                assert len(dataset.attrs["units"]) > 0, name


def test_values_are_those_of_the_csv_files(results, out):
    customers = table(out / "clv.csv")
    none = results.sel(action="none")
    for name in ("clv_mean", "clv_se", "clv_sd", "prob_loss"):
        np.testing.assert_array_equal(none[name], customers[name])
    np.testing.assert_array_equal(none["clv_cvar"], customers["clv_cvar05"])
    np.testing.assert_array_equal(none["clv_quantile"].sel(level=0.025), customers["clv_q02_5"])
    np.testing.assert_array_equal(none["expected_lifetime_months"], customers["expected_lifetime_months"])

    uplift = table(out / "uplift.csv").pivot(index="customer_id", columns="action", values="expected_profit")
    for action in ("none", "5% discount", "call"):
        np.testing.assert_array_equal(results["expected_profit"].sel(action=action),
                                      uplift[action].loc[customers["customer_id"]])

    portfolio = table(out / "portfolio.csv").set_index(["plan", "segment"])
    for plan, segment in portfolio.index:
        cell = {"plan": plan, "segment": segment}
        assert results["portfolio_mean"].sel(cell) == portfolio["clv_mean"][plan, segment]
        assert results["portfolio_quantile"].sel({**cell, "level": 0.5}) == portfolio["clv_q50"][plan, segment]
        assert results["portfolio_customers"].sel(segment=segment) == portfolio["customers"][plan, segment]

    cashflow = table(out / "cashflow.csv").set_index(["segment", "month"])
    assert results["cashflow_mean"].sel(segment="Plus", month=7) == cashflow["mean"]["Plus", 7]


def test_portfolio_figures_are_those_of_the_path_totals(results):
    """Order statistics by NumPy's inverted_cdf, CVaR with the fractional next one, VaR against the mean."""
    totals = results["path_total"].values
    paths = totals.shape[-1]
    np.testing.assert_allclose(results["portfolio_mean"], totals.mean(axis=-1), rtol=1e-12)
    np.testing.assert_allclose(results["portfolio_sd"], totals.std(axis=-1, ddof=1), rtol=1e-9)
    quantiles = np.quantile(totals, results["level"].values, axis=-1, method="inverted_cdf")
    np.testing.assert_array_equal(results["portfolio_quantile"], np.moveaxis(quantiles, 0, -1))

    level = results.attrs["cvar_level"]
    ordered = np.sort(totals, axis=-1)
    worst = int(np.floor(level * paths))
    cvar = (ordered[..., :worst].sum(axis=-1) + (level * paths - worst) * ordered[..., worst]) / (level * paths)
    np.testing.assert_allclose(results["portfolio_cvar"], cvar, rtol=1e-12)
    var = totals.mean(axis=-1) - np.quantile(totals, level, axis=-1, method="inverted_cdf")
    np.testing.assert_allclose(results["portfolio_var"], var, rtol=1e-9)
    np.testing.assert_array_equal(results["portfolio_prob_loss"], (totals < 0).mean(axis=-1))


def test_segments_of_a_path_add_up(results):
    totals = results["path_total"].values
    np.testing.assert_allclose(totals[:, 0], totals[:, 1:].sum(axis=1), rtol=1e-12)
