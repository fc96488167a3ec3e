"""Text a web page holds and nobody sees: what was put there for search engines only."""

from __future__ import annotations

import logging
import re
from typing import Any

from corpus.records import Drop

logger = logging.getLogger(__name__)

# A cheap look at the source: most pages hide nothing, and are not parsed for it.
_SIGNS = re.compile(
    r"display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden|\shidden[\s=>/]|(?:font-size|opacity)\s{0,9}:\s{0,9}0"
    r"|(?:text-indent|left|top)\s{0,9}:\s{0,9}-\d{3,}",
    re.I,
)
_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)"
    r"|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|(?:text-indent|left|top)\s*:\s*-\d{3,})",
    re.I,
)
_NEVER = frozenset({"html", "body", "head", "article", "main", "meta", "title", "script", "style"})
_MOST_SHARE = 0.5


def without_hidden(source: str) -> tuple[str, tuple[Drop, ...]]:
    """Return a page without its hidden elements, and the texts they held.

    Only what elements say of themselves counts (`hidden`, their `style`), not style sheets. A page
    that hides most of its text shows it by a script, and is left as it is.
    """
    if not _SIGNS.search(source):
        return source, ()
    from lxml import html

    try:
        page: Any = html.document_fromstring(source)
    except Exception:  # hostile markup costs a page this step, never the run
        logger.debug("a page could not be parsed for hidden text", exc_info=True)
        return source, ()
    found = [one for one in page.iter() if _is_hidden(one)]
    outer = [one for one in found if not any(_is_hidden(above) for above in one.iterancestors())]
    texts = [" ".join(one.text_content().split()) for one in outer]
    if not any(texts) or sum(map(len, texts)) > _MOST_SHARE * len(page.text_content()):
        return source, ()
    for one in outer:
        one.drop_tree()
    dropped = tuple(Drop("hidden", text) for text in texts if text)
    return str(html.tostring(page, encoding="unicode")), dropped


def _is_hidden(element: Any) -> bool:  # noqa: ANN401 - lxml has no types
    if not isinstance(element.tag, str) or element.tag in _NEVER:
        return False
    return element.get("hidden") is not None or bool(_STYLE.search(element.get("style") or ""))
