import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwrisk.attachments import rules
from hwrisk.errors import BadFile
from tests.attachments import samples


def told(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    return rules.media_type_of(path)


@pytest.mark.parametrize(
    "name", ["PDF", "PNG", "JPEG", "WEBP", "HEIC", "MP4", "TIFF", "DWG", "OLE", "DOCX", "XLSX", "PPTX", "OFD", "TEXT"]
)
def test_every_kind_is_told_by_its_content(tmp_path, name):
    assert told(tmp_path, getattr(samples, name)) is getattr(rules, name)


def test_every_kind_that_is_taken_is_tested():
    tested = {getattr(rules, name) for name in dir(samples) if name.isupper()}
    assert set(rules.MEDIA_TYPES) <= tested


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空文件"),
        (b"MZ\x90\x00", "不支持"),
        (b"\x7fELF\x02", "不支持"),
        (b"#!/bin/sh\nrm -rf /\n", "不支持"),
        (b"  \r\n<html><script>alert(1)</script>", "不支持"),
        (b"\xef\xbb\xbf<svg onload='x'/>", "不支持"),
        (b"%!PS-Adobe", "不支持"),
        (b"text\x00with nul", "不支持"),
        (b"\x00\x00\x00\x18ftypqt  ", "不支持"),
        (samples.package("a.txt"), "压缩包"),
        (samples.package("xl/workbook.xml", "xl/vbaProject.bin"), "宏"),
        (samples.XLSX[:-30], "损坏"),
        (b"PK\x03\x04" + b"\x00" * 100, "损坏"),
        (samples.XLSX[:-10] + struct.pack("<L", 0xFFFFFFFF) + samples.XLSX[-6:], "损坏"),
        # A list of members said to be larger than any document has.
        (samples.XLSX[:-10] + samples.XLSX[-10:-6] + b"PK\x05\x06" + b"\xff" * 18, "损坏"),
    ],
)
def test_what_is_refused_and_why(tmp_path, content, message):
    with pytest.raises(BadFile, match=message):
        told(tmp_path, content)


@pytest.mark.parametrize(
    ("name", "media", "expected"),
    [
        ("处置合同.pdf", rules.PDF, "处置合同.pdf"),
        ("处置合同.PDF", rules.PDF, "处置合同.pdf"),
        ("照片.pdf", rules.JPEG, "照片.pdf.jpg"),
        ("照片.jpeg", rules.JPEG, "照片.jpeg"),
        ("C:\\文件\\台账.xlsx", rules.XLSX, "台账.xlsx"),
        ("../../etc/passwd", rules.TEXT, "passwd.txt"),
        ("a\x00b\r\nc\u202egpj.exe", rules.PNG, "abcgpj.exe.png"),
        ("　全角　空格 .pdf", rules.PDF, "全角 空格.pdf"),
        ('a<b>:"c"|?*.txt', rules.TEXT, "a_b___c____.txt"),
        ("", rules.PDF, "附件.pdf"),
        ("...", rules.PDF, "附件.pdf"),
        (".pdf", rules.PDF, "pdf.pdf"),
        ("长" * 300 + ".pdf", rules.PDF, "长" * rules.MAX_NAME + ".pdf"),
    ],
)
def test_names_are_cleaned_and_end_as_the_content_demands(name, media, expected):
    assert rules.clean_name(name, media) == expected


@given(st.text(max_size=300), st.sampled_from(rules.MEDIA_TYPES))
def test_any_name_becomes_a_safe_one(name, media):
    clean = rules.clean_name(name, media)
    assert clean.endswith(media.suffixes)
    assert not set(clean) & set('/\\<>:"|?*\r\n\x00\u202e')
    assert clean == clean.strip()
    assert len(clean) <= 200
    assert rules.clean_name(clean, media) == clean
