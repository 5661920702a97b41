"""Spreadsheets made by hand, so that each quirk stands alone: what no program would write can be written too."""

import io
import struct
import zipfile
import zlib
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
# Styles: 1 a day, 2 a day with its time, 3 a percentage, 4 a duration.
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/>
<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>
<xf numFmtId="164"/><xf numFmtId="9"/><xf numFmtId="165"/></cellXfs></styleSheet>"""


def letters(place):
    """The letters of a column, from 1."""
    text = ""
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell(reference, value):
    """One cell: texts and numbers as such, or XML as it is where given as bytes (`{r}` is where it stands)."""
    if isinstance(value, bytes):
        return value.decode().replace("{r}", f'r="{reference}"')
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{reference}"><v>{value!r}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet(rows, *, before="", after=""):
    """The XML of a sheet."""
    body = "".join(
        f'<row r="{number}">'
        + "".join(cell(f"{letters(place)}{number}", value) for place, value in enumerate(row, start=1))
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{body}</sheetData>{after}</worksheet>'


def book(rows=(), *, sheets=None, shared=None, parts=None, book_attributes="", without=()):
    """The bytes of a spreadsheet. `sheets` are (name, state, xml); `parts` are further or other parts by name."""
    sheets = sheets or [("Leads", "visible", sheet(rows))]
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" state="{state}" r:id="r{number}"/>'
        for number, (name, state, _xml) in enumerate(sheets, start=1)
    )
    relations = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
    content = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="b" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book_attributes}<sheets>{listed}</sheets></workbook>',
        "xl/styles.xml": STYLES,
    }
    for number, (_name, _state, xml) in enumerate(sheets, start=1):
        content[f"xl/worksheets/sheet{number}.xml"] = xml
    if shared is not None:
        relations += f'<Relationship Id="t" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        content["xl/sharedStrings.xml"] = shared
    content["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>'
    content |= parts or {}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            if name not in without:
                archive.writestr(name, text)
    return stream.getvalue()


def lying_about_size(content, part, size):
    """The same spreadsheet, whose directory says that a part inflates to `size` bytes."""
    name = part.encode()
    changed = bytearray(content)
    at = changed.rindex(name) - 46
    assert changed[at : at + 4] == b"PK\x01\x02"
    changed[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(changed)


def deflated_zeros(megabytes, filler=b" "):
    """So many megabytes of one character, packed: `(packed, crc)`, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece, crc, packed = filler * (1024 * 1024), 0, []
    for _number in range(megabytes):
        crc = zlib.crc32(piece, crc)
        packed.append(packer.compress(piece))
    return b"".join([*packed, packer.flush()]), crc
