from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from corpus import fold
from retrieval import Searcher, build_index
from retrieval.synonyms import SHIPPED, Synonyms, SynonymsError, Thesaurus
from tests.fakes import HashEncoder


def own(folder: Path, text: str) -> Path:
    path = folder / "words.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_is_sound_and_large_enough() -> None:
    assert len(Synonyms.read(SHIPPED)) >= 300


def test_a_persons_entries_win_and_the_shipped_stay(tmp_path: Path) -> None:
    path = own(tmp_path, "# 自己的\n退一赔三: 加倍返还\n薅羊毛：优惠活动，规则漏洞  # 全角也行\n")
    synonyms = Thesaurus(path).synonyms()
    assert synonyms.found_in("退一赔三") == {"退一赔三": ("加倍返还",)}
    assert synonyms.found_in(fold("薅羊毛違法嗎")) == {"薅羊毛": ("优惠活动", "规则漏洞")}
    assert synonyms.found_in("消协") == Thesaurus().synonyms().found_in("消协") != {}


@pytest.mark.parametrize("line", ["没有冒号", "只有词:", ": 只有官话", "词: , ,"])
def test_a_bad_line_is_named_with_file_and_line(tmp_path: Path, line: str) -> None:
    path = own(tmp_path, f"甲: 乙\n\n{line}\n")
    with pytest.raises(SynonymsError) as caught:
        Thesaurus(path)
    assert f"{path}:3 is not" in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SynonymsError, match=r"none\.txt cannot be read"):
        Thesaurus(tmp_path / "none.txt")
    path = tmp_path / "gbk.txt"
    path.write_bytes("退货: 退回".encode("gbk"))
    with pytest.raises(SynonymsError, match=r"gbk\.txt is not UTF-8"):
        Thesaurus(path)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = own(tmp_path, "甲乙: 丙丁\n")
    thesaurus = Thesaurus(path)
    assert thesaurus.synonyms() is thesaurus.synonyms()
    own(tmp_path, "甲乙: 戊己庚\n")
    assert thesaurus.synonyms().found_in("甲乙") == {"甲乙": ("戊己庚",)}


def test_a_file_spoilt_later_leaves_the_last_good_entries(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = own(tmp_path, "甲乙: 丙丁\n")
    thesaurus = Thesaurus(path)
    own(tmp_path, "甲乙 丙丁丙丁\n")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert thesaurus.synonyms().found_in("甲乙") == {"甲乙": ("丙丁",)}
    assert len(caplog.records) == 1
    path.unlink()
    assert thesaurus.synonyms().found_in("甲乙") == {"甲乙": ("丙丁",)}


def test_an_answer_says_which_were_used(tmp_path: Path, encoder: HashEncoder) -> None:
    article = {"id": "a", "title": "规则", "text": "优惠活动的规则漏洞由平台承担责任。"}
    archive = tmp_path / "a.jsonl"
    archive.write_text(json.dumps(article), encoding="utf-8")
    build_index([archive], tmp_path / "index", encoder)
    path = own(tmp_path, "呱呱卡: 优惠活动\n")
    with Searcher.open(tmp_path / "index", encoder, synonyms=path) as searcher:
        answer = searcher.answer("呱呱卡怎么办")
        assert answer.explanation["synonyms"] == {"呱呱卡": ("优惠活动",)}
        assert answer.passages[0].evidence["lexical_rank"] == 1
        own(tmp_path, "别的话: 优惠活动\n")
        assert "synonyms" not in searcher.answer("呱呱卡怎么办").explanation


def test_an_everyday_word_that_stands_nowhere_is_asked_for_in_official_ones(
    tmp_path: Path, encoder: HashEncoder
) -> None:
    texts = {
        "规则": "优惠活动的规则漏洞由平台承担责任。",
        "池塘": "青蛙呱呱叫，一张卡片掉进了池塘。",
    }
    lines = [json.dumps({"id": title, "title": title, "text": texts[title]}) for title in texts]
    archive = tmp_path / "a.jsonl"
    archive.write_text("\n".join(lines), encoding="utf-8")
    build_index([archive], tmp_path / "index", encoder)
    path = own(tmp_path, "呱呱卡: 积分换礼, 优惠活动\n")
    with Searcher.open(tmp_path / "index", encoder, synonyms=path) as searcher:
        first = searcher.answer("呱呱卡怎么办").passages[0]
        assert (first.article.id, first.evidence["whole"]) == ("规则", 1.0)
        assert first.quote is not None
        # One that stands there is asked for as it is.
        own(tmp_path, "卡片: 优惠活动\n")
        assert searcher.answer("卡片怎么办").passages[0].article.id == "池塘"


def test_the_command_line_says_so_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = own(tmp_path, "没有冒号\n")
    monkeypatch.setenv("XUNZHANG_SYNONYMS", str(path))
    result = CliRunner().invoke(main, ["ask", "退货"])
    assert result.exit_code == 1
    assert f"{path}:1 is not" in result.stderr
    assert "Traceback" not in result.stderr


def test_why_shows_everyday_and_official_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUNZHANG_SYNONYMS", str(own(tmp_path, "薅羊毛: 优惠活动, 退货\n")))
    result = CliRunner().invoke(main, ["ask", "--explain", "薅羊毛"])
    assert "同义词 薅羊毛 → 优惠活动 退货" in result.stdout
