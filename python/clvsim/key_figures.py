"""What comes first in a report: key figures and a few sentences, as the results have them."""

from dataclasses import dataclass

from .figures.style import bands, count, level_name, money, percent


@dataclass(frozen=True)
class KeyFigure:
    key: str
    label: str
    value: str
    text: str
    context: str


def _key(key, label, value, text, context):
    return KeyFigure(key, label, repr(float(value)), text, context)


def _whole(value):
    """An amount to the unit, or to the cent where it is small."""
    return (f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}").replace("-", "−")


def key_figures(results):
    """The few numbers that come first."""
    found, data = [], results.data
    if data is not None and "portfolio_mean" in data:
        found.extend(_value_figures(results))
    if data is not None and "scenario_mean" in data:
        base = data.isel(scenario=0).sel(segment="portfolio")
        found.append(
            _key(
                "scenario_mean",
                "Total value, base",
                float(base["scenario_mean"]),
                _whole(float(base["scenario_mean"])),
                f"± {_whole(float(base['scenario_se']))} (standard error)",
            )
        )
        difference = data["scenario_difference"].sel(segment="portfolio").values
        for index, label in ((difference.argmin(), "Worst scenario"), (difference.argmax(), "Best scenario")):
            if index:
                found.append(
                    _key(
                        "scenario_difference",
                        f"{label}: {data['scenario'].values[index]}",
                        difference[index],
                        f"{difference[index]:+,.0f}".replace("-", "−"),
                        "against base, on the same random numbers",
                    )
                )
    if "certificate.json" in results:
        apart = results.churned["customers"] if results.has_churned_apart else 0
        found.extend(_plan_figures(results.document("certificate.json"), apart))
    if "predictions.csv" in results:
        alive = results.table("predictions", ["p_alive"])["p_alive"]
        found.append(
            _key(
                "p_alive",
                "Customers still there",
                alive.sum(),
                f"{alive.sum():,.0f}",
                f"expected, of {len(alive):,} who have ever bought",
            )
        )
    if "holdout.json" in results:
        total = results.document("holdout.json")["total"]
        found.append(
            _key(
                "holdout_actual",
                "Purchases held out",
                total["actual"],
                f"{total['actual']:,.0f}",
                f"forecast {total['mean']:,.0f}, 90% band {total['q05']:,.0f} to {total['q95']:,.0f}",
            )
        )
    return found


def _value_figures(results):
    data = results.data
    total = data.sel(plan="none", segment="portfolio")
    levels, quantile = data["level"].values, total["portfolio_quantile"].values
    mean, var = float(total["portfolio_mean"]), float(total["portfolio_var"])
    worst = level_name(data.attrs["cvar_level"])
    wide = [
        f"; from {money(quantile[low])} to {money(quantile[high])} in {percent(levels[high] - levels[low])} of "
        "futures"
        for low, high, _ in bands(levels)[:1]
    ]
    yield _key(
        "portfolio_mean",
        "Total value, no action",
        mean,
        _whole(mean),
        f"± {_whole(float(total['portfolio_se']))} (standard error){''.join(wide)}",
    )
    if results.has_churned_apart:
        left = results.churned
        yield _key(
            "churned_customers",
            "Customers who have left",
            left["customers"],
            f"{left['customers']:,}",
            f"in no other figure; had they stayed they would bring {money(left['clv_mean'])}",
        )
    yield _key(
        "portfolio_var",
        f"Value at risk, {worst}",
        var,
        _whole(var),
        (f"{percent(var / mean)} of the total; " if mean > 0 else "")
        + f"the worst {worst} of futures bring {money(float(total['portfolio_cvar']))} on average",
    )


def _plan_figures(certificate, apart):
    fresh = certificate.get("fresh")
    policy = next((row for row in certificate.get("policies") or () if row["policy"] == "plan"), None)
    if fresh:
        yield _key(
            "plan_profit_fresh",
            "What the plan adds",
            fresh["profit"],
            _whole(fresh["profit"]),
            f"± {_whole(fresh['se'])} (standard error) on fresh paths; from {money(fresh['q05'])} to "
            f"{money(fresh['q95'])} in 90% of futures",
        )
    else:
        yield _key(
            "plan_profit",
            "What the plan adds",
            certificate["profit"],
            _whole(certificate["profit"]),
            "as the uplift table has it, not checked on fresh paths",
        )
    budget = certificate.get("budget")
    yield _key(
        "plan_cost",
        "Spend of the plan",
        certificate["cost"],
        _whole(certificate["cost"]),
        "no budget is set" if budget is None else f"of a budget of {_whole(budget)}",
    )
    if policy:
        yield _key(
            "plan_customers",
            "Customers with an action",
            policy["customers"],
            f"{policy['customers']:,}",
            f"of {certificate['customers'] - apart:,}",
        )
    stay = certificate.get("expected_lifetime_months")
    if stay:
        yield _key(
            "plan_months",
            "Months a customer stays",
            stay["chosen"],
            f"{stay['chosen']:.1f}",
            f"with the plan, within the horizon; {stay['none']:.1f} without any action",
        )


def _who_has_left(churned):
    left, is_one = churned["customers"], churned["customers"] == 1
    if churned["treatment"] == "separate":
        return (
            f"{left:,} more {'has' if is_one else 'have'} left: had {'this one' if is_one else 'they'} stayed "
            f"{money(churned['clv_mean'])} would be expected, which is in no other figure."
        )
    if churned["treatment"] == "include":
        return f"{left:,} of them {'has' if is_one else 'have'} left, and {'is' if is_one else 'are'} valued as if not."
    return f"{left:,} more {'has' if is_one else 'have'} left, and {'is' if is_one else 'are'} not valued."


def sentences(results):
    """A few sentences for who reads nothing else."""
    data = results.data
    if data is not None and "portfolio_mean" in data:
        total = data.sel(plan="none", segment="portfolio")
        months = results.setting("simulation.horizon_months")
        levels, quantile = data["level"].values, total["portfolio_quantile"].values
        customers = int(total["portfolio_customers"])
        yield (
            f"{count(customers, 'customer')} {'is' if customers == 1 else 'are'} expected to bring "
            f"{money(float(total['portfolio_mean']))} over {months} months, discounted to today. In "
            f"{level_name(levels[0])} of futures it is less than {money(quantile[0])}."
        )
    if results.churned:
        yield _who_has_left(results.churned)
    if data is not None and "scenario_mean" in data:
        base = data.isel(scenario=0).sel(segment="portfolio")
        yield (
            f"{count(data.sizes['scenario'] - 1, 'scenario')} beside the world as it is, in which all customers "
            f"together are worth {money(float(base['scenario_mean']))}."
        )
    if "certificate.json" in results:
        certificate = results.document("certificate.json")
        fresh, bound = certificate.get("fresh"), certificate["upper_bound"]
        limit = (
            "which no plan can better"
            if certificate["status"] == "optimal"
            else f"where no plan within the limits can reach more than {money(bound)}"
        )
        yield (
            f"The plan spends {money(certificate['cost'])}. Net of every cost it earns "
            + (f"{money(fresh['profit'])} ± {money(fresh['se'])} on fresh futures, and " if fresh else "")
            + f"{money(certificate['profit'])} on {'those' if fresh else 'the futures'} that it was chosen on, {limit}."
        )
    if "holdout.json" in results:
        document = results.document("holdout.json")
        total = document["total"]
        inside = "within" if total["q05"] <= total["actual"] <= total["q95"] else "outside"
        yield (
            f"Put to the test: forecast from {document['calibration_end']} on, {money(total['mean'])} purchases of "
            f"{count(document['customers'], 'customer')} in {document['weeks']:.0f} weeks; "
            f"{total['actual']:,.0f} "
            f"came, {inside} the 90% band."
        )
