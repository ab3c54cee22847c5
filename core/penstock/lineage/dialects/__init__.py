"""How dialects differ, in tables. No SQL is read here."""
