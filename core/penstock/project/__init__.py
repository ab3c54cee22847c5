"""The user's project: penstock.yml found, read, checked and resolved for an environment. Starts nothing."""
