"""Tasks of an account as steps of a run: a root task with its graph is a job."""
