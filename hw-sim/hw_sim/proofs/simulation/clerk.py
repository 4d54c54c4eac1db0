"""The clerk's script in plain Python: waits for prompts by name, presses keys, shows cards."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from hw_sim.bench import script
from hw_sim.bench.people import Staff
from hw_sim.bench.sample_sales import SampleSale
from hw_sim.bench.script import Press, Scan, Script, See, Type
from hw_sim.printer.as_text import as_text
from hw_sim.proofs.simulation.site import Site
from pos_terminal.core.people import Role
from pos_terminal.ports import Interface, Key, KeyPressed, Scanned

PATIENCE: Final = 600.0
"""Virtual seconds that a clerk waits for a prompt."""
LOCKED: Final = 31 * 60.0
"""Virtual seconds after which a lock has ended."""
_KEYS_HOME: Final = 60
_AFTER_CARD: Final = ("result", "failure", "supervisor.number")
_AFTER_READING: Final = (
    *("card.present", "card.remove", "host.connect", "owed.wait", "host.wait", "print.wait"),
    *_AFTER_CARD,
)
_NAMES: Final = {key.value: key for key in Key}


class Lost(AssertionError):
    """The terminal does not show what the script waits for."""


class SimClerk:
    """Whoever stands at the counter: clerk, supervisor, and the customer with the card."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.me: Staff = site.shop.person(Role.CLERK)
        """Who is logged in, or will be."""

    # --- eyes and hands ------------------------------------------------------------------------

    @property
    def prompt(self) -> str:
        return self.site.terminal.screen.prompt

    @property
    def text(self) -> str:
        """What is on the screen, row by row."""
        return self.site.terminal.screen.text

    @property
    def papers(self) -> list[str]:
        """All slips that the printer has cut: one that is still coming out is none yet."""
        return [as_text(one) for one in self.site.parts.printer.printer.roll.all() if one.complete]

    async def wait(self, *prompts: str, seconds: float = PATIENCE) -> str:
        """Until one of the prompts is shown; which one. Lost with the screen otherwise."""
        screen = self.site.terminal.screen
        try:
            async with asyncio.timeout(seconds):
                while screen.prompt not in prompts:
                    await screen.changed()
        except TimeoutError:
            raise Lost(
                f"waited for {' or '.join(prompts)}, there is {screen.prompt}:\n{screen.text}"
            ) from None
        return screen.prompt

    async def wait_text(self, text: str, seconds: float = PATIENCE) -> None:
        screen = self.site.terminal.screen
        try:
            async with asyncio.timeout(seconds):
                while text not in screen.text:
                    await screen.changed()
        except TimeoutError:
            raise Lost(f"waited for {text!r}, there is:\n{screen.text}") from None

    def press(self, *keys: str) -> None:
        """Keys by name, or digits in a row: ``press("123", "enter")``."""
        for key in keys:
            named = [key] if key in _NAMES else list(key)
            for one in named:
                self.site.post(KeyPressed(_NAMES[one]))

    def scan(self, text: str) -> None:
        self.site.post(Scanned(text))

    def tap(self, card: str) -> None:
        self.site.parts.readers.tap(card)

    def insert(self, card: str) -> None:
        self.site.parts.readers.insert(card)

    def take_away(self) -> None:
        """Every card out of every reader."""
        for interface in Interface:
            self.site.parts.readers.remove(interface)

    def choose(self, text: str) -> None:
        """The option on the screen that has this text, by the number before it."""
        rows = self.site.terminal.screen.text.splitlines()
        for row in rows:
            number, _, option = row.lstrip("> ").partition(" ")
            if number.isdecimal() and text in option:
                self.press(number)
                return
        raise Lost(f"no option is called {text!r}:\n{self.site.terminal.screen.text}")

    async def look_for(self, text: str) -> None:
        """The option with this text, on whichever page of a long list it stands."""
        first = self.text
        while text not in self.text and self.text.splitlines()[-2].startswith("0 "):
            changed = asyncio.ensure_future(self.site.terminal.screen.changed())
            self.press("0")
            async with asyncio.timeout(PATIENCE):
                await changed
            if self.text == first:  # all of it was seen
                break
        self.choose(text)

    # --- steps ---------------------------------------------------------------------------------

    async def play(self, told: Script) -> str:
        """A script of the clerk's to its end; the prompt that it ended at."""
        shown = ""
        try:
            act = next(told)
            while True:
                match act:
                    case See(prompts):
                        shown = await self.wait(*prompts)
                    case Type(digits):
                        self.press(digits)
                    case Press(key):
                        self.press(key)
                    case Scan(text):
                        self.scan(text)
                act = told.send(shown)
        except StopIteration as end:
            return str(end.value)

    async def answer(self, prompt: str, keys: str) -> None:
        await self.play(script.answer(prompt, keys))

    async def go(self, *keys: str, to: str) -> None:
        """Press these keys, and wait for this prompt."""
        self.press(*keys)
        await self.wait(to)

    async def at(self, *steps: str) -> None:
        """From prompt to prompt, with the keys that answer each: ``at("pending: 1", "home")``.

        ``": menu"`` presses a key wherever the terminal is.
        """
        for step in steps:
            prompt, _, keys = step.partition(": ")
            if prompt:
                await self.wait(prompt)
            self.press(*keys.split())

    async def log_in(self, place: int = 0) -> None:
        self.me = self.site.shop.person(Role.CLERK, place)
        await self.play(script.log_in(self.me))

    async def log_in_somehow(self) -> None:
        """Whoever was locked out waits for the end of it, and reads what is said of it."""
        while True:
            self.me = self.site.shop.person(Role.CLERK)
            await self.answer("login.number", self.me.number)
            await self.answer("login.pin", self.me.pin)
            shown = await self.wait(*script.AFTER_LOG_IN, "login.news", "login.failed")
            if shown != "login.failed":
                return
            self.press("enter")
            await asyncio.sleep(LOCKED)

    async def approve(self, place: int = 0, pin: str | None = None) -> None:
        await self.play(script.approve(self._supervisor(place, pin)))

    async def approve_by_badge(self, place: int = 0, pin: str | None = None) -> None:
        await self.play(script.approve_by_badge(self._supervisor(place, pin)))

    def _supervisor(self, place: int, pin: str | None) -> Staff:
        """One of the shop's, who types this PIN in place of the own."""
        person = self.site.shop.person(Role.SUPERVISOR, place)
        return person if pin is None else replace(person, pin=pin)

    async def pay_out(self) -> None:
        """The amount of cash or store credit is right."""
        await self.play(script.pay_out())

    async def find(self, sale: SampleSale) -> None:
        """From home to the sale on the screen, by its receipt."""
        await self.play(script.find(sale.receipt_no))

    async def ask_for(self, sale: SampleSale, amount: int | None = None) -> str:
        """From home to the first prompt after the reason; None is all that remains."""
        await self.find(sale)
        await self.play(script.ask_for("" if amount is None else str(amount)))
        return await self.wait("supervisor.number", "result", "failure")

    async def to_card(self, sale: SampleSale, amount: int | None = None) -> None:
        """From home, asked for and approved, to the prompt for the card."""
        await self.ask_for(sale, amount)
        await self.approve()
        await self.wait("card.present")

    async def show_card(self, card: str, *, tapped: bool = True) -> str:
        """The customer's card until it is read, then away when the terminal says so.

        The prompt after it: ``result``, ``failure``, ``supervisor.number``, or ``card.present``
        where the terminal wants a card again.
        """
        await self.wait("card.present")
        (self.tap if tapped else self.insert)(card)
        await self.wait("card.reading")
        shown = await self.wait(*_AFTER_READING)
        if tapped or shown == "card.present":
            self.take_away()
        if shown == "card.present":
            return shown
        shown = await self.wait("card.remove", *_AFTER_CARD)
        if shown == "card.remove":
            self.take_away()
            shown = await self.wait(*_AFTER_CARD)
        return shown

    async def give_back(
        self, sale: SampleSale, amount: int | None = None, *, card: str = "visa"
    ) -> str:
        """From home: asked for, approved, the card tapped. The prompt then, as ``show_card``."""
        await self.ask_for(sale, amount)
        await self.approve()
        return await self.show_card(card)

    async def accept(self) -> None:
        """The outcome was read; back to the home screen."""
        await self.play(script.accept())

    async def from_menu(self, text: str) -> None:
        """The menu, and the entry with this text, whichever group it is in."""
        await self.go("menu", to="menu")
        for digit in self._digits():
            self.press(digit)
            await self.leave("menu")
            if text in self.text:
                self.choose(text)
                return
            await self.go("cancel", to="menu")
        raise Lost(f"no group of the menu has {text!r}:\n{self.text}")

    def _digits(self) -> list[str]:
        """Before the options on the screen."""
        firsts = (row.lstrip("> ").partition(" ")[0] for row in self.text.splitlines())
        return [first for first in firsts if first.isdecimal()]

    async def home(self, *, reprint: bool = True) -> None:
        """The home screen from wherever the terminal is; somebody logs in where need be."""
        await self.wait_for_life()
        for _ in range(_KEYS_HOME):
            prompt = self.prompt
            if prompt == "home":
                return
            await self._towards_home(prompt, reprint)
        raise Lost(f"no way home from {self.prompt}:\n{self.site.terminal.screen.text}")

    async def leave(self, prompt: str) -> None:
        """Until another prompt is shown."""
        screen = self.site.terminal.screen
        async with asyncio.timeout(PATIENCE):
            while screen.prompt == prompt:
                await screen.changed()

    async def wait_for_life(self) -> None:
        """Until a process that has started says something."""
        screen = self.site.terminal.screen
        while screen.prompt in ("", "starting"):
            await screen.changed()

    async def _towards_home(self, prompt: str, reprint: bool) -> None:
        screen = self.site.terminal.screen
        changed = asyncio.ensure_future(screen.changed())
        match prompt:
            case "login.number":
                changed.cancel()
                await self.log_in_somehow()
                return
            case "lock.pin":
                changed.cancel()
                self.press(self.me.pin, "enter")
                await self.leave("lock.pin")
                return
            case "print.unsure":
                self.press("1" if reprint else "2")
            case "card.remove":
                self.take_away()
            case "cash.hand_over":
                self.press("enter")
            case _ if prompt.endswith(("wait", "reading", "connect")):
                pass
            case "result" | "failure":
                self.press("enter")
            case _:
                self.press("cancel")
        try:
            async with asyncio.timeout(PATIENCE):
                await changed
        except TimeoutError:
            raise Lost(f"{prompt} stays for ever:\n{screen.text}") from None
