"""What stands in a report: key figures, sentences and tables, as the results have them."""

import math
from dataclasses import dataclass

import pandas as pd

from .figures.style import count, level_name, money, percent

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


@dataclass(frozen=True)
class KeyFigure:
    key: str
    label: str
    value: str
    text: str
    context: str


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


def table_of(frame: pd.DataFrame, title, names=None, note="", significant=None):
    """A data frame as a table.

    Args:
        names: other headings by column; if given, it also chooses the columns.
        significant: digits of numbers, where columns hold numbers of different kinds.
    """
    names = {column: column for column in frame.columns} if names is None else {
        column: name for column, name in names.items() if column in frame.columns}
    if len(frame) > _LONGEST:
        note = f"The first {_LONGEST} of {len(frame):,} rows. {note}".strip()
        frame = frame.iloc[:_LONGEST]
    columns = [_column(name, frame[column]) for column, name in names.items()]
    largest = max((frame[source].abs().max() for source, column in zip(names, columns) if column.number), default=0)
    cells = [_cells(frame[source], column.number, largest, significant) for source, column in zip(names, columns)]
    return Table(title, columns, [list(row) for row in zip(*cells)], note)


def _column(name, values):
    if pd.api.types.is_numeric_dtype(values):
        return Column(name, True)
    longest = values.map(lambda text: len(str(text))).max()
    return Column(name, False, "name" if longest <= 28 else "long" if longest > 40 else "")


def _cells(column, numeric, largest, significant):
    if not numeric:
        return [Cell("" if pd.isna(value) else str(value)) for value in column]
    if significant:
        return [Cell("" if pd.isna(value) else f"{value:,.{significant}g}", repr(float(value))) for value in column]
    decimals = _decimals(column, largest)
    return [number(value, decimals) for value in column]


def _key(key, label, value, text, context):
    return KeyFigure(key, label, repr(float(value)), text, context)


def _whole(value):
    """An amount to the unit, or to the cent where it is small."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def key_figures(results):
    """The few numbers that come first."""
    found, data = [], results.data
    if data is not None and "portfolio_mean" in data:
        total = data.sel(plan="none", segment="portfolio")
        levels, quantile = data["level"].values, total["portfolio_quantile"].values
        mean, var = float(total["portfolio_mean"]), float(total["portfolio_var"])
        worst = level_name(data.attrs["cvar_level"])
        found.append(_key("portfolio_mean", "Total value, no action", mean, _whole(mean),
                          f"± {_whole(float(total['portfolio_se']))} (standard error); from {money(quantile[0])} to "
                          f"{money(quantile[-1])} in {percent(levels[-1] - levels[0])} of futures"))
        found.append(_key("portfolio_var", f"Value at risk, {worst}", var, _whole(var),
                          (f"{percent(var / mean)} of the total; " if mean > 0 else "") +
                          f"the worst {worst} of futures bring {money(float(total['portfolio_cvar']))} on average"))
    if data is not None and "scenario_mean" in data:
        base = data.isel(scenario=0).sel(segment="portfolio")
        found.append(_key("scenario_mean", "Total value, base", float(base["scenario_mean"]),
                          _whole(float(base["scenario_mean"])),
                          f"± {_whole(float(base['scenario_se']))} (standard error)"))
        difference = data["scenario_difference"].sel(segment="portfolio").values
        for index, label in ((difference.argmin(), "Worst scenario"), (difference.argmax(), "Best scenario")):
            if index:
                found.append(_key("scenario_difference", f"{label}: {data['scenario'].values[index]}", difference[index],
                                  f"{difference[index]:+,.0f}".replace("-", "−"), "against base, on the same random numbers"))
    if "certificate.json" in results:
        found.extend(_plan_figures(results.document("certificate.json")))
    if "predictions.csv" in results:
        alive = results.table("predictions", ["p_alive"])["p_alive"]
        found.append(_key("p_alive", "Customers still there", alive.sum(), f"{alive.sum():,.0f}",
                          f"expected, of {len(alive):,} who have ever bought"))
    if "holdout.json" in results:
        total = results.document("holdout.json")["total"]
        found.append(_key("holdout_actual", "Purchases held out", total["actual"], f"{total['actual']:,.0f}",
                          f"forecast {total['mean']:,.0f}, 90% band {total['q05']:,.0f} to {total['q95']:,.0f}"))
    return found


def _plan_figures(certificate):
    fresh = certificate.get("fresh")
    policy = next((row for row in certificate.get("policies") or () if row["policy"] == "plan"), None)
    if fresh:
        yield _key("plan_profit_fresh", "What the plan adds", fresh["profit"], _whole(fresh["profit"]),
                   f"± {_whole(fresh['se'])} (standard error) on fresh paths; from {money(fresh['q05'])} to "
                   f"{money(fresh['q95'])} in 90% of futures")
    else:
        yield _key("plan_profit", "What the plan adds", certificate["profit"], _whole(certificate["profit"]),
                   "as the uplift table has it, not checked on fresh paths")
    budget = certificate.get("budget")
    yield _key("plan_cost", "Spend of the plan", certificate["cost"], _whole(certificate["cost"]),
               "no budget is set" if budget is None else f"of a budget of {_whole(budget)}")
    if policy:
        yield _key("plan_customers", "Customers with an action", policy["customers"], f"{policy['customers']:,}",
                   f"of {certificate['customers']:,}")


def summary(results):
    """A few sentences for who reads nothing else."""
    data = results.data
    if data is not None and "portfolio_mean" in data:
        total = data.sel(plan="none", segment="portfolio")
        months = results.setting("simulation.horizon_months")
        levels, quantile = data["level"].values, total["portfolio_quantile"].values
        yield (f"{count(int(total['portfolio_customers']), 'customer')} are expected to bring "
               f"{money(float(total['portfolio_mean']))} over {months} months, discounted to today. In one of "
               f"{1 / levels[0]:,.3g} futures it is less than {money(quantile[0])}.")
    if data is not None and "scenario_mean" in data:
        base = data.isel(scenario=0).sel(segment="portfolio")
        yield (f"{count(data.sizes['scenario'] - 1, 'scenario')} beside the world as it is, in which all customers together "
               f"are worth {money(float(base['scenario_mean']))}.")
    if "certificate.json" in results:
        certificate = results.document("certificate.json")
        fresh, bound = certificate.get("fresh"), certificate["upper_bound"]
        limit = "which no plan can better" if certificate["status"] == "optimal" else \
            f"where no plan within the limits can reach more than {money(bound)}"
        yield (f"The plan spends {money(certificate['cost'])}. It earns {money(certificate['profit'])} on the futures that it "
               f"was chosen on, {limit}" + (f", and {money(fresh['profit'])} ± {money(fresh['se'])} on fresh ones" if fresh
                                           else "") + ", net of every cost.")
    if "holdout.json" in results:
        document = results.document("holdout.json")
        total = document["total"]
        inside = "within" if total["q05"] <= total["actual"] <= total["q95"] else "outside"
        yield (f"Put to the test: forecast from {document['calibration_end']} on, {money(total['mean'])} purchases of "
               f"{count(document['customers'], 'customer')} in {document['weeks']:.0f} weeks; {total['actual']:,.0f} came, "
               f"{inside} the 90% band.")


def value_columns(columns):
    """Headings of the columns of value, as portfolio.csv and its relatives have them."""
    names = {"clv_mean": "mean", "clv_se": "standard error", "clv_sd": "sd"}
    for column in columns:
        for prefix, text in (("clv_q", "{}"), ("clv_cvar", "CVaR {}"), ("clv_var", "value at risk {}")):
            level = column.removeprefix(prefix)
            if column.startswith(prefix) and level[:1].isdigit():
                names[column] = text.format(level_name(float(level.replace("_", ".")) / 100))
    return names | {"prob_loss": "P(loss)"}


def portfolio_table(results):
    if "portfolio.csv" not in results:
        return None
    table = results.table("portfolio")
    names = {"segment": "segment", "plan": "plan", "customers": "customers", **value_columns(table.columns)}
    names = {name: text for name, text in names.items() if not name.startswith("clv_q") or
             name == "clv_q50" or name in _outer_quantiles(table.columns)}
    return table_of(table, "Value by segment", names, "Present value over the horizon, in currency; quantiles over futures. portfolio.csv has all of it.")


def top_customers(results, most=20):
    source = next((name for name in ("predictions", "clv") if f"{name}.csv" in results), None)
    if source is None:
        return None
    table = results.table(source)
    table = table.nsmallest(most, "rank", keep="all").sort_values("rank")
    names = {"rank": "rank", "customer_id": "customer", "segment": "segment", "frequency": "repeat purchases",
             "p_alive": "P(still a customer)", "clv_mean": "mean", "clv_sd": "sd", **value_columns(table.columns),
             "expected_lifetime_months": "months"}
    names.pop("clv_se")
    keep = [name for name in names if name not in table.columns or not name.startswith("clv_q") or
            name in _outer_quantiles(table.columns)]
    return table_of(table, f"The {len(table)} most valuable customers", {name: names[name] for name in keep},
                    f"{source}.csv has all {len(results.table(source)):,}.")


def _outer_quantiles(columns):
    quantiles = [name for name in columns if name.startswith("clv_q")]
    return {*quantiles[:1], *quantiles[-1:]}


def policies_table(results):
    if "certificate.json" not in results or not results.document("certificate.json").get("policies"):
        return None
    rows = []
    names = {"plan": "the plan", "do_nothing": "do nothing", "current": "what is done today"}
    for row in results.document("certificate.json")["policies"]:
        fresh = row.get("fresh") or {}
        label = f"only {row['action']}" if row["policy"] == "best_single_action" else names.get(row["policy"], row["policy"])
        rows.append({"policy": label, "customers": row["customers"], "cost": row["cost"],
                     "profit where chosen": row["expected_profit"], "profit on fresh paths": fresh.get("profit"),
                     "standard error": fresh.get("se"), "5%": fresh.get("q05"), "95%": fresh.get("q95")})
    return table_of(pd.DataFrame(rows).dropna(axis=1, how="all"), "The plan beside other policies",
                    note="Profit against doing nothing, net of every cost, in currency.")


def actions_table(results):
    if "plan.csv" not in results:
        return None
    plan = results.table("plan")
    sums = plan.groupby("action", sort=False).agg(customers=("action", "size"), cost=("cost", "sum"),
                                                  profit=("expected_profit", "sum"))
    return table_of(sums.sort_values("profit", ascending=False).reset_index(), "The plan by action",
                    note="Expected profit against doing nothing, net of every cost, in currency.")


def priority_table(results, most=20):
    if "plan.csv" not in results:
        return None
    plan = results.table("plan")
    invest = plan[plan["recommended_action"] == "Invest"]
    if invest.empty:
        return None
    best = invest.nlargest(most, "expected_profit")
    names = {"customer_id": "customer", "action": "action", "expected_profit": "expected profit",
             "expected_profit_se": "standard error", "cost": "cost", "reason": "why"}
    return table_of(best, f"The {len(best)} customers to reach first", names,
                    f"By expected profit; plan.csv has all {len(invest):,} who get an action.")


def scenarios_table(results):
    if "sweep.csv" not in results:
        return None
    table = results.table("sweep")
    table = table[table["segment"] == "portfolio"]
    names = {"scenario": "scenario", "plan": "plan", **value_columns(table.columns),
             "difference_to_base": "against base", "difference_se": "its standard error"}
    for name in ("clv_sd", "clv_se", *[n for n in names if n.startswith("clv_q") and n not in
                                       _outer_quantiles(table.columns)]):
        names.pop(name, None)
    return table_of(table, "Value of all customers in every scenario", names,
                    "In currency. Rows with the plan \"chosen\" have the plan for that scenario. "
                    "sweep.csv has every segment.")


def model_table(results):
    if "model.json" not in results:
        return None
    model, rows = results.document("model.json"), []
    for part in ("purchase", "spend"):
        fit = model.get(part) or {}
        for name, value in (fit.get("parameters") or {}).items():
            rows.append({"model": fit["model"], "parameter": name, "estimate": _float(value),
                         "standard error": _float((fit.get("standard_errors") or {}).get(name))})
    contract = model.get("contract") or {}
    for segment, fit in (contract.get("segments") or {}).items() if isinstance(contract.get("segments"), dict) else ():
        for name, value in (fit.get("parameters") or {}).items():
            rows.append({"model": f"{contract.get('model', '')}, {segment}", "parameter": name, "estimate": _float(value),
                         "standard error": _float((fit.get("standard_errors") or {}).get(name))})
    if not rows:
        return None
    fit = model.get("purchase") or {}
    note = (f"Log-likelihood {fit['log_likelihood']:,.2f}, AIC {fit['aic']:,.2f}, {fit['status']}; time in "
            f"{fit['time_unit']}s." if {"log_likelihood", "aic", "status", "time_unit"} <= fit.keys() else "")
    return table_of(pd.DataFrame(rows), "Fitted models", note=note, significant=5)


def _float(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
