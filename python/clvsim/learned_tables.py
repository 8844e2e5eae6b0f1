"""Tables of what was learned: who leaves, who spends, and segments."""

import pandas as pd

from .tables import table_of


def retention_table(results):
    """What all customers of today are worth with and without the plan, and the learned churn behind it."""
    if "retention_results.csv" not in results or "plan.csv" not in results:
        return None
    found = _of_today(results)
    plan = results.table("plan").set_index("customer_id")["expected_profit"]
    before, gain = found["ev_none"].sum(), plan.reindex(found["customer_id"]).sum()
    frame = pd.DataFrame(
        [
            {"what": "value without any action", "total": before},
            {"what": "value under the plan", "total": before + gain},
            {"what": "what the plan adds", "total": gain},
        ]
    )
    return table_of(
        frame,
        "Total potential value",
        note=f"Of {len(found):,} customers, who leave with {found['churn_probability'].mean():.1%} a month on average. The "
        "plan's gain is on the paths that it was chosen on; \"Where to spend\" has it on fresh ones.",
        decimals=2,
    )


def outreach_table(results, most=15):
    """Valuable customers who are likely to leave: the first to be called."""
    if "retention_results.csv" not in results:
        return None
    found = _of_today(results)
    endangered = found["churn_probability"] >= found["churn_probability"].quantile(0.75)
    valuable = found["clv_mean"] >= found["clv_mean"].median()
    found = found[endangered & valuable]
    if found.empty:
        return None
    best = found.assign(
        at_risk=found["clv_mean"] * found["churn_probability"], churn_percent=100 * found["churn_probability"]
    ).nlargest(most, "at_risk")
    names = {
        "customer_id": "customer",
        "churn_percent": "churn a month (%)",
        "clv_mean": "value",
        "at_risk": "value x churn",
        "recommended_action": "action",
        "reason": "why",
    }
    return table_of(
        best,
        "Priority outreach",
        names,
        f"{len(found):,} customers of the upper half by value are in the quarter that is most likely to leave; these have the "
        "most to lose within a month. retention_results.csv has everybody.",
        decimals=2,
    )


def _of_today(results):
    """Rows of retention_results.csv of customers who are still there."""
    found = results.table("retention_results")
    if "clv.csv" in results and "churned" in (values := results.table("clv")).columns:
        found = found[values["churned"].to_numpy() == 0]
    return found


def learning_table(results):
    """Out-of-fold scores of the model that is used, beside the one that it had to beat."""
    if "quality.json" not in results:
        return None
    document = results.document("quality.json")
    scores = [name for name, value in document.items() if isinstance(value, dict) and "estimate" in value]
    rows = []
    for name in scores:
        row = {"score": name.replace("_", " "), document["algorithm"]: document[name]["estimate"]}
        row |= {"from": document[name]["low"], "to": document[name]["high"]}
        row |= {other: values[name]["estimate"] for other, values in document["compared_with"].items() if name in values}
        rows.append(row)
    who = f"{document['customers']:,} customers"
    who += f", {document['events']:,} of whom churned" if "events" in document else f" over {document['window_days']} days"
    return table_of(
        pd.DataFrame(rows),
        "How good the model is",
        note=f"{who}, each scored by a model that had not seen them; 95% intervals.",
        decimals=4,
    )


def churn_learning_table(results):
    return learning_table(results) if "quality.json" in results and "auc" in results.document("quality.json") else None


def value_learning_table(results):
    return learning_table(results) if "quality.json" in results and "gini" in results.document("quality.json") else None


def segments_table(results):
    """The ranking of segments."""
    if "segment_rankings.csv" not in results:
        return None
    table = results.table("segment_rankings")
    names = {
        "rank": "rank",
        "segment": "segment",
        "customers": "customers",
        "median_value": "median value",
        "total_value": "total value",
        "share_of_value": "share of value",
        "median_churn": "median churn",
        "cvar_contribution": "in the worst futures",
        "risk_share": "share of risk",
    }
    return table_of(
        table,
        "Segments",
        names,
        "Ranked by the median, which a few very large customers do not move. "
        + (
            "In the worst futures of the whole portfolio a segment brings what its column says; these add up to the "
            "portfolio's CVaR. "
            if "risk_share" in table
            else ""
        )
        + "segments.csv has every customer.",
    )


def rfm_table(results):
    """How many customers each RFM segment has."""
    if "segments.csv" not in results or "rfm_segment" not in results.table("segments"):
        return None
    groups = results.table("segments").groupby("rfm_segment")
    frame = groups.agg(customers=("customer_id", "size"), value=("value", "sum"), median=("value", "median"))
    return table_of(
        frame.sort_values("value", ascending=False).reset_index(),
        "RFM segments",
        {"rfm_segment": "segment", "customers": "customers", "value": "total value", "median": "median value"},
        "By quintiles of how recently, how often and for how much customers bought.",
    )


def ranked_values_table(results, most=15):
    """Who is expected to spend most next."""
    if "clv_ranked_predictions.csv" not in results:
        return None
    table = results.table("clv_ranked_predictions").head(most)
    names = {
        "rank": "rank",
        "customer_id": "customer",
        "predicted_value": "expected spend",
        "value_q05": "5%",
        "value_q95": "95%",
        "revenue": "spent so far",
        "purchases": "purchases",
    }
    return table_of(table, "Who will spend most", names, "clv_ranked_predictions.csv has everybody.", decimals=2)


def tiers_table(results):
    """Tiers of expected spend."""
    if "clv_cluster_rankings.csv" not in results:
        return None
    names = {
        "segment": "tier",
        "customers": "customers",
        "median_value": "median",
        "total_value": "total",
        "share_of_value": "share of total",
    }
    return table_of(results.table("clv_cluster_rankings"), "Tiers of expected spend", names)


def stages_table(results):
    """Customers by stage of their lifecycle, with what rules do for them."""
    if "lifecycle.csv" not in results or "stage" not in results.table("lifecycle"):
        return None
    groups = results.table("lifecycle").groupby("stage", sort=False)
    frame = groups.agg(
        customers=("customer_id", "size"),
        score=("score", "mean") if "score" in results.table("lifecycle") else ("cost", "size"),
        offers=("action", lambda actions: int((actions != "none").sum())),
        cost=("cost", "sum"),
        benefit=("benefit", "sum"),
    ).reset_index()
    names = {"stage": "stage", "customers": "customers", "score": "mean risk", "offers": "with an action"}
    if "score" not in results.table("lifecycle"):
        names.pop("score")
    return table_of(
        frame.sort_values("customers", ascending=False),
        "Stages",
        names | {"cost": "cost", "benefit": "benefit"},
        "By rules alone: lifecycle.csv has every customer, with the reason in words.",
    )


def migration_table(results):
    """From which stage to which customers went."""
    if "migration.csv" not in results:
        return None
    found = results.table("migration")
    stages = list(dict.fromkeys(found["from"]))
    frame = found.pivot(index="from", columns="to", values="customers").loc[stages, stages].reset_index()
    return table_of(
        frame,
        "Where customers went",
        {"from": "from, to the right"} | {stage: stage for stage in stages},
        "Of customers who were there on both days. migration.csv has shares.",
    )


def ruled_actions_table(results, most=15):
    """Who gets an action by rules, the largest benefit less cost first."""
    if "lifecycle.csv" not in results:
        return None
    found = results.table("lifecycle")
    found = found[found["action"] != "none"]
    if found.empty:
        return None
    best = found.assign(gain=found["benefit"] - found["cost"]).nlargest(most, "gain")
    names = {"customer_id": "customer", "stage": "stage", "tier": "tier", "score": "risk", "action": "action"}
    return table_of(best, "Whom rules choose first", names | {"gain": "benefit less cost", "reason": "why"}, decimals=2)
