"""CSV as tills and spreadsheets write it: separators, and numbers that were spoilt (R9)."""

from __future__ import annotations

import pytest

from pos_terminal.texts.problems import in_both, reason
from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.entries import Event, SaleEntry
from pos_terminal.wire.feed.lines import Feed, Format, read_feed

MERCHANT = "898310012340001"
NAMES = "sale_id,merchant_id,terminal_id,batch,trace,rrn,auth_code,sold_at,currency,amount"
NAMES += ",receipt_no,tender.kind,tender.masked"
ROW = {
    "sale_id": "S1",
    "merchant_id": MERCHANT,
    "terminal_id": "12345678",
    "batch": "1",
    "trace": "17",
    "rrn": "000510000017",
    "auth_code": "",
    "sold_at": "2026-01-05T10:00:00+08:00",
    "currency": "156",
    "amount": "1200",
    "receipt_no": "",
    "tender.kind": "card",
    "tender.masked": "476173******0010",
}


def read(*rows: dict[str, str], separator: str = ",") -> Feed:
    head = NAMES.replace(",", separator)
    lines = [
        head,
        *(separator.join(ROW[n] if n not in row else row[n] for n in ROW) for row in rows),
    ]
    return read_feed(lines, Format.CSV, MERCHANT, None, allow_pan=False)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_each_separator_is_told_by_the_first_line(separator: str) -> None:
    feed = read({}, {"sale_id": "S2"}, separator=separator)
    assert feed.problems == []
    assert [one.sale.sale_id for one in feed.entries if isinstance(one, SaleEntry)] == ["S1", "S2"]


@pytest.mark.parametrize(
    ("cell", "numbers"), [("4200001", ("4200001",)), ('"[""4200001"",""7""]"', ("4200001", "7"))]
)
def test_an_order_has_one_number_or_a_list_of_them(cell: str, numbers: tuple[str, ...]) -> None:
    head = f"{NAMES},tender.order_no"
    row = ",".join([*ROW.values(), cell]).replace(",card,476173******0010", ",wallet,")
    feed = read_feed([head, row], Format.CSV, MERCHANT, None, allow_pan=False)
    assert feed.problems == []
    (entry,) = feed.entries
    assert isinstance(entry, SaleEntry)
    assert entry.sale.tenders[0].order_no == numbers


def test_a_quote_that_is_not_closed_takes_no_other_line_with_it() -> None:
    feed = read({"receipt_no": '"R1'}, {"sale_id": "S2"})
    assert [(one.line, one.code) for one in feed.problems] == [(2, "csv")]
    assert len(feed.entries) == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("rrn", "6.0051E+11", "spreadsheet_rounded"),
        ("rrn", "6.0051e+11", "spreadsheet_rounded"),
        ("merchant_id", "8.9831E+14", "spreadsheet_rounded"),
        ("merchant_id", "8,9831E+14", "spreadsheet_rounded"),
        ("sale_id", "2.02601E+11", "spreadsheet_rounded"),
        ("receipt_no", "1E+11", "spreadsheet_rounded"),
        ("amount", "1.2E+03", "spreadsheet_rounded"),
        ("rrn", "510000017", "spreadsheet_zeros"),
        ("terminal_id", "345678", "spreadsheet_zeros"),
        ("currency", "36", "spreadsheet_zeros"),
        ("auth_code", "4321", "spreadsheet_zeros"),
        ("currency", "CNY", "form"),
        ("amount", "12.00", "whole_number"),
    ],
)
def test_a_number_that_a_spreadsheet_spoilt_is_named_as_that(
    field: str, value: str, code: str
) -> None:
    separator = ";" if "," in value else ","
    (problem,) = read({field: value}, separator=separator).problems
    assert problem.code == code
    assert problem.sale_id == ("S1" if field != "sale_id" else value)
    zh, en = in_both(problem)
    assert field in zh
    assert field in en
    if code.startswith("spreadsheet"):
        assert value in en
        assert "电子表格" in zh


def test_zeros_that_may_be_missing_are_none() -> None:
    """Batch and trace count with as many digits as there are."""
    (entry,) = read({"batch": "7", "trace": "000018"}).entries
    assert isinstance(entry, SaleEntry)
    (numbers,) = entry.sale.payments or (entry.sale,)
    assert (numbers.batch, numbers.trace) == ("000007", "000018")


def test_a_sale_of_nothing_is_a_sale() -> None:
    feed = read({"amount": "0"})
    assert feed.problems == []
    (entry,) = feed.entries
    assert not isinstance(entry, Event)
    assert (entry.sale.amount, entry.sale.remaining) == (0, 0)


def test_a_reason_repeats_no_card_number() -> None:
    for value in ("4761739001010010", "4761 7390 0101 0010", "9" * 16):
        with pytest.raises(BadLine) as caught:
            raise BadLine("moment", field="sold_at", value=value)
        assert value not in str(caught.value)
    feed = read_feed(['{"4761739001010010": 1}', "[" * 100_000, "null", "{}"],
                     Format.JSONL, MERCHANT, None, allow_pan=False)  # fmt: skip
    assert [one.code for one in feed.problems] == ["unknown_field", "json", "object", "object"]
    assert "4761739001010010" not in "".join(map(reason, feed.problems))
