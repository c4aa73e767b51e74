"""The PDF file around the pages: fonts as subsets, searchable text, properties."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Any

from hwrisk.clock import local
from hwrisk.reporting.pdf.fonts import EM, Face, Faces, open_face
from hwrisk.resources import late

COMPRESS_LEVEL = 6
_CMAP_BLOCK = 100
_SYMBOLIC = 4
_CMAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_CMAP_TAIL = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"


class PdfFile:
    """A PDF in the making: pages are added as finished content, fonts at the end when all characters are known."""

    def __init__(self, width: float, height: float) -> None:
        self._pydyf = late("pydyf")
        self._pdf = self._pydyf.PDF()
        self._resources = self._pydyf.Dictionary()
        self._pdf.add_object(self._resources)
        self._box = self._pydyf.Array([0, 0, width, height])
        self._pages: list[Any] = []

    @property
    def page_count(self) -> int:
        """Number of pages so far."""
        return len(self._pages)

    def add_page(self, content: str) -> None:
        """Add a page that shows `content`; `finish` adds what needs the number of pages."""
        page = self._pydyf.Dictionary({
            "Type": "/Page", "Parent": self._pdf.pages.reference, "MediaBox": self._box,
            "Resources": self._resources.reference, "Contents": self._pydyf.Array([self._stream(content)]),
        })  # fmt: skip
        self._pages.append(page)

    def finish(self, output: IO[bytes], *, footers: Iterable[str], fonts: Mapping[int, str], faces: Faces) -> None:
        """Write the file: `footers` one a page, `fonts` the characters used of each font in the chain."""
        for page, footer in zip(self._pages, footers, strict=True):
            page["Contents"].append(self._stream(footer))
            self._pdf.add_page(page)
        embedded = {f"F{place}": self._font(open_face(faces.paths[place]), text) for place, text in fonts.items()}
        self._resources["Font"] = self._pydyf.Dictionary(embedded)
        self._pdf.write(output, version=b"1.7", identifier=True)

    def describe(self, *, title: str, author: str, keywords: str, made_at: datetime) -> None:
        """Set the properties of the file; a reader shows the title instead of the file name."""
        text = self._pydyf.String
        self._pdf.info.update({
            "Title": text(title), "Author": text(author), "Keywords": text(keywords), "Producer": text("hwrisk"),
            "CreationDate": text(f"D:{local(made_at):%Y%m%d%H%M%S}+08'00'"),
        })  # fmt: skip
        self._pdf.catalog["Lang"] = text("zh-CN")
        self._pdf.catalog["ViewerPreferences"] = self._pydyf.Dictionary({"DisplayDocTitle": "true"})

    def _stream(self, content: str | bytes, extra: dict[str, Any] | None = None) -> bytes:
        data = content.encode("ascii") if isinstance(content, str) else content
        packed = zlib.compress(data, COMPRESS_LEVEL)
        stream = self._pydyf.Stream([packed], {**(extra or {}), "Filter": "/FlateDecode"})
        self._pdf.add_object(stream)
        return bytes(stream.reference)

    def _font(self, face: Face, text: str) -> bytes:
        chars = _char_by_glyph(face, text)
        name = f"{_tag(text)}+HW{face.path.stem.replace(' ', '')}"
        widths = self._pydyf.Array()
        for gid in sorted(chars):
            widths.extend([gid, self._pydyf.Array([_thousandths(face, face.font.get_glyph_h_advance(gid))])])
        descendant = self._pydyf.Dictionary({
            "Type": "/Font", "Subtype": "/CIDFontType0" if face.is_cff else "/CIDFontType2", "BaseFont": f"/{name}",
            "CIDSystemInfo": self._pydyf.Dictionary({
                "Registry": self._pydyf.String("Adobe"), "Ordering": self._pydyf.String("Identity"), "Supplement": 0,
            }),
            "DW": EM, "W": widths, "FontDescriptor": self._descriptor(face, name, chars),
        })  # fmt: skip
        if not face.is_cff:
            descendant["CIDToGIDMap"] = "/Identity"
        self._pdf.add_object(descendant)
        font = self._pydyf.Dictionary({
            "Type": "/Font", "Subtype": "/Type0", "BaseFont": f"/{name}", "Encoding": "/Identity-H",
            "DescendantFonts": self._pydyf.Array([descendant.reference]),
            "ToUnicode": self._stream(_to_unicode(chars)),
        })  # fmt: skip
        self._pdf.add_object(font)
        return bytes(font.reference)

    def _descriptor(self, face: Face, name: str, chars: Mapping[int, str]) -> bytes:
        extents = face.font.get_font_extents("ltr")
        up, down = _thousandths(face, extents.ascender), _thousandths(face, extents.descender)
        data = subset(face, chars)
        if face.is_cff:
            program = {"FontFile3": self._stream(data, {"Subtype": "/CIDFontType0C"})}
        else:
            program = {"FontFile2": self._stream(data, {"Length1": len(data)})}
        descriptor = self._pydyf.Dictionary({
            "Type": "/FontDescriptor", "FontName": f"/{name}", "Flags": _SYMBOLIC, "ItalicAngle": 0, "StemV": 80,
            "FontBBox": self._pydyf.Array([-EM, down, 2 * EM, up]), "Ascent": up, "Descent": down, "CapHeight": up,
            **program,
        })  # fmt: skip
        self._pdf.add_object(descriptor)
        return bytes(descriptor.reference)


def subset(face: Face, glyphs: Iterable[int]) -> bytes:
    """Return the font program with only `glyphs`, each under its old number."""
    harfbuzz = late("uharfbuzz")
    flags = harfbuzz.SubsetFlags
    wanted = harfbuzz.SubsetInput()
    # Without the identity charset a CID-keyed font would show the glyphs of other numbers.
    wanted.flags = flags.RETAIN_GIDS | flags.NO_HINTING | flags.NO_LAYOUT_CLOSURE | flags.CFF_IDENTITY_CHARSET
    wanted.glyph_set.update(glyphs)
    small = harfbuzz.subset(face.face, wanted)
    blob = small.reference_table("CFF ") if face.is_cff else small.blob
    return bytes(blob.data)


def _thousandths(face: Face, length: float) -> int:
    return round(length * EM / float(face.face.upem))


def _char_by_glyph(face: Face, text: str) -> dict[int, str]:
    chars: dict[int, str] = {}
    for char in sorted(text):
        gid = face.font.get_nominal_glyph(ord(char))
        # One glyph may serve two characters (方 and the radical ⽅): the plain one is what people search for.
        if gid and (gid not in chars or unicodedata.normalize("NFKC", char) == char):
            chars[gid] = char
    return chars


def _to_unicode(chars: Mapping[int, str]) -> str:
    pairs = [f"<{gid:04X}> <{char.encode('utf-16-be').hex().upper()}>" for gid, char in sorted(chars.items())]
    blocks = [pairs[i : i + _CMAP_BLOCK] for i in range(0, len(pairs), _CMAP_BLOCK)]
    body = "".join(f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar\n" for block in blocks)
    return _CMAP_HEAD + body + _CMAP_TAIL


def _tag(text: str) -> str:
    # Six letters tell subsets of one font apart.
    number = zlib.crc32("".join(sorted(text)).encode("utf-8"))
    letters = []
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters.append(chr(ord("A") + rest))
    return "".join(letters)
