"""What must run, in which order, and why. A plan is data: it runs nothing and asks no tool."""

from penstock.change import AUDIT, UNDECIDED
from penstock.plan.planner import Judge, LastMade, Request, make_plan, nothing_reused
from penstock.plan.records import Decision, Plan, PlanItem

__all__ = [
    "AUDIT",
    "UNDECIDED",
    "Decision",
    "Judge",
    "LastMade",
    "Plan",
    "PlanItem",
    "Request",
    "make_plan",
    "nothing_reused",
]
