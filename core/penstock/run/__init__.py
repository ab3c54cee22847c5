"""Runs a plan: durably, in order, through runners. Decides nothing about what should be built."""
