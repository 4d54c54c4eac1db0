"""The sample sales: of today when they say so, the same on both sides, good for what they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hw_sim.bench import identity
from hw_sim.bench.devices import sample_cards
from hw_sim.bench.feed import acquirer_record, feed_record, summary
from hw_sim.bench.keys import BenchKeys, make_keys
from hw_sim.bench.sample_sales import SampleSale, make_sales
from hw_sim.cards import catalogue

from pos_terminal.core.pan import Pan
from pos_terminal.core.worth import worths
from pos_terminal.services.security.tokens import KeyedTokens, key_id
from pos_terminal.wire.feed.entries import SaleEntry
from pos_terminal.wire.feed.lines import Format, read_feed
from pos_terminal.wire.feed.rules import TokenMaker

pytestmark = pytest.mark.usefixtures("machine_zone")
SHANGHAI = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 22, 12, 30, 15, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def sales() -> list[SampleSale]:
    return make_sales(sample_cards(), NOON, seed=0)


@pytest.fixture(scope="module")
def keys() -> BenchKeys:
    return make_keys()


def named(sales: list[SampleSale], name: str) -> SampleSale:
    return next(sale for sale in sales if sale.name == name)


@pytest.mark.parametrize(
    "now",
    [
        NOON,
        datetime(2026, 11, 22, 0, 0, 0, tzinfo=SHANGHAI),
        datetime(2026, 11, 22, 0, 0, 7, 999_999, tzinfo=SHANGHAI),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=SHANGHAI),
        datetime(2028, 2, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 0, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
    ],
)
def test_todays_sales_are_of_today_and_none_is_in_the_future(now: datetime) -> None:
    sales = make_sales(sample_cards(), now, seed=3)
    today = [sale for sale in sales if sale.batch == identity.BATCH]
    assert {sale.sold_at.date() for sale in today} == {now.date()}
    assert all(sale.sold_at <= now for sale in sales)
    assert all(sale.sold_at.utcoffset() is not None for sale in sales)


def test_one_seed_gives_one_set_and_another_gives_another() -> None:
    first, again, other = (make_sales(sample_cards(), NOON, seed) for seed in (5, 5, 6))
    assert first == again
    assert [sale.amount for sale in first] != [sale.amount for sale in other]


def test_numbers_are_unique_and_scannable(sales: list[SampleSale]) -> None:
    for number in ("sale_id", "receipt_no", "rrn"):
        assert len({getattr(sale, number) for sale in sales}) == len(sales)
    for sale in sales:
        assert sale.receipt_no.isascii()
        assert sale.receipt_no.isalnum()
        assert sale.receipt_no == sale.receipt_no.upper()
        assert len(sale.rrn) == 12
        assert sale.rrn.isdigit()


def test_every_card_number_has_a_sale_to_void_and_one_to_refund(sales: list[SampleSale]) -> None:
    def numbers(voidable: bool) -> set[str]:
        chosen = [sale for sale in sales if sale.voidable is voidable]
        return {tender.card.pan for sale in chosen for tender in sale.tenders if tender.card}

    wanted = {info.pan.reveal() for info in catalogue().values()}
    assert numbers(voidable=True) == wanted
    assert numbers(voidable=False) == wanted


def test_sales_are_named_after_cards_that_read_well(sales: list[SampleSale]) -> None:
    named_after = {sale.name.removesuffix("-today") for sale in sales if sale.voidable}
    assert {"visa", "mastercard", "unionpay-debit", "unionpay-credit", "phone"} <= named_after
    for name, info in catalogue().items():
        if not info.readable:
            twins = {other for other, one in catalogue().items() if one.pan == info.pan}
            assert name not in named_after or not any(catalogue()[twin].readable for twin in twins)


def test_the_special_sales_are_what_they_say(sales: list[SampleSale]) -> None:
    assert [one.kind for one in named(sales, "cash-today").tenders] == ["cash"]
    assert [one.kind for one in named(sales, "split-today").tenders] == ["card", "cash"]
    assert [one.kind for one in named(sales, "qr-wallet-today").tenders] == ["wallet"]
    other = named(sales, "other-terminal-today")
    assert other.terminal_id == identity.OTHER_TERMINAL_ID
    assert not other.voidable
    assert NOON - named(sales, "beyond-window").sold_at > timedelta(days=365)
    assert named(sales, "large").amount > 1_000_000
    assert named(sales, "same-trace").trace == named(sales, "cash-today").trace
    assert named(sales, "same-trace").batch != named(sales, "cash-today").batch


def test_what_was_paid_for_the_lines_is_as_the_sales_say(
    sales: list[SampleSale], keys: BenchKeys
) -> None:
    """The figures that their ``about`` tells people."""
    records = [feed_record(sale, keys.token, key_id(keys.token_key)) for sale in sales]
    maker = TokenMaker(key_id(keys.token_key), lambda _: "0" * 64)
    lines = [json.dumps(record) for record in records]
    feed = read_feed(lines, Format.JSONL, identity.MERCHANT_ID, maker, allow_pan=False)
    read = [entry.sale for entry in feed.entries if isinstance(entry, SaleEntry)]
    known = {sale.sale_id: sale for sale in read}
    found = {
        sale.name: worths(known[sale.sale_id])
        for sale in sales
        if any(line.told for line in sale.lines)
    }
    assert found == {
        "promotion-older": {1: 1_295, 2: 1_295, 3: 1_290},
        "delivery-older": {1: 25_800, 2: 800},
        "discounted-older": {1: 6_993},
        "opened-older": {1: 19_900, 2: 12_900},
    }


def test_the_terminal_takes_every_line_of_the_feed(
    sales: list[SampleSale], keys: BenchKeys
) -> None:
    tokens = KeyedTokens(keys.token_key)
    records = [feed_record(sale, keys.token, key_id(keys.token_key)) for sale in sales]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    maker = TokenMaker(tokens.key_id, tokens.token)
    feed = read_feed(lines, Format.JSONL, identity.MERCHANT_ID, maker, allow_pan=False)
    assert feed.problems == []
    assert not feed.held_pan
    read = [entry.sale for entry in feed.entries if isinstance(entry, SaleEntry)]
    assert [sale.sale_id for sale in read] == [sale.sale_id for sale in sales]
    assert [sale.amount for sale in read] == [sale.amount for sale in sales]


def test_tokens_are_those_of_the_terminal(keys: BenchKeys) -> None:
    pan = next(iter(catalogue().values())).pan
    assert keys.token(pan.reveal()) == KeyedTokens(keys.token_key).token(pan)


def test_the_feed_has_no_card_number(sales: list[SampleSale], keys: BenchKeys) -> None:
    text = json.dumps([feed_record(sale, keys.token, "00000000") for sale in sales])
    assert not [info for info in catalogue().values() if info.pan.reveal() in text]


def test_the_masked_sale_has_no_token(sales: list[SampleSale], keys: BenchKeys) -> None:
    [tender] = feed_record(named(sales, "masked-only"), keys.token, "00000000")["tenders"]
    assert "masked" in tender
    assert not {"token", "token_key_id", "par", "pan"} & set(tender)


def test_the_acquirer_knows_the_card_legs_and_only_those(sales: list[SampleSale]) -> None:
    split = named(sales, "split-today")
    [record] = acquirer_record(split)
    assert record["amount"] == split.tenders[0].amount
    assert record["rrn"] == split.rrn
    assert acquirer_record(named(sales, "cash-today")) == []


def test_the_acquirer_knows_all_numbers_of_an_account(sales: list[SampleSale]) -> None:
    phone = next(info for info in catalogue().values() if info.account_of and info.par)
    plastic = catalogue()[str(phone.account_of)]
    [record] = acquirer_record(named(sales, f"{phone.account_of}-today"))
    assert record["pan"] == plastic.pan.reveal()
    assert {"pan": phone.pan.reveal()} in record["also"]


def test_the_summary_names_cards_not_numbers(sales: list[SampleSale]) -> None:
    text = json.dumps([summary(sale) for sale in sales])
    assert not [info for info in catalogue().values() if Pan.reveal(info.pan) in text]
    assert summary(named(sales, "split-today"))["cards"] == ["unionpay-debit"]
