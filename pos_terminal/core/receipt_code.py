"""The 13 digits under the barcode of our receipts and vouchers (R3, R37, R40).

kind 1 | merchant check 2 | terminal check 2 | serial 7 | Luhn 1. The two checks are sums over the
merchant's and the terminal's number, so that a foreign receipt is told from a misread one. A
receipt's serial counts; a voucher's is drawn at random (``core.voucher``).

Of the kinds 8 is store credit, whatever it was given for; the slip that the merchant keeps of it
has 5, as those of points and of exchanges have, and an exchange credit itself has 8. Papers of
cases, such as payouts, have 7. Never 0 or 6: with them the 13 digits on goods begin, American and
Chinese.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from pos_terminal.core.pan import luhn_digit, luhn_ok
from pos_terminal.core.refund import Kind

KIND_DIGIT: Final = {
    Kind.REFUND: "2",
    Kind.VOID: "3",
    Kind.CASH: "4",
    Kind.CREDIT: "5",
    Kind.POINTS: "5",
    Kind.EXCHANGE: "5",
    Kind.EXCHANGE_CREDIT: "5",
    Kind.EXCHANGE_BACK: "5",
}
APPLICATION_DIGIT: Final = "1"
"""On an application's slip, and on the form of a manual refund; the serial is its number."""
VOUCHER_DIGIT: Final = "8"
CASE_DIGIT: Final = "9"
"""On the slip of a case about a sale that has no refund; the serial is the case's number."""
REMEDY_DIGIT: Final = "7"
"""On a paper of a case: payout, recovery slip, claim, form; the serial is its number."""
LENGTH: Final = 13
MAX_SERIAL: Final = 9_999_999


class ReceiptCode(Struct, frozen=True):
    kind: str
    merchant_check: str
    terminal_check: str
    serial: int


def check_of(identity: str) -> str:
    """Two digits that depend on every character and on its place (weights 1, 2, 3 …, mod 97)."""
    return f"{sum(place * ord(char) for place, char in enumerate(identity, 1)) % 97:02d}"


def encode(kind: Kind, merchant_id: str, terminal_id: str, serial: int) -> str:
    """The 13 digits for a refund of this terminal. ValueError for a serial over seven digits."""
    return _encode(KIND_DIGIT[kind], merchant_id, terminal_id, serial)


def encode_application(merchant_id: str, terminal_id: str, number: int) -> str:
    """The 13 digits for an application. ValueError for a number over seven digits."""
    return _encode(APPLICATION_DIGIT, merchant_id, terminal_id, number)


def encode_case(merchant_id: str, terminal_id: str, case_id: int) -> str:
    """The 13 digits for a case. ValueError for a number over seven digits."""
    return _encode(CASE_DIGIT, merchant_id, terminal_id, case_id)


def remedy_code(merchant_id: str, terminal_id: str, number: int) -> str:
    """The 13 digits for a paper of a case; empty for a number that they can't carry, rather than no
    paper."""
    fits = number <= MAX_SERIAL
    return _encode(REMEDY_DIGIT, merchant_id, terminal_id, number) if fits else ""


def remedy_head(merchant_id: str, terminal_id: str) -> str:
    """With what each of these begins; the number and a check digit follow."""
    return _head(REMEDY_DIGIT, merchant_id, terminal_id)


def encode_voucher(merchant_id: str, terminal_id: str, serial: int) -> str:
    """The 13 digits of a voucher. ValueError for a serial over seven digits."""
    return _encode(VOUCHER_DIGIT, merchant_id, terminal_id, serial)


def _encode(kind: str, merchant_id: str, terminal_id: str, serial: int) -> str:
    if not 0 < serial <= MAX_SERIAL:
        raise ValueError(f"serial {serial} has no place in seven digits")
    digits = f"{_head(kind, merchant_id, terminal_id)}{serial:07d}"
    return digits + luhn_digit(digits)


def _head(kind: str, merchant_id: str, terminal_id: str) -> str:
    return f"{kind}{check_of(merchant_id)}{check_of(terminal_id)}"


def looks_like(text: str) -> bool:
    """Whether the text has the shape of our code, its check digit aside."""
    return len(text) == LENGTH and text.isascii() and text.isdigit()


def decode(text: str) -> ReceiptCode | None:
    """The parts of our code; None where shape or check digit are wrong: scan again."""
    if not looks_like(text) or not luhn_ok(text):
        return None
    return ReceiptCode(text[0], text[1:3], text[3:5], int(text[5:12]))
