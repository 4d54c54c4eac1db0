"""The hot line stands beside trouble that a clerk can't mend, and nowhere else (R82)."""

from __future__ import annotations

import pytest

from pos_terminal.core.words import say
from pos_terminal.flows.common import support
from pos_terminal.flows.common.support import support_line
from pos_terminal.texts import catalogue
from pos_terminal.ui.page import Line

NUMBER = "400-800-1234"


@pytest.mark.parametrize(
    "code", ["ledger.full", "ledger.tampered", "keys.ring", "clock.apart", "flows.defect"]
)
def test_trouble_of_the_terminals_own_has_it(code: str) -> None:
    assert support_line(say(code), NUMBER) == (Line(say("flows.support"), NUMBER),)
    assert support_line(say(code), "") == ()


@pytest.mark.parametrize("code", ["ledger.balance", "flows.no_sale", "host.not_sent", "scan.pause"])
def test_what_a_clerk_can_go_on_from_has_it_not(code: str) -> None:
    assert support_line(say(code), NUMBER) == ()


def test_every_code_that_it_knows_is_said_somewhere() -> None:
    assert catalogue().keys() >= support._CODES


def test_no_trouble_of_keys_clock_or_display_is_forgotten() -> None:
    told = {code for code, text in catalogue().items() if "tech" in text}
    areas = ("clock.", "display.", "keys.", "start.")
    assert {code for code in told if code.startswith(areas)} <= support._CODES
