"""Incidents and who is told of them: what opens, changes and closes; messages; the channels. Finds no problem itself."""

from penstock.alerts.channels import Unsendable, call, send
from penstock.alerts.decide import Routing, decide
from penstock.alerts.deliver import deliver
from penstock.alerts.problem import Problem

__all__ = ["Problem", "Routing", "Unsendable", "call", "decide", "deliver", "send"]
