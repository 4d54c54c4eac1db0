"""Who may do what at the keypad, over restarts; and what the screen really shows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hw_sim.bench.running import until
from hw_sim.bench.shop import Shop
from worlds.shop import COMMAND, give_back, last

VT = Path(__file__).parents[1] / "drivers" / "vt.py"


def painted(shop: Shop) -> list[str]:
    """The rows as a terminal emulator shows what was written to the screen, without empty ones:
    a large row takes two of a console, and is told once."""
    spec = importlib.util.spec_from_file_location("vt_of_e2e", VT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    screen = module.Terminal(40, 15)
    screen.feed(shop.terminal.painted)
    return [row.rstrip() for row in screen.text() if row.strip()]


def rows(shop: Shop) -> list[str]:
    return [row.rstrip() for row in shop.hands.screen()["rows"] if row.strip()]


def test_what_is_painted_is_what_the_control_socket_tells(shop: Shop) -> None:
    def same() -> bool:
        return painted(shop) == rows(shop)

    def held(where: str) -> None:
        until(same, bool, 10, f"the screen of {where}")

    held("home")
    shop.clerk.scan(shop.hands.sample("visa-older"))
    shop.clerk.see("sale")
    held("sale")
    shop.hands.press("enter")
    shop.clerk.see("refund.amount")
    shop.hands.press("1", "2")
    shop.clerk.see_text("0.12")
    held("refund.amount")
    shop.hands.press("enter")
    shop.clerk.see("refund.reason")
    shop.hands.press("down")
    held("refund.reason")


def to_supervisor(shop: Shop) -> None:
    shop.clerk.scan(shop.hands.sample("visa-older"))
    shop.clerk.ask_for("31")
    shop.clerk.see("supervisor.number")


def approve_as(shop: Shop, number: str, pin: str) -> None:
    shop.clerk.answer("supervisor.number", number)
    shop.clerk.answer("supervisor.pin", pin)


def wrong(pin: str) -> str:
    return pin[:-1] + str((int(pin[-1]) + 1) % 10)


def test_nobody_approves_their_own_refund_and_a_clerk_approves_none(shop: Shop) -> None:
    clerk, other = shop.hands.person("clerk"), shop.hands.person("clerk", 1)
    to_supervisor(shop)
    approve_as(shop, clerk["number"], clerk["pin"])
    shop.clerk.see_text("不能自行授权")
    approve_as(shop, other["number"], other["pin"])
    shop.clerk.see("supervisor.number")
    supervisor = shop.hands.person("supervisor", 1)
    approve_as(shop, supervisor["number"], supervisor["pin"])
    shop.clerk.see("card.present")


def test_wrong_pins_are_counted_over_a_crash(shop: Shop) -> None:
    """The lock after six is tested beside the people; here the count outlives kill -9."""
    clerk = shop.hands.person("clerk", 1)
    log_out(shop)
    for left in (5, 4):
        fail_log_in(shop, clerk, left)
        shop.hands.press("enter")
        shop.clerk.see("login.number")
    shop.crash()
    shop.start()
    shop.clerk.see("login.number", 60)
    fail_log_in(shop, clerk, 3)
    shop.hands.press("enter")


def fail_log_in(shop: Shop, person: dict[str, str], left: int) -> None:
    shop.clerk.answer("login.number", person["number"])
    shop.clerk.answer("login.pin", wrong(person["pin"]))
    shop.clerk.see("login.failed", 60)
    shop.clerk.see_text(str(left))


def log_out(shop: Shop) -> None:
    shop.hands.press("menu")
    shop.clerk.see("menu")
    shop.hands.press("5", "1")
    shop.clerk.see("login.number")


def test_a_terminal_that_nobody_set_up_refuses_and_says_how(shop: Shop, tmp_path: Path) -> None:
    text = shop.files.config.read_text("utf-8")
    bare = tmp_path / "bare.toml"
    changed = text.replace('data_dir = "terminal"', f'data_dir = "{tmp_path / "empty"}"')
    assert changed != text
    bare.write_text(changed, "utf-8")
    shop.terminal.stop()
    shop.start([*COMMAND, "run", "--config", str(bare)])
    shop.clerk.see("stopped", 60)
    shop.terminal.stop()


def requests(shop: Shop) -> int:
    """How many refunds and voids have reached the acquirer."""
    log = shop.hands.acquirer("log")
    return len([row for row in log if row.get("mti") in ("0200", "0220")])


def crash_at(shop: Shop, sample: str, amount: str) -> dict[str, Any]:
    """kill -9 while the acquirer is asked; start again; what became of it."""
    known = requests(shop)
    shop.hands.acquirer("mode", "delay:1", "--count", "1")
    give_back(shop, sample, "visa", amount)
    until(lambda: requests(shop), lambda now: now > known, 30, "the request")
    shop.crash()
    shop.open_up()
    shop.at_rest()
    return last(shop)


def test_a_refund_killed_while_the_acquirer_is_asked_is_paid_once(shop: Shop) -> None:
    found = crash_at(shop, "visa-older", "33")
    assert (found["state"], found["done"]) == ("accepted", 33)


def test_a_void_killed_while_the_acquirer_is_asked_is_reversed(shop: Shop) -> None:
    found = crash_at(shop, "visa-today", "")
    assert (found["kind"], found["state"], found["done"]) == ("void", "reversed", 0)
