"""The bot's menu of commands and its description, set where they differ from what is there."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.telegram.wording import tell
from bot.wording import Language

logger = logging.getLogger(__name__)

_PRIVATE = ("ask", "help", "lang", "settings", "new", "about", "privacy", "forget")
_GROUP = ("ask", "help", "lang", "settings", "new", "about")
_ADMIN = (*_PRIVATE, "stats", "index", "add")
# Telegram takes two letters: 简 and 繁 have to share one menu.
_LANGUAGES: tuple[tuple[str, Language], ...] = (("", "en"), ("zh", "hans"))


async def set_menus(bot: Bot, admins: frozenset[int]) -> int:
    """Set menus and descriptions that are not as they should be; returns how many that were.

    A failure is a line in the log: a bot without a menu is still a bot.
    """
    changed = 0
    for code, language in _LANGUAGES:
        for scope, names in _scopes(admins):
            try:
                changed += await _set_menu(bot, scope, names, code, language)
            except TelegramError as error:
                logger.warning("the menu of commands could not be set: %s", error)
        try:
            changed += await _set_descriptions(bot, code, language)
        except TelegramError as error:
            logger.warning("the bot's description could not be set: %s", error)
    return changed


def _scopes(admins: frozenset[int]) -> Iterator[tuple[BotCommandScope, tuple[str, ...]]]:
    yield BotCommandScopeAllPrivateChats(), _PRIVATE
    yield BotCommandScopeAllGroupChats(), _GROUP
    for admin in sorted(one for one in admins if one > 0):
        yield BotCommandScopeChat(admin), _ADMIN


async def _set_menu(
    bot: Bot, scope: BotCommandScope, names: tuple[str, ...], code: str, language: Language
) -> bool:
    wanted = tuple(BotCommand(name, tell(f"menu_{name}", language)) for name in names)
    if tuple(await bot.get_my_commands(scope, code or None)) == wanted:
        return False
    return await bot.set_my_commands(wanted, scope, code or None)


async def _set_descriptions(bot: Bot, code: str, language: Language) -> int:
    changed = 0
    long, short = tell("describe", language), tell("describe_short", language)
    if (await bot.get_my_description(code or None)).description != long:
        changed += await bot.set_my_description(long, code or None)
    if (await bot.get_my_short_description(code or None)).short_description != short:
        changed += await bot.set_my_short_description(short, code or None)
    return changed
