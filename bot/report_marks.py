"""An article before and after cleaning, as HTML with every change marked."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus.records import Article


def safe(text: str) -> str:
    """Return text for HTML: escaped, and what cannot be seen shown by its number."""
    parts = []
    for character in text:
        if character.isprintable() or character in "\n\u3000":
            parts.append(escape(character))
        else:
            parts.append(f'<i class="code">{ord(character):04X}</i>')
    return "".join(parts)


def marked(article: Article, most: int) -> tuple[str, str]:
    """Return the first `most` characters before and after, with the changes marked.

    The text before is put together from the ledger; a change inside another is left out. Damage
    that is still there is marked in both.
    """
    text, lost = article.text, set(article.unrepaired)
    before, after, position = [], [], 0
    for one in article.repairs:
        if one.start < position:
            continue
        if one.start >= most:
            break
        kept = _kept(text, position, one.start, lost)
        before += [kept, f"<del>{safe(one.before)}</del>"]
        after += [kept, f"<ins>{_kept(text, one.start, one.start + len(one.after), lost)}</ins>"]
        position = one.start + len(one.after)
    if position < most:
        rest = _kept(text, position, min(most, len(text)), lost)
        before.append(rest)
        after.append(rest)
    return "".join(before), "".join(after)


def _kept(text: str, start: int, end: int, lost: set[int]) -> str:
    if not any(start <= at < end for at in lost):
        return safe(text[start:end])
    return "".join(
        f'<mark class="lost">{safe(text[at])}</mark>' if at in lost else safe(text[at])
        for at in range(start, end)
    )
