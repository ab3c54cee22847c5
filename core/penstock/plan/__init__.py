"""What must run, in which order, and why. A plan is data: it runs nothing and asks no tool."""

from penstock.plan.planner import LastMade, Request, make_plan
from penstock.plan.records import Decision, Plan, PlanItem

__all__ = ["Decision", "LastMade", "Plan", "PlanItem", "Request", "make_plan"]
