"""Figures of results, for the report, the dashboard and notebooks.

Every function takes the results of a run (`clvsim.open`) and returns a `Figure`, or None where the run does not hold
what the figure shows.
"""

from .figure import CONFIG, Figure
from .holdout import holdout_bands, holdout_calibration, holdout_tracking
from .learning import churn_calibration, churn_gain, churn_importance, value_importance, value_predicted
from .model import cohort_triangle, hazard, p_alive, survival, uncertainty_sources
from .plan import budget_curve, decisions, frontier, plan_gain
from .scenarios import scenario_frontiers, scenario_tornado
from .segments import segment_shares, value_and_risk
from .value import cash_flow_fan, customer_value, portfolio_value, value_at_risk

# In the order in which they are read.
ALL = (
    portfolio_value,
    customer_value,
    cash_flow_fan,
    value_at_risk,
    plan_gain,
    decisions,
    frontier,
    budget_curve,
    scenario_tornado,
    scenario_frontiers,
    churn_calibration,
    churn_gain,
    churn_importance,
    value_predicted,
    value_importance,
    segment_shares,
    value_and_risk,
    survival,
    hazard,
    p_alive,
    cohort_triangle,
    holdout_tracking,
    holdout_calibration,
    holdout_bands,
    uncertainty_sources,
)

__all__ = ["ALL", "CONFIG", "Figure", *(function.__name__ for function in ALL)]
