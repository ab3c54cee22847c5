"""How queries and statements are derived: SELECT and its sources, changes, CREATE, pipes, scripts."""
