"""R5: any two of amount, date, last four digits and goods find a sale; nothing is guessed."""

from __future__ import annotations

import pytest
from hw_sim.bench.people import new_badge
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import CASH, in_each_language, logged_in, report, sell, sold

from pos_terminal.core.dropped import Drop
from pos_terminal.ports import ScanDropped
from pos_terminal.texts import Language

SCALE = "210012301250"
CARD = {"kind": "card", "masked": "476173******8815", "batch": "1", "trace": "917"}
OTHER = {"kind": "card", "masked": "************2204", "batch": "1", "trace": "918"}
SAYS = {
    Language.ZH_CN: ("没有符合的交易", "11 笔符合", "请再输入一项"),
    Language.EN: ("No sale fits", "11 sales fit", "One more"),
}


def line(sku: str, *barcodes: str, amount: int) -> dict[str, object]:
    return {
        "sku": sku,
        "name": sku,
        "quantity": "1",
        "unit_price": amount,
        "barcodes": barcodes,
    }


async def sells_ten_alike(clerk: SimClerk) -> None:
    """On the 19th, each of a cup for 77.00 in cash, an hour apart."""
    for hour in range(10):
        goods = {"lines": [line("CUP", "0036000291452", amount=7_700)]}
        at = f"2026-11-19T{9 + hour:02d}:00:00+08:00"
        cash = {"kind": "cash", "amount": 7_700}
        await sell(clerk, f"CUP-{hour}", cash, sold_at=at, **goods, **CASH)


async def look(clerk: SimClerk) -> None:
    await clerk.at(": menu", "menu: 1 3", "find.by")


@pytest.mark.parametrize("language", Language)
@in_each_language()
async def test_from_two_facts_to_the_sale(clerk: SimClerk, language: Language) -> None:
    none, ten, one_more = SAYS[language]
    await clerk.log_in()
    await sells_ten_alike(clerk)
    first = CARD | {"amount": 5_000, "rrn": "632413000917"}
    second = OTHER | {"amount": 2_700, "rrn": "632413000918"}
    goods = [line("CUP", "0036000291452", amount=7_700)]
    at = "2026-11-19T08:00:00+08:00"
    await sell(clerk, "SPLIT", first, second, sold_at=at, lines=goods, **CASH)

    # a leg's amount and the last four of the other card: one sale, which is shown
    await look(clerk)
    await clerk.at("find.by: 1", "find.amount: 5000 enter", "find.by: 3", "find.last4: 22 enter")
    await clerk.at("find.last4: 04 enter", "sale")
    assert "SPLIT" in clerk.text
    await clerk.home()

    # the goods on the counter and the date: eleven, of which none is shown; the amount as well
    await look(clerk)
    clerk.scan("036000291452")
    await clerk.at("find.by: 2", "find.sold_on: 1119 enter")
    await clerk.wait_text(ten)
    assert one_more in clerk.text
    assert "CUP" not in clerk.text
    clerk.scan("036000291453")  # other goods
    await clerk.at("find.list")
    assert none in clerk.text
    await clerk.go("enter", to="find.by")
    await clerk.at("find.by: 4", "find.goods")
    clerk.scan(";4761739001010010=30122010000?")  # a card's track is shown like anywhere
    await clerk.at("find.list: enter", "find.by")
    assert "0010…" in clerk.text
    assert "3012" not in clerk.text
    assert "2026-11-19" in clerk.text, "what is known is kept"
    # without the goods, but with the amount of a leg
    await clerk.at("find.by: 4", "find.goods: enter", "find.by: 1", "find.amount: 2700 enter")
    await clerk.at("sale: enter", "refund.leg: 2", "refund.amount")


@logged_in()
async def test_all_four_and_still_too_many(clerk: SimClerk) -> None:
    for number in range(10):
        pay = CARD | {"amount": 7_700, "trace": f"{920 + number}", "rrn": f"63241300{number:04d}"}
        goods = [line("CUP", "0036000291452", amount=7_700)]
        await sell(clerk, f"CUP-{number}", pay, lines=goods, **CASH)
    await look(clerk)
    clerk.press("1", "7700", "enter", "2", "1120", "enter", "3", "8815", "enter")  # typed ahead
    await clerk.wait_text("8815")
    await clerk.at("find.by: 4", "find.goods: 36000291452 enter")
    await clerk.wait_text("Scan the receipt")
    assert "10 sales fit" in clerk.text
    assert clerk.prompt == "find.by"
    # nothing typed takes a fact out; the mark is at the first that is not known
    await clerk.at("find.by: 1", "find.amount: enter")
    await clerk.wait_text(">1 Amount")
    assert "One more" in clerk.text
    await clerk.at("find.by: 3", "find.last4: enter")
    await clerk.wait_text("3 Card's last four\n")
    assert "10 sales fit" in clerk.text
    await clerk.at("find.by: 1", "find.amount: 77. enter")
    await clerk.wait_text(">3 Card's last four")
    await clerk.at("find.by: 4", "find.goods: enter", "find.by: 1", "find.amount: enter")
    await clerk.wait_text("Any two")


@logged_in()
async def test_a_hundred_are_not_counted_further(clerk: SimClerk) -> None:
    cash = {"kind": "cash", "amount": 7_700}
    await report(clerk, *(sold(f"CUP-{number}", cash, lines=[], **CASH) for number in range(101)))
    await look(clerk)
    clerk.press("1", "77.", "enter", "2", "1120", "enter")
    await clerk.wait_text("sales fit")
    assert "99+ sales fit" in clerk.text


@logged_in()
async def test_up_to_nine_are_a_list_the_newest_first(clerk: SimClerk) -> None:
    for hour in range(9):
        at = f"2026-11-18T{9 + hour:02d}:00:00+08:00"
        cash = {"kind": "cash", "amount": 7_700}
        await sell(clerk, f"CUP-{hour}", cash, sold_at=at, lines=[], **CASH)
    await look(clerk)
    clerk.press("1", "77.", "enter", "2", "1118", "enter")
    await clerk.wait("find.list")
    listed = [row.split()[-2] for row in clerk.text.splitlines() if "CUP" in row]
    assert listed == [f"CUP-{hour}" for hour in range(8, -1, -1)]
    await clerk.at("find.list: cancel", "find.by: 2", "find.sold_on: cancel", "find.by: 2")
    await clerk.at("find.sold_on: 1118 enter", "find.list: 9", "sale")
    assert "CUP-0" in clerk.text
    await clerk.at("sale: enter", "refund.amount: enter", "refund.reason: 1")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "cash.hand_over: enter", "result")


@pytest.mark.parametrize(
    ("sold", "scanned"),
    [
        ("0036000291452", "036000291452"),  # EAN-13, UPC-A
        ("036000291452", "0036000291452"),
        ("036000291452", "00036000291452"),  # its GTIN-14
        ("96385074", "96385074"),  # EAN-8
        ("042100005264", "04252614"),  # UPC-A, the UPC-E of the same article
    ],
)
def test_whatever_code_an_article_has_it_is_found_and_no_receipt(sold: str, scanned: str) -> None:
    """The codes are those of GS1's and the symbologies' own examples, none with an AIM prefix."""

    @logged_in()
    async def story(clerk: SimClerk) -> None:
        cash = {"kind": "cash", "amount": 7_700}
        at = "2026-11-19T08:00:00+08:00"
        strange = "73513537"  # an EAN-8, too, that is on nothing that was sold
        await sell(clerk, "SOLD", cash, sold_at=at, lines=[line("A", sold, amount=7_700)], **CASH)
        for code, said in ((scanned, "MENU 1 3"), (strange, "No such sale")):
            clerk.scan(code)
            await clerk.wait("failure")
            assert said in " ".join(clerk.text.split())
            await clerk.home()
        await look(clerk)
        clerk.scan(scanned)
        await clerk.at("find.by: 2", "find.sold_on: 1119 enter", "sale")
        assert "SOLD" in clerk.text
        await clerk.home()
        await sell(clerk, strange, cash, sold_at=at, lines=[], **CASH)
        clerk.scan(strange)
        await clerk.wait("sale")

    story()


@logged_in()
async def test_a_scale_s_label_and_a_receipt_are_told_apart(clerk: SimClerk) -> None:
    """Where goods are looked for, a receipt, a card or a badge still begins the next search."""
    sale = clerk.site.shop.sale("visa-older")
    clerk.scan("6901028075763")
    await clerk.wait("failure")
    assert "MENU 1 3" in clerk.text.replace("\n", " ")
    await clerk.home()
    for prompt, keys in (("find.by", ()), ("find.goods", ("4",)), ("find.amount", ("1",))):
        await look(clerk)
        await clerk.go(*keys, to=prompt)
        clerk.scan(sale.receipt_no)
        await clerk.wait("sale")
        await clerk.home()
    await look(clerk)
    clerk.tap("visa")
    await clerk.wait("find.choose")
    clerk.take_away()
    await clerk.home()
    await look(clerk)
    beeps = clerk.site.terminal.screen.beeps
    clerk.site.post(ScanDropped(Drop.PAUSE))
    clerk.scan("6901028075763")
    await clerk.wait_text("6901028075763")
    assert clerk.prompt == "find.by", "one fact finds nothing yet"
    assert clerk.site.terminal.screen.beeps == beeps + 1, "the misread one is scanned again"
    clerk.scan("4761739001010010")
    await clerk.wait_text("***")
    assert "39001010010" not in clerk.text, "a card's number is shown nowhere"
    await sell(clerk, "GIFT", {"kind": "cash", "amount": 7_700}, gift_receipt_no="G-77", **CASH)
    clerk.scan("G-77")
    await clerk.wait("sale")
    await clerk.home()
    await look(clerk)
    clerk.scan(new_badge())
    await clerk.wait("failure")
