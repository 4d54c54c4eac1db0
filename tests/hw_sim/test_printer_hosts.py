"""What hosts of others send to a printer, on the emulated one; codes are read by zxing-cpp."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hw_sim.printer.as_picture import FONT, as_picture
from hw_sim.printer.as_text import as_text
from hw_sim.printer.barcodes import draw
from hw_sim.printer.code128 import BadBarcode
from hw_sim.printer.engine import Printer
from hw_sim.printer.machine import Abilities
from hw_sim.printer.roll import Bars, Line, Picture, Qr, Receipt, Run, Strip
from hw_sim.virtual import VirtualLoop, run_virtual
from PIL import Image
from worlds.stories import beside, told_by

RECEIPTIO = Path(__file__).parents[1] / "fixtures" / "receiptio"


class Wire:
    """A printer, and a host that minds its room, on the virtual loop."""

    def __init__(self, **options: Any) -> None:
        self.printer = Printer(**options)
        self._port = self.printer.port(lambda _: None, flow=False)

    async def feed(self, data: bytes) -> None:
        """At 11,520 bytes a second, and no faster than there is room for them."""
        for byte in data:
            await self._port.until_room(1)
            self._port.receive(bytes((byte,)))
            await asyncio.sleep(1 / 11520)

    async def send(self, data: bytes) -> Receipt:
        """The slip that hangs there or was cut last, ten seconds after the last byte."""
        await self.feed(data)
        await asyncio.sleep(10)
        assert self._port.overruns == 0
        return self.printer.roll.all()[-1]


def wire(scene: Callable[[Wire], Awaitable[None]], **options: Any) -> None:
    async def main(loop: VirtualLoop) -> None:
        made = Wire(**options)
        async with beside(made.printer.run()):
            await asyncio.wait_for(scene(made), 1000)

    run_virtual(main)


def read(picture: Image.Image) -> list[tuple[str, str]]:
    return [(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)]


# --- bar codes ------------------------------------------------------------------------------------


def strip_of(widths: tuple[int, ...]) -> Image.Image:
    """Bars with their quiet zones, as a scanner sees them."""
    x = 40
    picture = Image.new("L", (sum(widths) + 2 * x, 80), 255)
    for place, width in enumerate(widths):
        if place % 2 == 0:
            picture.paste(0, (x, 10, x + width, 70))
        x += width
    return picture


# (kind of GS k, data, format and text as zxing-cpp names them: UPC is EAN-13 with a zero in front)
CODES = [
    (65, b"036000291452", "EAN13", "0036000291452"),
    (65, b"12345678901", "EAN13", "0123456789012"),
    (66, b"01234565", "UPCE", "0012345000065"),
    (66, b"01200000345", "UPCE", "0012000003455"),
    (66, b"01230000045", "UPCE", "0012300000451"),
    (66, b"01234000005", "UPCE", "0012340000053"),
    (66, b"01234500008", "UPCE", "0012345000089"),
    (67, b"4006381333931", "EAN13", "4006381333931"),
    (67, b"690123456789", "EAN13", "6901234567892"),
    (68, b"9638507", "EAN8", "96385074"),
    (69, b"ABC-12. $/+%", "Code39", "ABC-12. $/+%"),
    (69, b"*QRSTUVWXYZ*", "Code39", "QRSTUVWXYZ"),
    (69, b"DEFGHIJKLMNOP", "Code39", "DEFGHIJKLMNOP"),
    (69, b"03456789", "Code39", "03456789"),
    (70, b"1234567890", "ITF", "1234567890"),
    (70, b"123456789", "ITF", "12345678"),
    (73, b"{B2120700000421", "Code128", "2120700000421"),
    (73, b"{C\x01\x02{B-x{{", "Code128", "0102-x{"),
    (73, b"{AAB{SaB", "Code128", "ABaB"),
]


@pytest.mark.parametrize("module", [2, 3, 5])
@pytest.mark.parametrize(("kind", "data", "format_", "text"), CODES)
def test_a_bar_code_is_read_as_what_it_was_made_of(
    kind: int, data: bytes, format_: str, text: str, module: int
) -> None:
    assert read(strip_of(draw(kind, data, module).widths)) == [(format_, text)]


def test_each_parity_of_ean_13_and_upc_e_is_read() -> None:
    """The first digit of the one and the check digit of the other stand in nothing else."""
    ends = set()
    for digit in "0123456789":
        drawn = draw(67, f"{digit}01234567890".encode(), 2)
        assert read(strip_of(drawn.widths)) == [("EAN13", drawn.text)]
        assert drawn.text.startswith(f"{digit}01234567890")
        ((kind, text),) = read(strip_of(draw(66, f"{digit}23455".encode(), 2).widths))
        assert (kind, text[:-1]) == ("UPCE", f"00{digit}234500005")
        ends.add(text[-1])
    assert ends == set("0123456789")


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (65, b"036000291453"),
        (65, b"12"),
        (66, b"12345678901"),
        (66, b"01234564"),
        (66, b"11234565"),
        (67, b"4006381333932"),
        (67, b"40063813339x1"),
        (68, b"123456"),
        (69, b"abc"),
        (69, b"**"),
        (70, b"1"),
        (70, b"12A4"),
        (67, b""),
        (80, b"1"),
        (73, b"{B{9"),
        (73, b"{C\x01{S2"),
    ],
)
@told_by(wire)
async def test_what_is_no_such_code_is_left_out(made: Wire, kind: int, data: bytes) -> None:
    with pytest.raises(BadBarcode):
        draw(kind, data, 2)
    slip = await made.send(b"\x1dk" + bytes((kind, len(data))) + data + b"after\n\x1dV\x00")
    assert as_text(slip) == "after\n"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (b"\x1dw\x02\x1dkC\x0c690123456789", "[EAN13 6901234567892]"),
        (b"\x1dw\x06\x1dk\x05123456789012345678901234\x00", ""),
        (b"\x1dw\x03\x1dkI\x12{B1234567890ABCDEF", ""),
        (b"\x1d(k\x03\x001C\x10\x1d(k\x0b\x001P0https://\x1d(k\x03\x001Q0", "[QR|https://]"),
        (b"\x1d(k\x03\x001C\x10\x1d(k\x37\x001P0" + b"x" * 52 + b"\x1d(k\x03\x001Q0", ""),
    ],
)
@told_by(wire)
async def test_a_code_wider_than_the_paper_is_left_out(made: Wire, code: bytes, text: str) -> None:
    slip = await made.send(b"before\n" + code + b"after\n\x1dV\x00")
    assert as_text(slip).replace("QR ", "QR|").split("\n")[1:2] == [text or "after"]


# --- places ---------------------------------------------------------------------------------------


@told_by(wire)
async def test_what_has_a_place_of_its_own_stands_there(made: Wire) -> None:
    """Dots, twelve a column. ESC $ counts from the margin, ESC \\ from where the row has come."""
    slip = await made.send(
        b"a\x1b$\x90\x00b\x1b\\\x18\x00c\x1b\\\xdc\xffd\n"  # 144; 24 on; 36 back
        b"\x1dL\x18\x00\x1dW\x3c\x00\x1ba\x02abc\n\x1ba\x00abcdef\n"  # 24 in, 60 wide
        b"\x1b$\xff\x7fX\x1b\\\x00\x80Y\n"  # beyond the area: not obeyed
        b"\x1b$\x18\x00Z\n\x1dV\x00"  # 24 from the margin
    )
    assert as_text(slip).split("\n") == [
        "a           bd c",
        "    abc",
        "  abcde",
        "  f",
        "  XY",
        "    Z",
        "",
    ]


@pytest.mark.parametrize(
    ("align", "places"), [(0, [24, 24, 24]), (1, [112, 77, 112]), (2, [200, 130, 201])]
)
@told_by(wire)
async def test_pictures_and_codes_stand_where_a_row_would(
    made: Wire, align: int, places: list[int]
) -> None:
    """In an area of 240 dots that begins at 24: a raster of 64, an EAN-8 of 67 modules of two, a QR
    code of 21 modules of three."""
    slip = await made.send(
        b"\x1dL\x18\x00\x1dW\xf0\x00\x1ba" + bytes((align,)) + raster(8, 3)
        + b"\x1dw\x02\x1dkD\x079638507"
        + b"\x1d(k\x03\x001C\x03\x1d(k\x04\x001P0a\x1d(k\x03\x001Q0\x1dV\x00"
    )  # fmt: skip
    found = [item for item in slip.items if isinstance(item, Picture | Bars | Qr)]
    assert [type(item) for item in found] == [Picture, Bars, Qr]
    assert [item.at for item in found] == places


@told_by(wire)
async def test_what_stands_over_another_is_printed_over_it(made: Wire) -> None:
    slip = await made.send(b"abc\x1b$\x0c\x00X\n\x1dV\x00")
    assert as_text(slip) == "aXc\n"
    (row,) = [item for item in slip.items if isinstance(item, Line)]
    assert [(part.at, part.text) for part in row.runs if isinstance(part, Run)] == [
        (0, "abc"),
        (12, "X"),
    ]


@told_by(partial(wire, columns=48))
async def test_the_small_font_and_gaps_take_their_dots(made: Wire) -> None:
    """576 dots: 64 letters of nine in a row of font B; a gap is made wide with its letter."""
    slip = await made.send(b"\x1bM\x01" + b"x" * 65 + b"\n\x1bM0\x1b \x04\x1d!\x10ab\n\x1dV\x00")
    rows = [item for item in slip.items if isinstance(item, Line)]
    assert [sum(len(p.text) for p in row.runs if isinstance(p, Run)) for row in rows] == [64, 1, 2]
    (wide,) = rows[2].runs
    assert isinstance(wide, Run)
    assert (wide.char, wide.gap, wide.end) == (24, 8, 64)


@pytest.mark.parametrize(
    ("page", "shown", "printed"),
    [
        (0, "┌─┬─┐│é│█└═┴┘", None),
        (0, "░▒▓│┤╡╢╖╕╣║╗╝╜╛╞╟╧╨╤╥╙╘╒╓╫╪▄▌▐▀", None),
        (1, b"\x9c\x95\x91\x95\x9d\x96\xb1\x96\x9e\x95\x90\x95\x9f", "╭─┬─╮│ｱ│╰─┴─╯"),
        (0, b"a\xffb", "a b"),
        (99, b"\x80", "□"),
    ],
)
@told_by(wire)
async def test_rules_of_a_code_page_are_one_column_each(
    made: Wire, page: int, shown: str | bytes, printed: str | None
) -> None:
    data = shown.encode("cp437") if isinstance(shown, str) else shown
    slip = await made.send(b"\x1c.\x1bt" + bytes((page,)) + b"\x1ba\x02" + data + b"\n\x1dV\x00")
    text = printed if printed is not None else str(shown)
    assert as_text(slip) == text.rjust(32) + "\n"


@told_by(wire)
async def test_hanzi_are_no_rules_until_chinese_mode_is_off(made: Wire) -> None:
    """GBK takes what code page 437 would draw, as on every Chinese model."""
    slip = await made.send(
        "──\n".encode("cp437") + b"\x1c." + "──\n".encode("cp437") + b"\x1dV\x00"
    )
    assert as_text(slip).split("\n")[:2] == ["哪", "──"]


# --- pictures -------------------------------------------------------------------------------------


def raster(across: int, down: int, mode: int = 0) -> bytes:
    """``GS v 0``: every row has its number's low byte."""
    rows = b"".join(bytes((row & 255,)) * across for row in range(down))
    return b"\x1dv0" + bytes((mode, across & 255, across >> 8, down & 255, down >> 8)) + rows


@told_by(wire)
async def test_a_picture_longer_than_the_buffer_is_printed_as_it_comes(made: Wire) -> None:
    data = raster(48, 1000)
    assert len(data) > 10 * 4096
    await made.feed(data[: len(data) // 2])
    half = made.printer.roll.all()[-1].items[-1]
    assert isinstance(half, Picture)
    assert 400 < half.height < 500, "what has come is on paper"
    slip = await made.send(data[len(data) // 2 :] + b"after\n\x1dV\x00")
    assert as_text(slip) == "[picture 384 x 1000]\nafter\n"
    (picture,) = [item for item in slip.items if isinstance(item, Picture)]
    assert picture.bits == data[8:]


@told_by(partial(wire, buffer_bytes=45))
async def test_the_smallest_buffer_takes_long_commands_too(made: Wire) -> None:
    slip = await made.send(
        raster(48, 100)
        + b"\x1dw\x02\x1dkI\x1e{B1234567{C" + bytes(range(20)) + b"\x1b*\x21\x40\x00" + bytes(192)
        + b"\n\x1dV\x00"
    )  # fmt: skip
    assert "[picture 384 x 100]" in as_text(slip)
    assert "[picture 64 x 24]" in as_text(slip)


@told_by(wire)
async def test_paper_that_ends_in_a_picture_stops_it_and_new_paper_goes_on(made: Wire) -> None:
    made.printer.after(5, lambda: made.printer.change(paper_out=True))
    feeding = asyncio.ensure_future(made.feed(raster(48, 500) + b"\x1dV\x00"))
    await asyncio.sleep(60)
    assert not feeding.done(), "a full buffer holds the host up"
    held = made.printer.roll.all()[-1].items[-1]
    assert isinstance(held, Picture)
    assert held.height == 5 * 24
    made.printer.change(paper_out=False)
    await feeding
    await asyncio.sleep(10)
    assert as_text(made.printer.roll.all()[-1]) == "[picture 384 x 500]\n"


@told_by(wire)
async def test_power_lost_in_a_picture_tears_it_and_the_next_slip_is_text(made: Wire) -> None:
    await made.feed(raster(48, 500)[:9000])
    made.printer.power_off()
    made.printer.power_on()
    slip = await made.send(b"\x1b@text\n\x1dV\x00")
    assert as_text(slip) == "text\n"
    assert [one.complete for one in made.printer.roll.all()] == [False, True]


PRINT = b"\x1d(L\x02\x0002"


@pytest.mark.parametrize(
    ("command", "size"),
    [
        (raster(4, 3, 0), (32, 3)),
        (raster(4, 3, 1), (64, 3)),
        (raster(4, 3, 2), (32, 6)),
        (raster(4, 30, 3), (64, 60)),
        (raster(100, 3), (384, 3)),
        (b"\x1d8L\x11\x00\x00\x000p0\x01\x0111\x00\x01\x00" + bytes(7) + PRINT, (49, 1)),
        (b"\x1d(L\x0c\x000p0\x02\x021\x08\x00\x02\x00\xf0\x0f" + PRINT, (16, 4)),
    ],
)  # fmt: skip
@told_by(wire)
async def test_a_picture_has_its_size(made: Wire, command: bytes, size: tuple[int, int]) -> None:
    slip = await made.send(command + b"\x1dV\x00")
    (picture,) = [item for item in slip.items if isinstance(item, Picture)]
    assert (picture.width, picture.height) == size
    assert len(picture.bits) == -(-picture.width // 8) * picture.height


@pytest.mark.parametrize(
    ("command", "strip"),
    [
        # two columns: dots 0 and 23, and dot 8; a row of paper each
        (b"\x1b*\x21\x02\x00\x80\x00\x01\x00\x80\x00",
         Strip(2, 24, bytes((0x80, *[0] * 7, 0x40, *[0] * 14, 0x80)), 12)),
        # eight dots, double density: three rows of paper to a dot
        (b"\x1b*\x01\x01\x00\x81", Strip(1, 24, bytes((*[0x80] * 3, *[0] * 18, *[0x80] * 3)), 12)),
        # single density: twice as wide
        (b"\x1b*\x20\x01\x00\x80\x00\x00", Strip(2, 24, bytes((0xC0, *[0] * 23)), 12)),
    ],
)  # fmt: skip
@told_by(wire)
async def test_columns_of_dots_stand_in_their_row(made: Wire, command: bytes, strip: Strip) -> None:
    slip = await made.send(b"a" + command + b"b\n\x1dV\x00")
    (row,) = [item for item in slip.items if isinstance(item, Line)]
    assert row.runs[1] == strip
    after = row.runs[2]
    assert isinstance(after, Run)
    assert after.at == strip.end


@told_by(wire)
async def test_columns_of_dots_beyond_the_edge_are_left_out(made: Wire) -> None:
    """Forty of them where the row has room for eight."""
    columns = b"\x1b*\x21\x28\x00" + b"\x80\x00\x00" * 40
    slip = await made.send(b"\x1b$\x78\x01" + columns + b"\n\x1dV\x00")
    (row,) = [item for item in slip.items if isinstance(item, Line)]
    assert row.runs == (Strip(8, 24, bytes((0xFF, *[0] * 23)), 376),)


# --- whole slips of others ------------------------------------------------------------------------

SHOP = """\
    小  店    R E C E I P T
────────────────────────────────
    11/29/2026, 11:22:33 AM
╭────────────┬──────┬──────────╮
│芦笋 Asparag│     1│      1.00│
│us          │      │          │
│Broccoli    │     2│      2.00│
├────────────┼──────┼──────────┤
│T O T A L   │3 . 0 │          │
│            │    0 │          │
╰────────────┴──────┴──────────╯
     [EAN13 4006381333931]
      [UPC-A 123456789012]
        [ITF 1234567890]
        [CODE39 ABC-123]
        [UPC-E 01234565]
       [CODE128 ab123456]

      [picture 10? x 100]

      [picture 384 x 110]
 under bold inv
"""
READ = [
    ("EAN13", "4006381333931"),
    ("EAN13", "0123456789012"),
    ("ITF", "1234567890"),
    ("Code39", "ABC-123"),
    ("UPCE", "0012345000065"),
    ("Code128", "ab123456"),
    ("QRCode", "https://example.org/r/1"),
]


@pytest.mark.skipif(not FONT.exists(), reason="fonts-unifont is not installed")
@pytest.mark.parametrize("kind", ["escpos", "generic"])
@told_by(wire)
async def test_receiptio_prints_as_it_means_to(made: Wire, kind: str) -> None:
    """Its slip in fixtures/receiptio; a code of 20 digits is too wide and left out."""
    slip = await made.send((RECEIPTIO / f"shop.{kind}.prn").read_bytes())
    text = as_text(slip)
    assert text.replace("100 x 100", "10? x 100").replace("104 x 100", "10? x 100") == SHOP
    assert slip.complete
    assert read(as_picture(slip)) == READ


@told_by(partial(wire, abilities=Abilities(chinese=False)))
async def test_receiptio_prints_on_a_printer_of_needles(made: Wire) -> None:
    slip = await made.send((RECEIPTIO / "shop.impact.prn").read_bytes())
    strips = [part for item in slip.items if isinstance(item, Line) for part in item.runs
              if isinstance(part, Strip)]  # fmt: skip
    assert sum(strip.height for strip in strips if strip.width > 300) >= 110
    assert "Broccoli" in as_text(slip)
