"""The user's project: penstock.yml found, read, checked and resolved for an environment. Starts nothing."""

from penstock.project.load import Project, load_project

__all__ = ["Project", "load_project"]
