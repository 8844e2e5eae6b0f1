import pytest

from worlds import LEARNED, PLAN, PROGRAM, RETAIL, SWEEP, customers_with_tenure, run


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A folder with results: plan, learned, sweep, survival, retail, fit, uplift. Not to be changed."""
    if not PROGRAM.is_file():
        raise pytest.UsageError(f"no program ({PROGRAM}): build it, or name it in CLV_PROGRAM")
    folder = tmp_path_factory.mktemp("runs")
    for name, text in (("plan", PLAN), ("learned", LEARNED), ("sweep", SWEEP), ("retail", RETAIL)):
        (folder / f"{name}.toml").write_text(text)
    run("run", "plan.toml", "--out", "plan", cwd=folder)
    run("run", "learned.toml", "--out", "learned", cwd=folder)
    run("sweep", "sweep.toml", "--out", "sweep", cwd=folder)
    customers_with_tenure(folder / "tenure.csv")
    run(
        "simulate",
        "--set",
        "input.customers=tenure.csv",
        "--set",
        "survival.source=sbg",
        "--set",
        "simulation.paths=60",
        "--set",
        "simulation.horizon_months=12",
        "--out",
        "survival",
        cwd=folder,
    )
    run("run", "retail.toml", "--out", "retail", cwd=folder)
    run(
        "fit",
        "--set",
        "input.transactions=retail/transactions.csv",
        "--set",
        "fit.model=bg_nbd",
        "--set",
        "fit.spend_model=gamma_gamma",
        "--set",
        "fit.holdout=2023-06-20",
        "--set",
        "simulation.paths=100",
        "--out",
        "fit",
        cwd=folder,
    )
    run(
        "optimize",
        "--set",
        "optimizer.uplift=plan/uplift.csv",
        "--set",
        "optimizer.budget=300",
        "--out",
        "uplift",
        cwd=folder,
    )
    return folder


@pytest.fixture(scope="session")
def results(runs):
    """The same, opened: results["plan"] and so on."""
    import clvsim

    return {name: clvsim.open(runs / name) for name in ("plan", "learned", "sweep", "survival", "retail", "fit", "uplift")}
