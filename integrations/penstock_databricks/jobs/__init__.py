"""Jobs of a workspace as steps of a run."""
