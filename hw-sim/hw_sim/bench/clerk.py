"""The clerk's part, as steps from prompt to prompt: for the demo and for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hw_sim.bench import script
from hw_sim.bench.people import Staff
from hw_sim.bench.running import PATIENCE, Hands, until
from hw_sim.bench.script import Act, Press, Scan, Script, See, Type

Screen = dict[str, Any]


class Clerk:
    """Works the terminal by prompts' names. ``watch`` gets every screen that was waited for."""

    def __init__(self, hands: Hands, watch: Callable[[Screen], None] = lambda _: None) -> None:
        self.hands = hands
        self._watch = watch

    def play(self, told: Script) -> str:
        """A script of the clerk's to its end; the prompt that it ended at."""
        shown = ""
        try:
            act = next(told)
            while True:
                shown = self._do(act) or shown
                act = told.send(shown)
        except StopIteration as end:
            return str(end.value)

    def _do(self, act: Act) -> str | None:
        """The prompt that was waited for."""
        match act:
            case See(prompts):
                return str(self.see("|".join(prompts))["prompt"])
            case Type(digits):
                self._type(digits)
            case Press(key):
                self.hands.press(key)
            case Scan(text):
                self.hands.scan(text)
        return None

    def _type(self, digits: str) -> None:
        """And wait until what was typed is shown."""
        before = self.hands.screen()
        self.hands.press(*digits)
        self._watch(until(self.hands.screen, changed_from(before), PATIENCE, "the echo"))

    def log_in(self, role: str = "clerk", place: int = 0) -> None:
        """To the home screen, or to the question about a slip that was interrupted."""
        self.play(script.log_in(self._person(role, place)))

    def scan(self, sale: dict[str, Any]) -> None:
        """The receipt of a sample sale."""
        self.hands.scan(sale["receipt_no"])

    def type_trace(self, trace: str) -> None:
        """At the home screen: the first digit begins the search."""
        self.play(script.type_trace(trace))

    def ask_for(self, amount: str = "", reason: str = "1") -> None:
        """From the sale on the screen to its reason; no amount: all that remains."""
        self.play(script.ask_for(amount, reason))

    def ask_for_ticket(self, reason: str = "1") -> None:
        """From the sale on the screen to its plan and past it: all of every payment."""
        self.play(script.ask_for_ticket(reason))

    def ask_for_goods(self, quantity: str, reason: str = "1") -> None:
        """From the sale on the screen to its reason: so much of its first line."""
        self.play(script.ask_for_goods(quantity, reason))

    def exchange(self, code: str, reason: str = "1") -> None:
        """From a sale of several goods on the screen past what goes out for one piece."""
        self.play(script.exchange(code, reason))

    def approve(self, place: int = 0) -> None:
        """A supervisor's number and PIN, to the prompt for the card."""
        self.play(script.approve(self._person("supervisor", place)))

    def approve_by_badge(self, place: int = 0) -> None:
        """A supervisor's badge and PIN, to the prompt for the card."""
        self.play(script.approve_by_badge(self._person("supervisor", place)))

    def pay_out(self) -> None:
        """The amount of cash or store credit is right."""
        self.play(script.pay_out())

    def answer(self, prompt: str, keys: str, *, enter: bool = True) -> None:
        """Wait for a prompt and type; Enter once what was typed is shown."""
        if enter:
            self.play(script.answer(prompt, keys))
            return
        self.see(prompt)
        self.hands.press(*keys)

    def _person(self, role: str, place: int) -> Staff:
        return Staff(**self.hands.person(role, place))

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
        self.play(script.accept())


def changed_from(before: Screen) -> Callable[[Screen], bool]:
    """Whether another screen than ``before`` is shown."""
    return lambda now: bool(now["rows"] != before["rows"] or now["prompt"] != before["prompt"])
