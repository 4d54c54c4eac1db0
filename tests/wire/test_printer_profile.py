"""A printer profile that python-escpos does not know stops no slip."""

from __future__ import annotations

import pytest

from pos_terminal.wire.receipt.paper import Align, Barcode, Cut, Feed, Gap, Row, Text
from pos_terminal.wire.receipt.to_escpos import known_profiles, to_bytes

SLIP: list[Row] = [
    Text("退货 REFUND", align=Align.CENTRE, bold=True, inverse=True, wide=2, tall=2),
    Barcode("1234567890128"),
    Gap(8),
    Feed(2),
    Cut(),
]


def test_an_unknown_profile_prints_as_the_default_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert "TM-T88VV" not in known_profiles()
    assert to_bytes(SLIP, "TM-T88VV") == to_bytes(SLIP, "default")
    to_bytes(SLIP, "TM-T88VV")
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    assert "TM-T88VV" in record.getMessage()


def test_every_known_profile_can_make_a_slip() -> None:
    assert "default" in known_profiles()
    for profile in known_profiles():
        assert to_bytes(SLIP, profile).startswith(b"\x1c&"), profile
