"""What the record means: pure functions from arrays of codes and day numbers to frozen results.

Nothing here reads, stores or words anything. A result that cannot be had says why, with a code.
"""

from app.measurement.compared import UNTRACED, Compared, compared
from app.measurement.cost import CostPerReached, cost_per_reached
from app.measurement.credit import Credit, Ending, Paths, Rule, arrange_paths, share_credit
from app.measurement.effectiveness import Judgement, RowMeasure, judge_ads, measure_rows
from app.measurement.expected import ExpectedReached, expect_reached, expect_reached_by_row
from app.measurement.incidence import DaysToStage, IncidencePoint, days_to_stage, estimate_incidence
from app.measurement.intervals import Interval, count_interval, proportion_interval
from app.measurement.journeys import HORIZON_DAYS, Cause, Journeys
from app.measurement.lift import Lift
from app.measurement.needs import Needs, applicants_required, estimate_needs
from app.measurement.ordered import estimate_stages
from app.measurement.progress import Method, Progress, compare_ads
from app.measurement.reasons import Reason, ReasonCode, Verdict, Why
from app.measurement.removal import RemovalEffects, removal_effects
from app.measurement.thresholds import THRESHOLDS, Thresholds
from app.measurement.thresholds import VERSION as THRESHOLDS_VERSION

__all__ = [
    "HORIZON_DAYS",
    "THRESHOLDS",
    "THRESHOLDS_VERSION",
    "UNTRACED",
    "Cause",
    "Compared",
    "CostPerReached",
    "Credit",
    "DaysToStage",
    "Ending",
    "ExpectedReached",
    "IncidencePoint",
    "Interval",
    "Journeys",
    "Judgement",
    "Lift",
    "Method",
    "Needs",
    "Paths",
    "Progress",
    "Reason",
    "ReasonCode",
    "RemovalEffects",
    "RowMeasure",
    "Rule",
    "Thresholds",
    "Verdict",
    "Why",
    "applicants_required",
    "arrange_paths",
    "compare_ads",
    "compared",
    "cost_per_reached",
    "count_interval",
    "days_to_stage",
    "estimate_incidence",
    "estimate_needs",
    "estimate_stages",
    "expect_reached",
    "expect_reached_by_row",
    "judge_ads",
    "measure_rows",
    "proportion_interval",
    "removal_effects",
    "share_credit",
]
