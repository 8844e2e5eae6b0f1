"""How customers come, stay and go, and forecasts against what happened."""

from clvsim import figures
from parts import show


def behaviour(results):
    for figure in (
        figures.churn_calibration,
        figures.churn_gain,
        figures.churn_importance,
        figures.value_predicted,
        figures.value_importance,
        figures.segment_shares,
        figures.value_and_risk,
        figures.survival,
        figures.hazard,
        figures.p_alive,
        figures.cohort_triangle,
        figures.uncertainty_sources,
        figures.holdout_tracking,
        figures.holdout_calibration,
        figures.holdout_bands,
    ):
        show(figure(results))
