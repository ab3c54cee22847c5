"""For integrations whose warehouse runs jobs of its own: such a job as a step, started at most once, followed, adopted, cancelled.

An integration brings the calls (`RemoteJobs`) and observes which jobs there are; what follows from the answers is decided here.
"""

from penstock.integration.jobs.asking import Asking, GaveUp
from penstock.integration.jobs.attempt import note_prepared, was_prepared
from penstock.integration.jobs.observed import JobsOf, JobTables, KnownJob, not_looked_up, observed, place_of
from penstock.integration.jobs.pace import Pace
from penstock.integration.jobs.payload import JobPayload
from penstock.integration.jobs.problems import PASSING, REFUSED, ProblemKind, RemoteProblem
from penstock.integration.jobs.remote import RemoteJobs, RemoteRun, RunState, Trigger
from penstock.integration.jobs.runner import JobRunner
from penstock.integration.jobs.settings import PERMISSIONS, JobWords, StartPolicy, policy_of, seconds

__all__ = [
    "PASSING",
    "PERMISSIONS",
    "REFUSED",
    "Asking",
    "GaveUp",
    "JobPayload",
    "JobRunner",
    "JobTables",
    "JobWords",
    "JobsOf",
    "KnownJob",
    "Pace",
    "ProblemKind",
    "RemoteJobs",
    "RemoteProblem",
    "RemoteRun",
    "RunState",
    "StartPolicy",
    "Trigger",
    "not_looked_up",
    "note_prepared",
    "observed",
    "place_of",
    "policy_of",
    "seconds",
    "was_prepared",
]
