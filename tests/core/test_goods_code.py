"""Which line a barcode is of (R72), with codes of scales in a shop's own pattern."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

import pytest

from pos_terminal.core.goods_code import (
    ScaleCode,
    ScalePattern,
    codes_for,
    codes_of,
    goods_of,
    is_goods,
    label,
    lines_of,
    scale_pattern,
)
from pos_terminal.core.sale import SaleLine

PRICED = scale_pattern("21IIIIIPPPPPC")
WEIGHED = scale_pattern("2XIIIIIWWWWWC".replace("X", "2", 1))
PATTERNS = (PRICED, WEIGHED)


def with_check(digits: str) -> str:
    """GS1's example in words: from the right, times 3, times 1 …, up to the next ten."""
    total = sum(int(one) * (3 if i % 2 == 0 else 1) for i, one in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


def line(number: int, sku: str, *barcodes: str, **more: int) -> SaleLine:
    return SaleLine(
        line=number,
        sku=sku,
        name=sku,
        quantity=more.get("quantity", 1_000),
        price=more.get("price", 0) * 1_000_000,
        category="",
        returned=more.get("returned", 0),
        paid=more.get("paid"),
        barcodes=barcodes,
    )


def line_of(
    lines: Sequence[SaleLine],
    code: str,
    patterns: Sequence[ScalePattern],
    symbology: str | None = None,
) -> int | None:
    """The place of the first one of whose goods it is."""
    return next((lines.index(one) for one in goods_of(lines, code, patterns, symbology)), None)


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert with_check("629104150021") == "6291041500213", "GS1's own example"
    assert is_goods("6291041500213")
    assert is_goods("96385074")
    assert is_goods("036000291452")
    for code in ("6291041500214", "629104150021", "ABC", "", "٦٢٩١٠٤١٥٠٠٢١٣"):
        assert not is_goods(code)


@pytest.mark.parametrize("scanned", ["036000291452", "0036000291452", "00036000291452"])
@pytest.mark.parametrize("told", ["036000291452", "0036000291452"])
def test_upc_a_and_its_ean_are_one_code(scanned: str, told: str) -> None:
    assert line_of([line(1, "1"), line(2, "2", told)], scanned, ()) == 1
    assert line_of([line(1, told)], scanned, ()) == 0


GTIN = "9506000134352"
"""GS1's own example of a Digital Link, as its EAN-13."""
NAMED = [
    f"010{GTIN}",
    f"010{GTIN}17260805" + "10AB-123\x1d21 8008",
    f"(01)0{GTIN}(10)AB-123",
    f"https://id.gs1.org/01/0{GTIN}/10/ABC1/21/123456?17=180426",
    f"HTTPS://ID.GS1.ORG/01/{GTIN}",
]


@pytest.mark.parametrize("scanned", NAMED)
def test_goods_are_found_by_the_gtin_in_a_code_that_says_more(scanned: str) -> None:
    assert line_of([line(1, "1"), line(2, "2", GTIN)], scanned, ()) == 1
    assert label(scanned) is not None
    assert label(scanned.replace(GTIN, GTIN[:-1] + "3")) is None, "misread"


def test_a_label_of_the_scale_within_such_a_code_is_one_of_the_scale() -> None:
    scanned = "010" + with_check("210012301250")
    assert line_of([line(1, "9"), line(2, "123")], scanned, PATTERNS) == 1


def test_the_feed_may_have_all_of_such_a_code() -> None:
    assert line_of([line(1, "1", NAMED[1])], NAMED[1], ()) == 0


@pytest.mark.parametrize(
    ("scanned", "symbology", "told"),
    [
        ("04252614", "]E0", "042100005264"),  # GS1 General Specifications, UPC-E of a UPC-A
        ("04252614", None, "042100005264"),
        ("042100005264", "]E0", "04252614"),
        (GTIN + "12", "]E3", GTIN),
        ("96385074" + "12", "]E3", "96385074"),
    ],
)
def test_a_short_code_and_one_with_an_add_on_are_of_the_same_goods(
    scanned: str, symbology: str | None, told: str
) -> None:
    assert line_of([line(1, "1"), line(2, "2", told)], scanned, (), symbology) == 1


@pytest.mark.parametrize("symbology", ["]E0", "]E3", "]E4"])
def test_what_an_ean_symbol_holds_is_of_goods(symbology: str) -> None:
    assert label("96385074", symbology) is not None


@pytest.mark.parametrize(
    "text",
    ["", "R-1", "0112345", "01" + "1" * 14, "http://shop/01/R-7", "http://shop/26/01/12345670"],
)
@pytest.mark.parametrize("symbology", [None, "]C0", "]C1", "]Q1"])
def test_what_may_be_a_receipt_is_not_called_goods(text: str, symbology: str | None) -> None:
    assert label(text, symbology) is None


def test_a_number_that_is_no_retail_code_is_compared_as_it_is() -> None:
    assert line_of([line(1, "007")], "7", ()) is None
    assert line_of([line(1, "007")], "007", ()) == 0


def test_what_a_scale_printed_is_read_by_the_shops_pattern() -> None:
    assert PRICED.read(with_check("210012301250")) == ScaleCode("00123", price=1_250)
    assert WEIGHED.read(with_check("220012300750")) == ScaleCode("00123", weight=750)
    assert scale_pattern("20XIIIIXPPPPC").read(with_check("209123480599")) == ScaleCode(
        "1234", price=599
    )
    assert PRICED.read("2100123012509") is None, "its check digit is wrong"
    assert PRICED.read(with_check("220012301250")) is None


def test_goods_of_the_scale_are_found_by_number_or_by_another_pieces_code() -> None:
    code = with_check("210012301250")
    assert line_of([line(1, "9"), line(2, "123")], code, PATTERNS) == 1
    assert line_of([line(1, "9"), line(2, "00123")], code, PATTERNS) == 1
    assert line_of([line(1, "9", with_check("210012300000"))], code, PATTERNS) == 0
    assert line_of([line(1, "1230")], code, PATTERNS) is None
    assert lines_of([line(2, "123")], code, PATTERNS) == [], "of another weight"
    assert lines_of([line(2, "123", paid=1_250)], code, PATTERNS) == [line(2, "123", paid=1_250)]
    no_price = with_check("210012300000")
    assert lines_of([line(2, "123")], no_price, PATTERNS) == [line(2, "123")], "it says none"
    assert lines_of([line(1, "9", code)], code, PATTERNS), "the label itself is the line's"
    assert line_of([line(1, "123")], code, ()) is None, "without a pattern its digits say nothing"
    assert line_of([line(1, "9", code)], code, ()) == 0, "but for the very same label"


def test_of_several_pieces_it_is_the_one_of_that_price_or_weight() -> None:
    pieces = [
        line(1, "123", paid=990, quantity=500),
        line(2, "123", paid=1_250, quantity=750),
        line(3, "123", paid=1_250, quantity=750, returned=750),
    ]
    for label_of_two in ("210012301250", "220012300750"):
        assert lines_of(pieces, with_check(label_of_two), PATTERNS) == pieces[1:]
    for another in ("210012300099", "220012300751"):
        assert lines_of(pieces, with_check(another), PATTERNS) == [], "it was not sold here"
        assert goods_of(pieces, with_check(another), PATTERNS) == pieces
    assert lines_of(pieces[2:], with_check("210012301250"), PATTERNS), "to say why not"
    of_it = lines_of(pieces, with_check("210012301250"), PATTERNS)
    assert [one.line for one in of_it] == [2, 3], "once both are back the first is not that piece"


def test_a_scale_prints_its_price_before_what_a_member_has_off() -> None:
    told = [line(1, "123", paid=900, price=1_000), line(2, "123", paid=900, price=950)]
    assert [one.line for one in lines_of(told, with_check("210012301000"), PATTERNS)] == [1]


@pytest.mark.parametrize(("printed", "fits"), [(1_249, True), (1_255, True), (1_260, False)])
def test_a_till_that_had_the_weight_from_the_price_rounded_it(printed: int, fits: bool) -> None:
    """0.250 kg at 50.00 a kilogram are 12.50; a gram of it is 0.05."""
    cheese = [line(1, "123", quantity=250, price=5_000)]
    scanned = with_check(f"2100123{printed:05d}")
    assert (lines_of(cheese, scanned, PATTERNS) == cheese) is fits


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("21IIIIIPPPPP", "13 places"),
        ("31IIIIIPPPPPC", "20 to 29"),
        ("2IIIIIIPPPPPC", "20 to 29"),
        ("21IIIIIPPPPPP", "check digit"),
        ("21IIIIIQQQQQC", "no pattern"),
        ("21XXXXXPPPPPC", "item"),
        ("21IIXIIPPPPPC", "I in two places"),
        ("21IIIPPXPPXXC", "P in two places"),
        ("", "no pattern"),
    ],
)
def test_a_pattern_that_is_none_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        scale_pattern(text)


ANY: Final = (
    *("7", "007", "123", "00123", "1230", "R-1", GTIN, f"0{GTIN}", GTIN + "12"),
    *("036000291452", "0036000291452", "00036000291452", "36000291452"),
    *("04252614", "042100005264", "96385074", "000000000000"),
    *NAMED,
    *(with_check(one) for one in ("210012301250", "210012300000", "210012400000", "220012300750")),
    "010" + with_check("210012301250"),
)
"""Codes that a line may have or a scanner may read."""


@pytest.mark.parametrize("patterns", [(), PATTERNS, (WEIGHED,)])
@pytest.mark.parametrize("symbology", [None, "]E0", "]E3"])
def test_goods_are_looked_for_among_all_sales_as_within_one(
    patterns: tuple[ScalePattern, ...], symbology: str | None
) -> None:
    found = 0
    for told in ANY:
        for scanned in ANY:
            of_line = line_of([line(1, "x", told)], scanned, patterns, symbology) is not None
            sought = codes_for(scanned, patterns, symbology)
            stored = codes_of(line(1, "x", told))
            fits = bool(stored & sought.whole) or any(
                fnmatchcase(code, form) for code in stored for form in sought.pieces
            )
            assert fits == of_line, (told, scanned)
            found += fits
    assert found > len(ANY)
