"""Tables of a report, as the results have them."""

import math
from dataclasses import dataclass

import pandas as pd

from .figures.style import level_name

_LONGEST = 250  # rows of a table in a page; the files have all of them


@dataclass(frozen=True)
class Cell:
    """What is shown, and behind it the number to its last digit (None: not a number)."""

    text: str
    value: str | None = None


@dataclass(frozen=True)
class Column:
    name: str
    number: bool
    kind: str = ""  # of texts: "name" (short, kept on one line) or "long" (sentences)


@dataclass(frozen=True)
class Table:
    title: str
    columns: list
    rows: list
    note: str = ""


def number(value, decimals):
    """A number for a table, and to its last digit for who asks."""
    if pd.isna(value):
        return Cell("")
    exact = repr(int(value)) if float(value).is_integer() else repr(float(value))
    text = f"{value:,.{decimals}f}".replace("-", "−")
    return Cell(text, exact) if text.strip("−0.") or value == 0 else Cell(f"{value:.1e}".replace("-", "−"), exact)


def _decimals(column, largest):
    """As many as a column needs: none for counts and for amounts beside large ones, else cents; more for shares."""
    values = column.dropna().abs()
    if values.empty or (values % 1 == 0).all() or values.max() >= 100 and largest >= 1e5:
        return 0
    return 2 if values.max() > 1 else 3 if values.max() >= 0.1 else 4


def table_of(frame: pd.DataFrame, title, names=None, note="", significant=None, decimals=None):
    """A data frame as a table.

    Args:
        names: other headings by column; if given, it also chooses the columns.
        significant: digits of numbers, where columns hold numbers of different kinds.
        decimals: of amounts, where tables beside each other have the same; counts have none.
    """
    names = (
        {column: column for column in frame.columns}
        if names is None
        else {column: name for column, name in names.items() if column in frame.columns}
    )
    if len(frame) > _LONGEST:
        note = f"The first {_LONGEST} of {len(frame):,} rows. {note}".strip()
        frame = frame.iloc[:_LONGEST]
    columns = [_column(name, frame[column]) for column, name in names.items()]
    largest = max((frame[source].abs().max() for source, column in zip(names, columns) if column.number), default=0)
    cells = [
        _cells(frame[source], column.number, largest, significant, decimals) for source, column in zip(names, columns)
    ]
    return Table(title, columns, [list(row) for row in zip(*cells)], note)


def _column(name, values):
    if pd.api.types.is_numeric_dtype(values):
        return Column(name, True)
    texts = values.map(str)
    longest = texts.map(len).max()
    is_name = longest <= 16 or longest <= 28 and not texts.str.contains(" ").any()
    return Column(name, False, "name" if is_name else "long" if longest > 40 else "")


def _cells(column, numeric, largest, significant, decimals):
    if not numeric:
        return [Cell("" if pd.isna(value) else str(value)) for value in column]
    if significant:
        return [Cell("" if pd.isna(value) else f"{value:,.{significant}g}", repr(float(value))) for value in column]
    if decimals is None or pd.api.types.is_integer_dtype(column):
        decimals = _decimals(column, largest)
    return [number(value, decimals) for value in column]


def value_columns(columns):
    """Headings of the columns of value, as portfolio.csv and its relatives have them."""
    names = {"clv_mean": "mean", "clv_se": "standard error", "clv_sd": "sd"}
    for column in columns:
        for prefix, text in (("clv_q", "{}"), ("clv_cvar", "CVaR {}"), ("clv_var", "value at risk {}")):
            level = column.removeprefix(prefix)
            if column.startswith(prefix) and level[:1].isdigit():
                names[column] = text.format(level_name(float(level.replace("_", ".")) / 100))
    return names | {"prob_loss": "P(loss)"}


def portfolio_table(results, most=16):
    if "portfolio.csv" not in results:
        return None
    table = results.table("portfolio")
    apart = ["churned"] if results.has_churned_apart else []
    size = table.groupby("segment")["customers"].max().drop(apart).sort_values(ascending=False, kind="stable")
    table = table[table["segment"].isin([*size.index[:most], "portfolio", *apart])]
    note = "Present value over the horizon, in currency; quantiles over futures. portfolio.csv has all of it."
    if len(size) > most:
        note = f"Everybody and the {most - 1} largest of {len(size) - 1} segments. {note}"
    if apart:
        note = f"churned are those who have left, as if they had not; no other row has them. {note}"
    names = {"segment": "segment", "plan": "plan", "customers": "customers", **value_columns(table.columns)}
    names = {
        name: text
        for name, text in names.items()
        if not name.startswith("clv_q") or name == "clv_q50" or name in _outer_quantiles(table.columns)
    }
    return table_of(table, "Value by segment", names, note)


def top_customers(results, most=20):
    source = next((name for name in ("predictions", "clv") if f"{name}.csv" in results), None)
    if source is None:
        return None
    table = results.table(source)
    table = table.dropna(subset="rank").nsmallest(most, "rank", keep="all").sort_values("rank")
    names = {
        "rank": "rank",
        "customer_id": "customer",
        "segment": "segment",
        "frequency": "repeat purchases",
        "p_alive": "P(still a customer)",
        "clv_mean": "mean",
        "clv_sd": "sd",
        **value_columns(table.columns),
        "expected_lifetime_months": "months",
    }
    names.pop("clv_se")
    keep = [
        name
        for name in names
        if name not in table.columns or not name.startswith("clv_q") or name in _outer_quantiles(table.columns)
    ]
    return table_of(
        table,
        "The most valuable customers",
        {name: names[name] for name in keep},
        f"{source}.csv has all {len(results.table(source)):,}.",
    )


def _outer_quantiles(columns):
    quantiles = [name for name in columns if name.startswith("clv_q")]
    return {*quantiles[:1], *quantiles[-1:]}


def policies_table(results):
    frame = _policies(results)
    if frame is None:
        return None
    return table_of(
        frame,
        "The plan beside other policies",
        note="Profit against doing nothing, net of every cost, in currency.",
        decimals=_decimals_of_plan(results),
    )


def _policies(results):
    """What certificate.json has of the policies; None where it has none."""
    if "certificate.json" not in results or not results.document("certificate.json").get("policies"):
        return None
    rows = []
    names = {"plan": "the plan", "do_nothing": "do nothing", "current": "what is done today"}
    for row in results.document("certificate.json")["policies"]:
        fresh = row.get("fresh") or {}
        label = (
            f"only {row['action']}"
            if row["policy"] == "best_single_action"
            else names.get(row["policy"], row["policy"])
        )
        rows.append(
            {
                "policy": label,
                "customers": row["customers"],
                "cost": float(row["cost"]),
                "profit where chosen": float(row["expected_profit"]),
                "profit on fresh paths": fresh.get("profit"),
                "standard error": fresh.get("se"),
                "5%": fresh.get("q05"),
                "95%": fresh.get("q95"),
            }
        )
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def actions_table(results):
    if "plan.csv" not in results:
        return None
    return table_of(
        _sums_by_action(results),
        "The plan by action",
        note="Expected profit against doing nothing, net of every cost, in currency.",
        decimals=_decimals_of_plan(results),
    )


def _sums_by_action(results):
    plan = results.without_churned(results.table("plan")).astype({"cost": float, "expected_profit": float})
    sums = plan.groupby("action", sort=False).agg(
        customers=("action", "size"), cost=("cost", "sum"), profit=("expected_profit", "sum")
    )
    return sums.sort_values("profit", ascending=False).reset_index()


def _decimals_of_plan(results):
    """Of what sums up the plan: cents, and none beside large amounts."""
    frames = [_policies(results), _sums_by_action(results) if "plan.csv" in results else None]
    largest = max(frame.select_dtypes("float").abs().max().max() for frame in frames if frame is not None)
    return 0 if largest >= 1e5 else 2


def priority_table(results, most=20):
    if "plan.csv" not in results:
        return None
    plan = results.table("plan")
    invest = plan[plan["recommended_action"] == "Invest"]
    if invest.empty:
        return None
    best = invest.nlargest(most, "expected_profit").astype({"cost": float, "expected_profit": float})
    names = {
        "customer_id": "customer",
        "action": "action",
        "expected_profit": "expected profit",
        "expected_profit_se": "standard error",
        "cost": "cost",
        "reason": "why",
    }
    return table_of(
        best,
        "Customers to reach first",
        names,
        f"By expected profit; plan.csv has all {len(invest):,} who get an action.",
        decimals=2,
    )


def scenarios_table(results):
    if "sweep.csv" not in results:
        return None
    table = results.table("sweep")
    table = table[table["segment"] == "portfolio"]
    names = {
        "scenario": "scenario",
        "plan": "plan",
        **value_columns(table.columns),
        "difference_to_base": "against base",
        "difference_se": "its standard error",
    }
    for name in (
        "clv_sd",
        "clv_se",
        *[n for n in names if n.startswith("clv_q") and n not in _outer_quantiles(table.columns)],
    ):
        names.pop(name, None)
    return table_of(
        table,
        "Value of all customers in every scenario",
        names,
        'In currency. Rows with the plan "chosen" have the plan for that scenario. sweep.csv has every segment.',
    )


def scenario_plans_table(results):
    """The plan of every scenario, as run.json has it."""
    if not results.run.get("plans"):
        return None
    names = {
        "scenario": "scenario",
        "customers_invested": "customers with an action",
        "cost": "cost",
        "profit": "profit where chosen",
        "profit_fresh": "profit on fresh paths",
        "profit_fresh_se": "its standard error",
        "multiplier": "one more unit of budget brings",
    }
    return table_of(
        pd.DataFrame(results.run["plans"]),
        "The plan in every scenario",
        names,
        "In currency, against doing nothing in that scenario.",
    )


def model_table(results):
    """Parameters of what was fitted: purchases, spend, or the renewals of every segment."""
    if "model.json" not in results:
        return None
    model, rows = results.document("model.json"), []
    fits = [(fit.get("model", ""), fit) for fit in (model.get("purchase"), model.get("spend")) if fit]
    contract = model.get("contract") or {}
    fits += [(f"{contract['model']}, {fit['segment']}", fit) for fit in contract.get("segments", ())]
    for label, fit in fits:
        errors = fit.get("standard_errors") or {}
        rows += [
            {"model": label, "parameter": name, "estimate": _float(value), "standard error": _float(errors.get(name))}
            for name, value in (fit.get("parameters") or {}).items()
        ]
    if not rows:
        return None
    fit = fits[0][1]
    note = (
        f"Log-likelihood {fit['log_likelihood']:,.2f}, AIC {fit['aic']:,.2f}, {fit['status']}".replace(" -", " −")
        if len(fits) == 1 or model.get("purchase")
        else ""
    )
    note += f"; time in {fit['time_unit']}s" if note and "time_unit" in fit else ""
    return table_of(pd.DataFrame(rows), "Fitted models", note=f"{note}." if note else "", significant=5)


def _float(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
