"""Answers made of what breaks markup."""

from __future__ import annotations

import random

from retrieval.records import Answer, FoundPassage, Quote, Source


def generated(chance: random.Random) -> Answer:
    """Return an answer of what breaks markup."""
    alphabet = "退貨质量<>&\"'/=𠮷😀\u200d\n \t\x00\x1b\u202e。！?#@`*_[]()" + "".join(
        map(chr, range(33, 60))
    )
    pieces = (
        "<b>",
        "</b>",
        "&lt;",
        "&amp;",
        "</blockquote>",
        "<a href=",
        "<script>",
        "&#60;",
        "]]>",
    )

    def text(most: int) -> str:
        count = chance.randrange(most)
        return "".join(
            chance.choice(pieces) if chance.random() < 0.1 else chance.choice(alphabet)
            for _ in range(count)
        )

    body = text(chance.choice((20, 300, 9000))) or "字"
    start = chance.randrange(len(body))
    end = chance.randrange(start, len(body)) + 1
    url = chance.choice(("http://a.cn/", "https://例.中国/", "javascript:", "tg://", "")) + text(40)
    source = Source("x", text(60), None, url, text(12), text(30))
    passage = FoundPassage(
        1,
        0.5,
        body,
        None,
        0,
        Quote(body[start:end], start, end),
        source,
        (source,) * chance.randrange(3),
    )
    return Answer("问", "answered", 0.9, "hans", (passage,), (text(60),), "gen-000001", 1, "x", {})
