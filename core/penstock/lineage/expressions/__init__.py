"""What an expression depends on, and what a column without an alias is called."""
