"""``hw-sim demo``: a refund, two voids, an exchange and a refused card at the counter, step by
step."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from hw_sim.bench import show
from hw_sim.bench.books import Books, compare
from hw_sim.bench.clerk import Clerk, Screen
from hw_sim.bench.running import Hands, RunningBench, RunningTerminal
from hw_sim.device import BenchError

REFUND_CARD = "visa"
VOID_CARD = "unionpay-debit"
WRONG_CARD = "mastercard"
EXCHANGED = "cash-today"
_SLIPS_EACH = 2


def run(folder: Path, words: list[str]) -> int:
    """Exit status 0 only if terminal and acquirer agree on the money."""
    _say("启动模拟设备、收单机构和终端 / Starting devices, acquirer and terminal")
    with RunningBench(folder, *words) as bench, RunningTerminal(bench.files) as terminal:
        counter = Counter(Hands(folder))
        try:
            counter.open_up()
            counter.refund()
            counter.void()
            counter.two_cards()
            counter.exchange()
            counter.wrong_card()
        except BenchError:
            _trouble(counter.hands, terminal)
            raise
        return come_to_rest(counter.hands)


class Counter:
    """The stories, told with every screen and slip."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self._clerk = Clerk(hands, self._look)
        self._serial = 0
        self._last: Screen = {}
        self._slips = 0
        """Those that were shown,"""
        self._awaited = 0
        """and with those that are to come."""

    def open_up(self) -> None:
        _say("收银员签到 / The clerk logs in")
        self._clerk.see("login.number")
        self.hands.wait_ready()
        self._clerk.log_in()

    def refund(self) -> None:
        """Scanned receipt, one piece of its first goods, a supervisor's badge, tapped card."""
        sale = self.hands.sample(f"{REFUND_CARD}-older")
        receipt = sale["receipt_no"]
        _say(f"退货:扫描小票,退一件,主管扫牌,挥卡 / Refund: {receipt}, one piece, badge, tap")
        self._clerk.scan(sale)
        self._clerk.ask_for_goods("1")
        self._approved(by_badge=True)
        self.hands.tap(REFUND_CARD)
        self._outcome()
        self.hands.remove()

    def void(self) -> None:
        """Trace number, whole amount of today's sale, inserted card."""
        sale = self.hands.sample(f"{VOID_CARD}-today")
        _say(f"撤销:凭证号,插卡 / Void: trace {sale['trace']}, card inserted")
        self._clerk.type_trace(sale["trace"].lstrip("0"))
        self._to_card("")
        self.hands.insert(VOID_CARD)
        self._clerk.see("card.remove")
        self.hands.remove()
        self._outcome()

    def two_cards(self) -> None:
        """Two cards paid: one ticket of two legs, approved once. Each card takes its own leg."""
        sale = self.hands.sample("two-cards-today")
        second = sale["payments"][1]
        told = f"两卡支付:一票两笔 / Two cards paid: one ticket, found by trace {second['trace']}"
        _say(told)
        self._clerk.type_trace(second["trace"].lstrip("0"))
        self._clerk.ask_for_ticket()
        self._approved()
        for payment in reversed(sale["payments"]):
            self._clerk.see("card.present")
            self.hands.insert(payment["card"])
            self._clerk.see("card.remove")
            self.hands.remove()
            self._outcome(more=payment is second)

    def exchange(self) -> None:
        """A piece comes back, another of the same goods goes out: no money."""
        sale = self.hands.sample(EXCHANGED)
        _say("换货:同价换同价,不动钱 / Exchange: the same goods again, and no money")
        self._clerk.scan(sale)
        self._clerk.exchange(sale["goods"][0])
        self._clerk.approve()
        self._outcome()

    def wrong_card(self) -> None:
        """Three tries with another card: refused, and no other way is opened."""
        sale = self.hands.sample(f"{VOID_CARD}-older")
        _say("错卡:三次后结束 / Another card than the sale's: ended after three tries")
        self._clerk.scan(sale)
        self._to_card("100")
        for left in (2, 1):
            self.hands.tap(WRONG_CARD)
            self._clerk.see_text(f"还可试{left}次", f"{left} left")
            self.hands.remove()
        self.hands.tap(WRONG_CARD)
        self._clerk.see("result")
        self.hands.remove()
        self._clerk.accept()

    def _look(self, _: Screen) -> None:
        """All that was shown since the last look, whether the script waited for it or not."""
        fresh = self.hands.screens(self._serial)
        for screen in told(self._last, fresh):
            _show(screen)
        if fresh:
            self._last = fresh[-1]
            self._serial = self._last["serial"]

    def _to_card(self, amount: str) -> None:
        self._clerk.ask_for(amount)
        self._approved()

    def _approved(self, *, by_badge: bool = False) -> None:
        (self._clerk.approve_by_badge if by_badge else self._clerk.approve)()
        self._clerk.see("card.present")

    def _outcome(self, *, more: bool = False) -> None:
        """The result and its two slips, and back to the home screen; or on with the ticket, while
        they print."""
        self._clerk.see("result")
        self._awaited += _SLIPS_EACH
        if more:
            self._clerk.answer("result", "")
            return
        receipts = self.hands.wait_receipts(self._awaited)
        for one in receipts[self._slips :]:
            print(show.receipt(one), flush=True)
        self._slips = self._awaited = len(receipts)
        self._clerk.accept()


def told(last: Screen, fresh: Sequence[Screen]) -> Sequence[Screen]:
    """Those of ``fresh`` to be shown: of a line that is being typed only how it ends.

    ``last`` is what was shown before them.
    """
    kept = []
    for screen, following in pairwise([*fresh, {}]):
        unchanged = _content(screen) == _content(last)
        if not unchanged and not (following and _typed_on(screen, following)):
            kept.append(screen)
        last = screen
    return kept


def _typed_on(screen: Screen, following: Screen) -> bool:
    """Whether one row of the same page grew."""
    if screen["prompt"] != following["prompt"]:
        return False
    pairs = zip(screen["rows"], following["rows"], strict=False)
    return len([before for before, after in pairs if before != after]) == 1


def _content(screen: Screen) -> object:
    return screen.get("prompt"), screen.get("rows")


def _show(screen: Screen) -> None:
    rows = show.without_gaps(screen["rows"])
    print(show.screen(screen["prompt"], rows, screen["columns"]), flush=True)


def come_to_rest(hands: Hands) -> int:
    """Both books and the verdict."""
    books = Books(hands.ledger(), hands.acquirer("ledger"))
    _say("终端账 / The terminal's ledger")
    print(show.table(books.terminal_rows()))
    _say("收单机构账 / The acquirer's ledger")
    print(show.table(books.acquirer_rows()))
    differences = compare(books)
    for line in differences:
        print(f"✗ {line}")
    paid = show.money(books.paid)
    if differences:
        _say("账不平 / The money does not agree")
        return 1
    _say(f"账平:双方都是 {paid} / The money agrees: {paid} on both sides")
    return 0


def _say(text: str) -> None:
    print(f"\n━━ {text}", flush=True)


def _trouble(hands: Hands, terminal: RunningTerminal) -> None:
    """What helps to see why the demo stopped: the screen, and what the terminal complained of."""
    try:
        _show(hands.screen())
    except BenchError as error:
        print(f"terminal (exit status {terminal.status}): {error}", file=sys.stderr)
    log = hands.folder / "terminal.log"
    if log.exists():
        print(log.read_text("utf-8", "replace")[-4000:], file=sys.stderr)
