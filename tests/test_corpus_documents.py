"""PDF and Word files."""

from __future__ import annotations

import builtins
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from corpus import Notice
from tests.written_files import BODY, failure, read, read_one


def test_a_pdf(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    stream = io.BytesIO()
    writer.write(stream)
    assert "password" in failure(tmp_path / "b.pdf", stream.getvalue())
    article = read_one(tmp_path / "a.pdf", _pdf("Refund within seven days. Ask 12315."))
    assert "Refund within seven days." in article.text


def test_a_pdf_of_pictures_is_said_to_hold_no_text(tmp_path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Title": "扫描的公告"})
    stream = io.BytesIO()
    writer.write(stream)
    (found,) = read(tmp_path / "a.pdf", stream.getvalue())
    assert isinstance(found, Notice) and found.article is not None
    assert "only pictures" in found.reason and found.article.title == "扫描的公告"


def _pdf(text: str) -> bytes:
    """Return the smallest PDF that shows a line of text."""
    content = f"BT /F1 12 Tf 20 700 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(content)}>>\nstream\n{content}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(data)
    data += f"xref\n0 6\n0000000000 65535 f \n{table}"
    data += f"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    return data.encode("ascii")


def test_a_word_file(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.core_properties.title = "退货指南"
    document.add_heading("怎么退", 1)
    document.add_paragraph(BODY)
    document.add_table(1, 2).rows[0].cells[1].text = "七天"
    document.save(str(tmp_path / "made.docx"))
    article = read_one(tmp_path / "a.docx", (tmp_path / "made.docx").read_bytes())
    assert article.title == "退货指南"
    assert article.text.startswith(f"怎么退\n\n{BODY}")
    assert article.text.endswith("| 七天")


def test_a_word_file_that_gives_no_title_has_that_of_its_text(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("婴儿推车召回公告")
    document.add_paragraph(BODY)
    document.save(str(tmp_path / "made.docx"))
    bare = io.BytesIO()
    with (
        zipfile.ZipFile(tmp_path / "made.docx") as made,
        zipfile.ZipFile(bare, "w") as archive,
    ):
        for name in made.namelist():
            content = made.read(name)
            if name == "_rels/.rels":
                content = re.sub(rb"<Relationship [^>]*core-properties[^>]*/>", b"", content)
            if name != "docProps/core.xml":
                archive.writestr(name, content)
    assert read_one(tmp_path / "a.docx", bare.getvalue()).title == "婴儿推车召回公告"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    pytest.importorskip("docx")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.xml", bytes(60 << 20))
    assert "far too much" in failure(tmp_path / "a.docx", stream.getvalue())


@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_without_the_extra_one_command_is_named(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(
        module: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if module in {"pypdf", "docx"}:
            raise ImportError(module)
        return real(module, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install 'xunzhang[documents]'" in failure(tmp_path / name, b"x")
