from __future__ import annotations

import codecs
import random

import pytest

from corpus.encodings import decode, readability
from corpus.errors import ArticleEncodingError
from tests.conftest import SHARED

HANS = (
    "消费者在网上买的外套不合身，七天之内可以退回，运费由自己承担。商家收到以后应当把钱退给消费者。"
)
HANT = (
    "消費者在網上買的外套不合身，七天之內可以退回，運費由自己承擔。商家收到以後應當把錢退給消費者。"
)
HEADLINES_HANS = ["空调抽检三成不合格需整改", "手机电池召回名单公布", "快递丢了谁来赔偿？"]
HEADLINES_HANT = [
    "冷氣抽檢三成不合格須改善",
    "手機電池召回名單公布",
    "快遞丟了誰來賠償？",
    "香港消委會收到投訴",
]


@pytest.mark.parametrize("text", [HANS, *HEADLINES_HANS])
@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-16", "utf-32"])
def test_simplified(text: str, encoding: str) -> None:
    found, name = decode(text.encode(encoding))
    assert found == text
    assert codecs.lookup(name).name in {encoding, "gb18030"}


@pytest.mark.parametrize("text", [HANT, *HEADLINES_HANT])
@pytest.mark.parametrize("encoding", ["big5", "cp950", "big5hkscs"])
def test_traditional_in_big5(text: str, encoding: str) -> None:
    found, name = decode(text.encode(encoding))
    assert found == text
    assert name in {"big5hkscs", "cp950"}


@pytest.mark.parametrize("text", [HANT, *HEADLINES_HANT])
def test_traditional_in_gbk(text: str) -> None:
    assert decode(text.encode("gbk")) == (text, "gb18030")


def test_cantonese_with_hong_kong_characters() -> None:
    text = "佢哋話啲貨唔啱，喺舖頭度退咗錢，冇收到單據嘅就要再問下。"
    assert decode(text.encode("big5hkscs")) == (text, "big5hkscs")


def test_byte_order_marks_are_no_text() -> None:
    assert decode(codecs.BOM_UTF8 + HANS.encode()) == (HANS, "utf-8-sig")
    assert decode(HANT.encode("utf-16")) == (HANT, "utf-16")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    text = f"{HANS}\n{HANT} 12315\n"
    assert decode(text.encode(encoding)) == (text, encoding)


def test_a_false_claim_is_not_believed() -> None:
    assert decode(HANT.encode("big5"), "gb2312") == (HANT, "big5hkscs")
    assert decode(HANS.encode("gbk"), "big5") == (HANS, "gb18030")
    assert decode(HANS.encode("gbk"), "no-such-code") == (HANS, "gb18030")
    assert decode(HANS.encode(), "gbk") == (HANS, "utf-8")


def test_gbk_that_happens_to_be_utf8() -> None:
    word = "全全"  # its bytes are valid UTF-8, and Latin letters there
    assert word.encode("gbk").decode("utf-8") != word
    assert decode(word.encode("gbk"))[0] == word


def test_a_page_cut_in_mid_character_is_read() -> None:
    text, encoding = decode((HANS * 3).encode()[:-1])
    assert (text.count("\ufffd"), encoding) == (1, "utf-8")
    text, encoding = decode((HANS * 3).encode("gbk")[:-1])
    assert (text[:20], encoding) == (HANS[:20], "gb18030")


def test_western_text() -> None:
    text = "The seller’s café refunds the price – within 7 days. " * 5
    assert decode(text.encode("cp1252"))[0].count("seller") == 5


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
        (b"PK\x03\x04" + bytes(300), "ZIP"),
        (b"%PDF-1.7\n", "PDF"),
        (bytes(range(256)) * 40, "control bytes"),
        (random.Random(7).randbytes(4000), "not text"),
        (bytes(range(128, 256)) * 40, "readable"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(data: bytes, told: str) -> None:
    with pytest.raises(ArticleEncodingError, match=told) as caught:
        decode(data)
    assert "\n" not in str(caught.value)


def test_readability_orders_right_before_wrong() -> None:
    for text, right, wrong in ((HANT, "big5", "gb18030"), (HANS, "gbk", "big5hkscs")):
        data = text.encode(right)
        assert readability(text) > 0.5 > 0 > readability(data.decode(wrong, "replace"))
    assert readability("plain ASCII") == 0


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the articles in ../shared")
def test_the_users_articles_in_gbk() -> None:
    for path in sorted((SHARED / "articles").glob("*.txt")):
        text = path.read_bytes().decode("utf-8")
        assert decode(text.encode("gb18030")) == (text, "gb18030")
