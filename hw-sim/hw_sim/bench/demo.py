"""``hw-sim demo``: a refund, a void and a refused card at the counter, shown step by step."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hw_sim.bench import show
from hw_sim.bench.books import Books, compare
from hw_sim.bench.running import Hands, RunningBench, RunningTerminal, until
from hw_sim.device import BenchError

REFUND_CARD = "visa"
VOID_CARD = "unionpay-debit"
WRONG_CARD = "mastercard"
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
            counter.wrong_card()
        except BenchError:
            _trouble(counter.hands, terminal)
            raise
        return settle(counter.hands)


class Counter:
    """The counter: what its people do, and what they see while doing it."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self._slips = 0

    def open_up(self) -> None:
        clerk = self.hands.person("clerk")
        _say("收银员登录 / The clerk logs in")
        self.see("login.number", seconds=60)
        self.answer("login.number", clerk["number"])
        self.answer("login.pin", clerk["pin"])
        self.see("home")

    def refund(self) -> None:
        """Scanned receipt, part of the amount, tapped card."""
        sale = self.hands.sample(f"{REFUND_CARD}-older")
        amount = sale["amount"] // 2
        _say(f"退货:扫描小票,部分退款,挥卡 / Refund: receipt {sale['receipt_no']}, part, tap")
        self.hands.scan(sale["receipt_no"])
        self.approve(str(amount))
        self.hands.tap(REFUND_CARD)
        self.finish()

    def void(self) -> None:
        """Trace number, whole amount of today's sale, inserted card."""
        sale = self.hands.sample(f"{VOID_CARD}-today")
        _say(f"撤销:凭证号,插卡 / Void: trace {sale['trace']}, card inserted")
        first, *rest = sale["trace"]
        self.hands.press(first)
        self.hands.wait("find.trace")
        self.hands.type("".join(rest))
        self.approve("")
        self.hands.insert(VOID_CARD)
        self.see("card.remove")
        self.hands.remove()
        self.finish()

    def wrong_card(self) -> None:
        """Three tries with another card: refused, and no other way is opened."""
        sale = self.hands.sample(f"{VOID_CARD}-older")
        _say("错卡:三次后结束 / Another card than the sale's: ended after three tries")
        self.hands.scan(sale["receipt_no"])
        self.approve("100")
        for left in (2, 1, 0):
            self.hands.tap(WRONG_CARD)
            if left:
                self.see_text(f"还可试{left}次", f"{left} left")
            else:
                self.see("result")
            self.hands.remove()
        self.hands.press("enter")
        self.see("home")

    def approve(self, amount: str) -> None:
        """From the sale on the screen to "present the card"."""
        supervisor = self.hands.person("supervisor")
        self.see("sale")
        self.hands.press("enter")
        self.answer("refund.amount", amount)
        self.answer("refund.reason", "1", enter=False)
        self.answer("supervisor.number", supervisor["number"])
        self.answer("supervisor.pin", supervisor["pin"])
        self.see("card.present")

    def finish(self) -> None:
        """The outcome and its two slips."""
        self.see("result", seconds=60)
        self.hands.remove()
        receipts = self.hands.wait_receipts(self._slips + _SLIPS_EACH)
        for one in receipts[self._slips :]:
            print(show.receipt(one), flush=True)
        self._slips = len(receipts)
        self.hands.press("enter")
        self.see("home")

    def answer(self, prompt: str, keys: str, *, enter: bool = True) -> None:
        """Wait for a prompt, show it, type, show what was typed."""
        before = self.see(prompt)
        if keys:
            self.hands.press(*keys)
        if keys and enter:
            self._show(
                until(self.hands.screen, lambda now: now["rows"] != before["rows"], 10, keys)
            )
        if enter:
            self.hands.press("enter")

    def see(self, prompt: str, seconds: float = 30) -> dict[str, Any]:
        """Wait for a prompt and show it."""
        self.hands.wait(prompt, seconds)
        return self._show(self.hands.screen())

    def see_text(self, *texts: str) -> None:
        """Wait until one of the texts is on the screen, and show it."""

        def there(screen: dict[str, Any]) -> bool:
            return any(text in row for row in screen["rows"] for text in texts)

        self._show(until(self.hands.screen, there, 30, texts[0]))

    def _show(self, screen: dict[str, Any]) -> dict[str, Any]:
        print(show.screen(screen["prompt"], screen["rows"], screen["columns"]), flush=True)
        return screen


def settle(hands: Hands) -> int:
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
        screen = hands.screen()
        print(show.screen(screen["prompt"], screen["rows"], screen["columns"]), file=sys.stderr)
    except BenchError as error:
        print(f"terminal (exit status {terminal.status}): {error}", file=sys.stderr)
    log = hands.folder / "terminal.log"
    if log.exists():
        print(log.read_text("utf-8", "replace")[-4000:], file=sys.stderr)
