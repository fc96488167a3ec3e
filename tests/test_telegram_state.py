from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.telegram.remembered import Asked, ChatSettings
from bot.telegram.replies import Votes
from bot.telegram.schema import MIGRATIONS, StateError
from bot.telegram.state import State
from bot.telegram.statistics import statistics

DAY = 86400.0
PERSON = 9_876_543_210


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "bot.sqlite"


@pytest.fixture
def state(path: Path) -> Iterator[State]:
    opened = State(path)
    yield opened
    opened.close()


def ask(
    state: State,
    person: int = PERSON,
    *,
    key: str = "k",
    update: int = 1,
    answered: bool = True,
    ms: float = 1.0,
    question: str = "问",
    now: float = 0.0,
    before: str | None = None,
    quoted: int | None = None,
) -> None:
    """A question and its answer; one after another holds words of it."""
    asked = Asked(key, update, person, person, 5, 6, question, "{}", answered, ms, now)
    leaning = {"before": before, "leans": before is not None, "quoted": quoted}
    state.finish(replace(asked, **leaning))  # type: ignore[arg-type]


def read(path: Path) -> bytes:
    """Everything the state has written anywhere."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def vote(state: State, person: int, value: int, key: str = "k") -> tuple[bool, Votes]:
    return state.vote(
        key, person, value, question="问", passages="[]", generation="gen-000001", now=0.0
    )


def test_what_a_chat_chose_is_there_after_a_restart(path: Path) -> None:
    first = State(path)
    assert first.chat(1) == ChatSettings()
    first.set_chat(1, ChatSettings("hant", "source"))
    first.close()
    second = State(path)
    assert second.chat(1) == ChatSettings("hant", "source")
    assert second.chat(2) == ChatSettings()
    second.close()


def test_buttons_work_in_their_own_chat_only(state: State) -> None:
    ask(state)
    kept = state.kept("k", PERSON)
    assert kept is not None and (kept.question, kept.reply) == ("问", 6)
    assert state.kept("k", -5) is None
    assert state.kept("other", PERSON) is None
    answered = state.answer_to(PERSON, 5)
    assert answered is not None and answered.key == "k"
    assert state.answer_to(PERSON, 4) is None
    state.keep_article("link", chat=1, person=1, article="a1", now=0.0)
    opened = state.kept("link", 1)
    assert opened is not None and (opened.kind, opened.body) == ("article", "a1")


def test_one_changeable_vote_per_person(state: State) -> None:
    assert vote(state, 1, 1) == (True, Votes(1, 0))
    assert vote(state, 2, 1) == (True, Votes(2, 0))
    assert vote(state, 1, -1) == (True, Votes(1, 1))
    assert vote(state, 1, -1) == (False, Votes(1, 0))


def test_forgetting_leaves_nothing_of_a_person(state: State, path: Path) -> None:
    ask(state, answered=False, question="秘密的问题")
    ask(state, 2, key="other")
    state.set_chat(PERSON, ChatSettings("en"))
    vote(state, PERSON, 1)
    assert state.forget(PERSON) == 3
    assert state.kept("k", PERSON) is None and state.chat(PERSON) == ChatSettings()
    assert state.votes("k") == Votes()
    assert state.kept("other", 2) is not None
    assert "秘密的问题".encode() not in read(path)


def test_forgetting_takes_a_persons_words_from_what_others_asked(state: State, path: Path) -> None:
    secret = "秘密的问题".encode()
    ask(state, key="a", question="秘密的问题")
    ask(state, 2, key="b", before="a", answered=False, question="秘密的问题 · 那明天呢")
    ask(state, 3, key="c", before="b", question="秘密的问题 · 谁说的")
    ask(state, 4, key="d", quoted=PERSON, answered=False, question="秘密的问题")
    ask(state, 2, key="own", question="别的问题")
    state.vote("a", 5, 1, question="秘密的问题", passages="[]", generation="g", now=9 * DAY)
    # Times goes over some of it first: whose words the rest holds is still known.
    state.purge(1.0, 9 * DAY)
    assert secret in read(path)
    state.forget(PERSON)
    assert secret not in read(path)
    assert state.votes("a") == Votes(1, 0), "that somebody voted is his own affair"


def test_forgetting_leaves_what_holds_no_word_of_the_person(state: State) -> None:
    ask(state, key="a")
    ask(state, 2, key="b", before="a")
    ask(state, 2, key="own")
    ask(state, 3, key="c", before="b")
    assert state.forget(3) == 2
    assert [state.answer(key) is not None for key in "abc"] == [True, True, False]
    state.forget(PERSON)
    assert [state.answer(key) is not None for key in ("a", "b", "own")] == [False, False, True]
    assert state.last_answer(2, None, 2, 0.0) == state.answer("own")
    state.purge(DAY, DAY)
    assert state.rows("SELECT * FROM words") == []


def test_forgetting_takes_what_nobody_has_answered_yet(state: State) -> None:
    for number, person in enumerate((PERSON, 2), start=1):
        asked = {"update_id": number, "message": {"from": {"id": person}, "text": "问"}}
        state.begin({number: json.dumps(asked)}, 0.0)
    state.begin({3: json.dumps({"update_id": 3, "edited_message": {"from": {"id": PERSON}}})}, 0.0)
    state.forget(PERSON)
    assert [json.loads(body)["update_id"] for body in state.unfinished()] == [2]


def test_no_file_holds_a_persons_id(state: State, path: Path) -> None:
    ask(state)
    vote(state, PERSON, 1)
    state.set_chat(PERSON, ChatSettings("en"))
    assert str(PERSON).encode() not in read(path)
    for (column,) in state.rows("SELECT person FROM answers UNION SELECT person FROM asked"):
        assert column == state.hashed(PERSON)


def test_the_files_are_the_owners(state: State, path: Path) -> None:
    files = {path, path.with_suffix(".salt"), *path.parent.iterdir()}
    assert len(files) == 4, "the database, its log and index, the salt"
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_bots_salt_differently(state: State, tmp_path: Path) -> None:
    other = State(tmp_path / "other.sqlite")
    assert other.hashed(1) != state.hashed(1)
    other.close()


def test_what_is_old_goes(state: State) -> None:
    ask(state, key="old", now=0.0)
    ask(state, key="new", now=10 * DAY)
    state.purge(5 * DAY, 10 * DAY)
    assert state.kept("old", PERSON) is None and state.kept("new", PERSON) is not None


def test_the_journal_gives_back_what_was_not_finished(state: State) -> None:
    assert state.begin({1: "one"}, 0.0) == {1} and state.begin({1: "one", 2: "two"}, 1.0) == {2}
    ask(state, PERSON, update=1)
    assert state.unfinished() == ["two"]
    assert not state.begin({1: "one"}, 2.0), "Telegram sends again what it had no time to confirm"
    assert state.begin({1: "another with that number"}, 9.0)
    assert state.unfinished() == ["two", "another with that number"]


def test_an_update_that_ends_the_program_is_given_up(state: State) -> None:
    state.begin({1: "poison"}, 0.0)
    assert [state.unfinished() for _ in range(101)] == [["poison"]] * 100 + [[]]


def test_the_log_is_tidied_beside_the_work_and_not_by_it(state: State, path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    for number in range(300):
        state.begin({number: "文" * 4000}, 0.0)
    assert log.stat().st_size > 4_000_000, "more than the library would let stand"
    before = path.stat().st_size
    state.tidy()
    assert path.stat().st_size > before
    size = log.stat().st_size
    state.begin({1000: "文"}, 0.0)
    assert log.stat().st_size == size, "the log begins anew"


def test_the_journal_forgets_numbers_in_time(state: State) -> None:
    state.begin({1: "one"}, 0.0)
    state.begin({2: "unfinished"}, 0.0)
    state.done(1)
    state.purge(0.0, 3 * DAY)
    assert state.begin({1: "one"}, 3 * DAY)
    state.done(1)
    state.begin({200_000: "a flood later"}, 3 * DAY)
    state.purge(0.0, 3 * DAY)
    assert state.begin({1: "one"}, 3 * DAY)
    assert "unfinished" in state.unfinished()


def test_migrations_run_once_each(path: Path) -> None:
    State(path).close()
    State(path).close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    db.close()


def test_answers_of_the_first_version_are_still_there(path: Path) -> None:
    path.parent.mkdir()
    path.with_suffix(".salt").write_bytes(b"s" * 32)
    old = sqlite3.connect(path)
    old.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1")
    old.close()
    state = State(path)
    chat = state.hashed(1)
    state.close()
    old = sqlite3.connect(path)
    old.execute(
        "INSERT INTO answers (key, kind, chat, person, asked, reply, question, body, created)"
        " VALUES ('k', 'answer', ?, ?, 5, 6, '问', '{}', 0)",
        (chat, chat),
    )
    old.commit()
    old.close()
    state = State(path)
    kept = state.answer_in(1, 6)
    assert kept is not None and (kept.question, kept.before) == ("问", None)
    assert state.last_answer(1, None, 1, 0.0) is None
    state.forget(1)
    assert state.answer_in(1, 6) is None
    state.close()


def test_words_that_nobody_is_known_for_go_with_the_second_version(path: Path) -> None:
    path.parent.mkdir()
    path.with_suffix(".salt").write_bytes(b"s" * 32)
    old = sqlite3.connect(path)
    old.executescript(f"{MIGRATIONS[0]}; {MIGRATIONS[1]}; PRAGMA user_version = 2")
    old.executescript(
        """
        INSERT INTO answers VALUES ('a', 'answer', 'x', 'x', 1, 2, '问', '{}', 0, '');
        INSERT INTO answers VALUES ('b', 'answer', 'x', 'y', 3, 4, '那', '{"其中": "问"}', 0, '{}');
        INSERT INTO exchanges VALUES ('x', 0, 'y', 3, '{"subject": "问"}', 0);
        INSERT INTO votes VALUES ('a', 'y', 1, '问', '[]', 'g', 0);
        INSERT INTO votes VALUES ('gone', 'y', 1, '不知是谁问的', '[]', 'g', 0);
        """
    )
    old.close()
    state = State(path)
    assert state.answer("a") is not None and state.answer("b") is None
    assert state.rows("SELECT key, question FROM votes ORDER BY key") == [("a", "问"), ("gone", "")]
    assert state.rows("SELECT * FROM words") == [("a", "x")]
    state.close()


def test_a_later_version_is_refused(path: Path) -> None:
    State(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StateError, match="version 99"):
        State(path)


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to look like one" * 20)
    with pytest.raises(StateError, match="cannot be used"):
        State(path)


def test_statistics_count_shares_times_and_unanswered(state: State) -> None:
    for number in range(8):
        ask(state, number, answered=number < 6, ms=10.0 * number, question="水怪", now=DAY * number)
    ask(state, 1, answered=False, question="别的", now=7 * DAY)
    vote(state, 1, 1)
    found = statistics(state, 0.0)
    assert (found.questions, found.answered, found.up, found.down) == (9, 6, 1, 0)
    assert (found.p50, found.p95) == (30.0, 70.0)
    assert found.unanswered == (("水怪", 2), ("别的", 1))
    assert found.days[0] == ("1970-01-08", 2)
    assert statistics(state, 7 * DAY).questions == 2
    assert statistics(state, 99 * DAY).p95 == 0.0
