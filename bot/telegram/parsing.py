"""What a message asks for. Pure: the library's objects are turned into `Incoming` elsewhere."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.manners import manner_of
from bot.telegram.roles import Kind

COMMANDS = (
    "start", "help", "ask", "lang", "settings", "new", "about", "privacy", "forget",
    "stats", "index", "add",
)  # fmt: skip

# Telegram's commands are Latin; these are understood where they are the whole message.
_WORDS = {
    "start": "开始 開始",
    "help": "帮助 幫助 说明 說明 使用说明 使用說明",
    "lang": "语言 語言",
    "settings": "设置 设定 設定 設置",
    "new": "新话题 新話題 重新开始 重新開始",
    "about": "关于 關於",
    "privacy": "隐私 隱私",
    "forget": "忘记我 忘記我 删除我的数据 刪除我的資料",
}
_WORD_COMMANDS = {word: command for command, words in _WORDS.items() for word in words.split()}
# These take what follows as their argument.
_PREFIXES = ("搜索", "搜尋", "查询", "查詢", "提问", "提問")
_COMMAND = re.compile(r"[/／]([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention in a text; offset and length in UTF-16 units, as Telegram gives them."""

    offset: int
    length: int
    person: int | None = None
    """Whom it means, where the text does not say."""


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as the bot sees it."""

    chat: int
    kind: Kind
    message: int
    person: int | None
    """None for a sender that is no person: a channel, another bot; the group's id for its
    anonymous admins."""
    text: str = ""
    mentions: tuple[Mention, ...] = ()
    code: str | None = None
    """The client's `language_code`."""
    thread: int | None = None
    reply_text: str | None = None
    """Text it replies to: of a message, or the part of it that was picked out."""
    reply_to_me: bool = False
    replied: int | None = None
    """Id of the message it replies to."""
    replied_person: int | None = None
    """Who wrote that."""
    forwarded: bool = False
    document: bool = False
    """It, or with `/add` the message it replies to, holds a file."""
    album: str | None = None
    """What it has in common with the other pictures that were sent with it."""
    edited: bool = False
    update: int = 0
    """Number of the update that brought it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to do, as `roles.ROLES` names it, and with what."""

    action: str
    text: str = ""


def read(incoming: Incoming, me: Me, *, admin: bool = False) -> Request | None:
    """Return what a message asks for; None where it is none of the bot's business.

    In groups that is everything but a command, a mention and a reply to the bot.
    """
    if incoming.person is None or incoming.kind in ("channel", "inline"):
        return None
    text = incoming.text.strip()
    command = _COMMAND.match(text)
    if command:
        if command[2] and command[2].lower() != me.username.lower():
            return None
        rest = text[command.end() :].strip()
        return _edited(_command(command[1].lower(), rest, incoming), incoming)
    text, mentioned = without_mention(incoming.text, incoming.mentions, me)
    if incoming.kind == "group" and not (mentioned or incoming.reply_to_me):
        return None
    if incoming.kind == "private" and admin and (incoming.document or _is_article(incoming)):
        return Request("add", text) if not incoming.edited else None
    if mentioned and not text and (quoted := _quoted(incoming)):
        return _edited(Request("ask", quoted), incoming)
    word = unicodedata.normalize("NFKC", text).strip().lower().lstrip("/")
    if word in _WORD_COMMANDS:
        return _edited(Request(_WORD_COMMANDS[word]), incoming)
    if not text:
        return Request("help" if mentioned else "hint") if not incoming.edited else None
    if manner := manner_of(text):
        return _edited(Request("manners", manner), incoming)
    if not any(map(str.isalnum, text)):
        heard = mentioned or incoming.kind == "private"
        return _edited(Request("hint"), incoming) if heard else None
    return _edited(Request("ask", _without_prefix(text)), incoming)


def without_mention(text: str, mentions: tuple[Mention, ...], me: Me) -> tuple[str, bool]:
    """Return the text without the first mention of the bot, and whether there was one.

    >>> without_mention("𠮷 @Bot 怎么退货", (Mention(3, 4),), Me(1, "bot"))
    ('𠮷 怎么退货', True)
    """
    data = text.encode("utf-16-le", "surrogatepass")
    for mention in mentions:
        start, end = 2 * mention.offset, 2 * (mention.offset + mention.length)
        named = data[start:end].decode("utf-16-le", "replace").lower()
        if mention.person == me.id or named == f"@{me.username.lower()}":
            kept = (data[:start] + data[end:]).decode("utf-16-le", "replace")
            # Of the blanks on its two sides one is enough.
            return kept.replace("  ", " ").strip(), True
    return text.strip(), False


def _command(name: str, rest: str, incoming: Incoming) -> Request | None:
    if name == "ask":
        asked = rest or _quoted(incoming)
        return Request("ask", asked) if asked else Request("hint")
    if name in COMMANDS:
        return Request(name, rest)
    # Another bot of the group may know it.
    return Request("unknown", name) if incoming.kind == "private" else None


def _quoted(incoming: Incoming) -> str:
    """Return what somebody said whom a message replies to; what the bot has said is no question."""
    return "" if incoming.reply_to_me else (incoming.reply_text or "").strip()


def _edited(request: Request | None, incoming: Incoming) -> Request | None:
    if request is None or not incoming.edited:
        return request
    return Request("edit", request.text) if request.action == "ask" else None


def _is_article(incoming: Incoming) -> bool:
    """Tell a forwarded article from a forwarded question."""
    return incoming.forwarded and len(incoming.text) >= 100


def _without_prefix(text: str) -> str:
    for prefix in _PREFIXES:
        rest = text.removeprefix(prefix)
        if rest != text and rest[:1] in (" ", "：", ":", "　") and rest.strip(" ：:　"):
            return rest.strip(" ：:　")
    return text
