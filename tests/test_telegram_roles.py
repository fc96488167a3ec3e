from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.dispatch import BUTTONS, MESSAGES
from bot.telegram.roles import ANONYMOUS_ADMIN, ROLES, Access, Kind

KINDS: tuple[Kind, ...] = ("private", "group", "channel", "inline")
ADMIN_ONLY = {"stats", "index", "add", "button:index"}
IDS = st.integers(-6, 6).filter(bool)
LISTS = st.frozensets(IDS, max_size=4)


def test_every_handler_is_in_the_table_and_every_row_has_one() -> None:
    assert {*MESSAGES, *BUTTONS, "add", "inline"} == set(ROLES)


def test_admin_commands_are_the_admins() -> None:
    assert {action for action, role in ROLES.items() if role == "admin"} == ADMIN_ONLY


@given(LISTS, LISTS, LISTS, st.sampled_from([*ROLES, "made up"]), IDS, IDS, st.sampled_from(KINDS))
def test_the_rules_in_words(
    admins: frozenset[int],
    allowed: frozenset[int],
    denied: frozenset[int],
    action: str,
    person: int,
    chat: int,
    kind: Kind,
) -> None:
    access = Access(admins, allowed, denied)
    may = access.may(action, person=person, chat=chat, kind=kind)
    if action not in ROLES or kind == "channel" or person in denied or chat in denied:
        assert not may
    elif person in admins and person > 0:
        assert may
    elif action in ADMIN_ONLY:
        assert not may
    else:
        listed = person in allowed or (kind == "group" and chat in allowed)
        assert may == (listed or not allowed)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_not_somebody(kind: Kind) -> None:
    assert not Access().may("ask", person=None, chat=1, kind=kind)


def test_an_anonymous_admin_of_a_group_is_no_admin_of_the_bot() -> None:
    access = Access(admins=frozenset({ANONYMOUS_ADMIN}))
    assert not access.is_admin(ANONYMOUS_ADMIN)
    assert not access.is_admin(None)
    assert not access.may("stats", person=ANONYMOUS_ADMIN, chat=-1, kind="group")
    assert not Access(admins=frozenset({-1})).may("stats", person=-1, chat=-1, kind="group")
    assert access.may("ask", person=-1, chat=-1, kind="group")


def test_a_group_lets_in_its_members_but_not_elsewhere() -> None:
    access = Access(allowed=frozenset({-5}))
    assert access.may("ask", person=7, chat=-5, kind="group")
    assert not access.may("ask", person=7, chat=-6, kind="group")
    assert not access.may("ask", person=7, chat=7, kind="private")
    assert not access.may("inline", person=7, chat=None, kind="inline")
