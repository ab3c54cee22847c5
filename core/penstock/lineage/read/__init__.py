"""From text to statements: parsing, procedural code, rewrites of what sqlglot does not read, places in the text."""
