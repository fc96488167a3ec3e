"""An overview of an index as one HTML page that needs nothing from anywhere else.

Everything from the archive passes through `safe`: the page is read by whoever scraped a stranger's
site, and shows what that site put into its text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bot.inert import is_link, one_line
from bot.report_marks import marked, safe
from bot.report_style import STYLE
from bot.report_wording import kind_word, word
from bot.wording import Language

if TYPE_CHECKING:
    from corpus.records import Article
    from retrieval.overview import Group, Overview, Tally

_LANG = {"hans": "zh-Hans", "hant": "zh-Hant", "en": "en"}
_LISTED = 20
_HOLDERS = 10
_GROUPS = 50
_EXAMPLE_CHARS = 4000
_BLOCK_CHARS = 4000


def page(overview: Overview, language: Language) -> str:
    """Return the whole page."""
    title = safe(word("title", language))
    parts = [
        '<!doctype html>\n<html lang="' + _LANG[language] + '">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # Nothing may be fetched or run, whatever an article smuggles in.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="referrer" content="no-referrer">',
        f"<title>{title} · xunzhang</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>{title}</h1>",
        _facts(overview, language),
        _health(overview, language),
        _tallies("repairs", overview.repairs, language),
        _tallies("drops", overview.drops, language),
        _blocks(overview.blocks, language),
        _families(overview.families, language),
        _examples(overview.examples, language),
        '<div class="columns">',
        _counts("sites", overview.sites, language, by_name=False),
        _counts("years", overview.years, language, by_name=True),
        _counts("encodings", overview.encodings, language, by_name=False),
        "</div>\n</main>\n</body>\n</html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _facts(overview: Overview, language: Language) -> str:
    facts = word(
        "facts",
        language,
        articles=f"{overview.articles:,}",
        characters=f"{overview.characters:,}",
        passages=f"{overview.passages:,}",
        generation=overview.generation,
        created=overview.created,
        encoder=overview.encoder,
    )
    return f'<p class="facts">{safe(facts)}</p>'


def _health(overview: Overview, language: Language) -> str:
    states = [
        ("clean", overview.clean),
        ("trimmed", overview.trimmed),
        ("repaired", overview.repaired),
        ("damaged", overview.damaged),
    ]
    whole = max(overview.articles, 1)
    bar = "".join(
        f'<span class="{key}" style="width:{100 * count / whole:.3f}%"></span>'
        for key, count in states
        if count
    )
    legend = "".join(
        f'<li><span class="dot {key}"></span>{safe(word(key, language))}'
        f" <b>{count:,}</b> <small>{100 * count / whole:.1f}%</small></li>"
        for key, count in states
    )
    left = word("left", language, count=f"{overview.unrepaired:,}") if overview.unrepaired else ""
    return (
        f'<section>{_head("health", language)}<div class="bar">{bar}</div>'
        f'<ul class="legend">{legend}</ul><p class="warn">{safe(left)}</p></section>'
    )


def _tallies(key: str, tallies: Mapping[str, Tally], language: Language) -> str:
    if not tallies:
        return _section(key, _nothing(language), language)
    most = max(tally.times for tally in tallies.values())
    heads = "".join(
        f"<th>{safe(word(name, language))}</th>"
        for name in ("kind", "times", "articles", "characters")
    )
    rows = "".join(
        f"<tr><td>{safe(kind_word(kind, language))}"
        f'<div class="meter"><i style="width:{100 * tally.times / most:.2f}%"></i></div></td>'
        f"<td>{tally.times:,}</td><td>{tally.articles:,}</td><td>{tally.characters:,}</td></tr>"
        for kind, tally in sorted(tallies.items(), key=lambda one: (-one[1].times, one[0]))
    )
    return _section(key, f"<table><tr>{heads}</tr>{rows}</table>", language)


def _blocks(groups: list[Group], language: Language) -> str:
    def one(group: Group) -> str:
        text = group.shown.text
        held = word("held_by", language, count=f"{group.count:,}")
        return (
            f"<details><summary>{_title(group.shown, language)} <small>{safe(held)}</small>"
            f"</summary>{_others(group, language)}"
            f'<div class="text">{safe(text[:_BLOCK_CHARS])}{_cut(text, _BLOCK_CHARS, language)}'
            "</div></details>"
        )

    return _section("blocks", _listed(map(one, groups), len(groups), language), language)


def _families(groups: list[Group], language: Language) -> str:
    def one(group: Group) -> str:
        copies = word("copies", language, count=f"{group.count:,}")
        return (
            f"<details><summary>{_title(group.shown, language)} <small>{_where(group.shown)} · "
            f"{safe(copies)}</small></summary>{_others(group, language)}</details>"
        )

    note = f'<p class="note">{safe(word("families_note", language))}</p>' if groups else ""
    return _section("families", note + _listed(map(one, groups), len(groups), language), language)


def _examples(articles: list[Article], language: Language) -> str:
    if not articles:
        return ""
    note = word("examples_note", language, count=len(articles), chars=f"{_EXAMPLE_CHARS:,}")
    body = "".join(
        _example(article, language, is_open=number == 0) for number, article in enumerate(articles)
    )
    return _section("examples", f'<p class="note">{safe(note)}</p>{body}', language)


def _example(article: Article, language: Language, *, is_open: bool) -> str:
    before, after = marked(article, _EXAMPLE_CHARS)
    kinds = Counter(one.kind for one in article.repairs)
    counts = " · ".join(
        f"{kind_word(kind, language)} {count:,}" for kind, count in kinds.most_common()
    )
    left = len(article.unrepaired)
    warn = f'<b class="warn">{safe(word("damage_left", language, count=left))}</b>' if left else ""
    dropped = "".join(
        f'<li><span class="tag">{safe(kind_word(one.kind, language))}</span> '
        f"<del>{safe(one.text[:200])}{'…' if len(one.text) > 200 else ''}</del></li>"
        for one in article.dropped[:_LISTED]
    ) + _more(len(article.dropped) - _LISTED, language)
    taken = f'<h4>{safe(word("taken_out", language))}</h4><ul class="dropped">{dropped}</ul>'
    cut = _cut(article.text, _EXAMPLE_CHARS, language)
    return (
        f"<details{' open' if is_open else ''}><summary>{_title(article, language)} "
        f"<small>{safe(counts)}</small> {warn}</summary>"
        f'<p class="path">{_where(article)} {safe(article.path)}</p>'
        f"{taken if article.dropped else ''}"
        f'<div class="pair"><div><h4>{safe(word("before", language))}</h4>'
        f'<div class="text">{before}{cut}</div></div>'
        f"<div><h4>{safe(word('after', language))}</h4>"
        f'<div class="text">{after}{cut}</div></div></div></details>'
    )


def _counts(key: str, counts: Counter[str], language: Language, *, by_name: bool) -> str:
    known = Counter({name: count for name, count in counts.items() if name})
    shown = known.most_common(_LISTED)
    if by_name:
        shown = sorted(known.items())[-2 * _LISTED :]
    most = max(counts.values(), default=1)
    rows = [(name, count) for name, count in shown]
    if counts[""]:
        rows.append((word("unknown", language), counts[""]))
    body = "".join(
        f'<tr><td>{safe(name)}<div class="meter"><i style="width:{100 * count / most:.2f}%"></i>'
        f"</div></td><td>{count:,}</td></tr>"
        for name, count in rows
    )
    more = _more(len(known) - len(shown), language)
    return f"<section>{_head(key, language)}<table>{body}</table><ul>{more}</ul></section>"


def _others(group: Group, language: Language) -> str:
    shown = group.others[:_HOLDERS]
    items = "".join(
        f"<li>{_title(one, language)} <small>{_where(one)}</small></li>" for one in shown
    )
    return f"<ul>{items}{_more(group.count - len(shown), language)}</ul>"


def _title(article: Article, language: Language) -> str:
    title = one_line(article.title or "") or word("untitled", language)
    link = article.url or ""
    if is_link(link):
        return f'<a href="{safe(link)}" rel="noreferrer noopener">{safe(title)}</a>'
    return f'<span class="title">{safe(title)}</span>'


def _where(article: Article) -> str:
    return " · ".join(safe(part) for part in (article.site, article.published) if part)


def _listed(items: Iterable[str], count: int, language: Language) -> str:
    if not count:
        return _nothing(language)
    shown = [item for item, _ in zip(items, range(_GROUPS), strict=False)]
    return "".join(shown) + f"<ul>{_more(count - len(shown), language)}</ul>"


def _section(key: str, body: str, language: Language) -> str:
    return f"<section>{_head(key, language)}{body}</section>"


def _head(key: str, language: Language) -> str:
    return f"<h2>{safe(word(key, language))}</h2>"


def _nothing(language: Language) -> str:
    return f'<p class="note">{safe(word("none", language))}</p>'


def _more(count: int, language: Language) -> str:
    return (
        f'<li class="note">{safe(word("more", language, count=f"{count:,}"))}</li>'
        if count > 0
        else ""
    )


def _cut(text: str, most: int, language: Language) -> str:
    rest = len(text) - most
    return (
        f'<p class="note">{safe(word("cut_here", language, count=f"{rest:,}"))}</p>'
        if rest > 0
        else ""
    )
