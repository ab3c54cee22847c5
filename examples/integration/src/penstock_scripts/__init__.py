"""Shell scripts as assets of penstock. Nothing is imported here: the entry points name the modules."""
