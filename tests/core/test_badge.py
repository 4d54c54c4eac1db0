"""The shape of a badge's code is that of nothing else that is scanned (R86)."""

from __future__ import annotations

import pytest

from pos_terminal.core.badge import Badge, badge_of, holds_badge, mask_badges

CODE = "POSBDG7K2M9Q4XW8ZT5R3N"


@pytest.mark.parametrize(
    "text",
    [
        CODE,
        CODE.lower(),
        f" {CODE}\r",
        "ＰＯＳＢＤＧ" + CODE[6:],
        "POSBDG" + "7" * 16,
        "POSBDG" + "A" * 40,
    ],
)
def test_a_badge_is_one_in_whatever_way_a_scanner_sends_it(text: str) -> None:
    badge = badge_of(text)
    assert badge is not None
    assert badge.reveal() in (CODE, "POSBDG" + "7" * 16, "POSBDG" + "A" * 40)


@pytest.mark.parametrize(
    "text",
    [
        "8123456700008",  # a voucher's shape, and an EAN-13
        "2345600000017",
        "96385074",  # EAN-8
        "690123456789205678901"[:18],  # EAN-13 with an add-on of five
        "010950600013435217261231",  # a GS1 code: GTIN, then expiry
        "00395060001343352",
        "4761731000000043",  # a card
        "R-2026-11-29-000123",  # a till's receipt
        "https://shop.example/POSBDG7K2M9Q4XW8ZT5R3N",
        "POSBDG7K2M9Q4XW8Z",  # too short
        "POSBDG" + "A" * 41,
        "POSBDG7K2M9Q4XW8ZT5R-N",
        "XPOSBDG7K2M9Q4XW8ZT5R3N",
        "",
    ],
)
def test_nothing_else_is_taken_for_one(text: str) -> None:
    assert badge_of(text) is None


def test_a_badge_never_prints_itself() -> None:
    badge = Badge(CODE)
    assert CODE[6:] not in f"{badge} {badge!r} {[badge]} {badge.__reduce__ is None}"
    with pytest.raises(ValueError, match="not the code of a badge"):
        Badge(CODE[:-7])


@pytest.mark.parametrize("text", [CODE, f"note {CODE} end", CODE.lower(), CODE[:-5]])
def test_a_masked_text_has_nothing_of_a_code_but_its_prefix(text: str) -> None:
    assert "7K2M9Q" not in mask_badges(text).upper()
    assert "POSBDG…" in mask_badges(text)
    assert mask_badges("R-2026-11") == "R-2026-11"


SPOILT = {
    "a digit typed with Shift that never came up": "POSBDG7K2M9Q$XW8ZT5R3N",
    "all digits so": "posbdg&k@m(q$xw*zt%r#n",
    "the Enter between two scans lost": "R-2026-11-29-000123" + CODE,
    "two badges in one": CODE + CODE,
    "a separator in it": CODE[:12] + "\x1d" + CODE[12:],
    "framed": f"*{CODE}*",
    "full width": "ＰＯＳＢＤＧ" + CODE[6:],
    **{f"{CODE[at]} lost": CODE[:at] + CODE[at + 1 :] for at in range(6)},
}


@pytest.mark.parametrize("text", SPOILT.values(), ids=SPOILT.keys())
def test_a_badge_that_was_scanned_badly_is_kept_nowhere_either(text: str) -> None:
    assert holds_badge(text)
    left = mask_badges(text).upper()
    assert not any(text.upper()[at : at + 4] in left for at in range(len(text) - 16, len(text) - 3))


@pytest.mark.parametrize("text", ["R-2026-11-29-000123", "BDG-2026-000000000000000001", "POSBD 1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert not holds_badge(text)
    assert mask_badges(text) == text
