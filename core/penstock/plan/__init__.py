"""What must run, in which order, and why. A plan is data: it runs nothing and asks no tool."""

from penstock.plan.records import Decision, Plan, PlanItem

__all__ = ["Decision", "Plan", "PlanItem"]
