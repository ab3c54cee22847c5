"""How answers are drawn for others to read: Markdown, SARIF, lines of text. Records in, text out; decides nothing."""
