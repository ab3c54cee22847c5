"""What a name means at a place in a query: results, scopes, known relations, dependencies."""
