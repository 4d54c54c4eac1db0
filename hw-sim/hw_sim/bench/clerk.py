"""The clerk's part, as steps from prompt to prompt: for the demo and for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hw_sim.bench.running import PATIENCE, Hands, until

Screen = dict[str, Any]


class Clerk:
    """Works the terminal by prompts' names. ``watch`` gets every screen that was waited for."""

    def __init__(self, hands: Hands, watch: Callable[[Screen], None] = lambda _: None) -> None:
        self.hands = hands
        self._watch = watch

    def log_in(self, role: str = "clerk", place: int = 0) -> None:
        """To the home screen, or to the question about a slip that was interrupted."""
        person = self.hands.person(role, place)
        self.see("login.number")
        self.answer("login.number", person["number"])
        self.answer("login.pin", person["pin"])
        self.see("home|print.unsure")

    def scan(self, sale: dict[str, Any]) -> None:
        """The receipt of a sample sale."""
        self.hands.scan(sale["receipt_no"])

    def type_trace(self, trace: str) -> None:
        """At the home screen: the first digit begins the search."""
        self.hands.press(trace[0])
        self.hands.wait("find.trace")
        self.hands.type(trace[1:])

    def ask_for(self, amount: str = "", reason: str = "1") -> None:
        """From the sale on the screen to its reason; no amount: all that remains."""
        self.see("sale")
        self.hands.press("enter")
        self.answer("refund.amount", amount)
        self.answer("refund.reason", reason, enter=False)

    def ask_for_goods(self, quantity: str, reason: str = "1") -> None:
        """From the sale on the screen to its reason: so much of its first line."""
        self.answer("sale", "")
        self.see("refund.amount")
        self.hands.press("menu")
        self.answer("refund.lines", "1", enter=False)
        self.answer("refund.quantity", quantity)
        self.see("refund.lines")
        self.hands.press("menu")
        self.answer("refund.amount", "")
        self.answer("refund.reason", reason, enter=False)

    def approve(self, place: int = 0) -> None:
        """A supervisor's number and PIN, to the prompt for the card."""
        supervisor = self.hands.person("supervisor", place)
        self.answer("supervisor.number", supervisor["number"])
        self.answer("supervisor.pin", supervisor["pin"])

    def answer(self, prompt: str, keys: str, *, enter: bool = True) -> None:
        """Wait for a prompt and type; before Enter, wait until what was typed is shown."""
        before = self.see(prompt)
        if keys:
            self.hands.press(*keys)
        if enter:
            if keys:
                self._watch(until(self.hands.screen, changed_from(before), PATIENCE, "the echo"))
            self.hands.press("enter")

    def see(self, prompts: str, seconds: float = PATIENCE) -> Screen:
        """Wait for a prompt (or one of several) and take in its screen."""
        self.hands.wait(prompts, seconds)
        screen = self.hands.screen()
        self._watch(screen)
        return screen

    def see_text(self, *texts: str, seconds: float = PATIENCE) -> Screen:
        """Wait until one of the texts is on the screen."""

        def there(screen: Screen) -> bool:
            return any(text in row for row in screen["rows"] for text in texts)

        screen = until(self.hands.screen, there, seconds, " or ".join(texts))
        self._watch(screen)
        return screen

    def accept(self) -> None:
        """The clerk has read the outcome."""
        self.hands.press("enter")
        self.see("home")


def changed_from(before: Screen) -> Callable[[Screen], bool]:
    """Whether another screen than ``before`` is shown."""
    return lambda now: bool(now["rows"] != before["rows"] or now["prompt"] != before["prompt"])
