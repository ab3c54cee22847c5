"""The terminal: commands, and how results are printed. No logic of its own."""
