"""What rewrites of tokens have in common: words at a place, the end of a parenthesis, a token made up."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType


def like(token: Token, kind: TokenType, text: str) -> Token:
    """A token that the text does not have, at the place of one that it has."""
    return Token(kind, text, token.line, token.col, token.start, token.end)


def word(token: Token) -> str:
    """A text in quotes is none, whatever it says."""
    return "" if token.token_type == TokenType.STRING else token.text.upper()


def words_at(tokens: list[Token], at: int, count: int) -> list[str]:
    return [word(token) for token in tokens[at : at + count]]


def past_brackets(tokens: list[Token], at: int) -> int:
    """The token after the parenthesis that opens at `at`."""
    depth = 0
    for place in range(at, len(tokens)):
        kind = tokens[place].token_type
        depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
        if not depth:
            return place + 1
    return len(tokens)


def rewritten(tokens: list[Token], made: list[Token]) -> list[Token]:
    """`made` where it is another text, else `tokens` themselves. Three names that become a list are as many tokens as they were."""
    same = len(made) == len(tokens) and all(one is two for one, two in zip(made, tokens, strict=True))
    return tokens if same else made
