"""What goes over a panel's bus, and how long it takes there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hw_sim.proofs.measure.panel import panel_ms
from hw_sim.proofs.measure.panel_bus import on_counted_bus
from worlds.config import make_config
from worlds.stories import on_a_loop

from pos_terminal.ports import Frame, Row

FONT = "/usr/share/fonts/opentype/unifont/unifont.otf"
COLUMNS, ROWS = 40, 15
BYTES_A_PIXEL = 2
"""ILI9341 in 16 bits (datasheet, COLMOD 55h)."""

WINDOW_BYTES = 11
"""A command and four bytes for its columns, the same for its rows, a write."""


def frame(*rows: str) -> Frame:
    return Frame(COLUMNS, tuple(Row(row) for row in rows), "any")


@pytest.mark.skipif(not Path(FONT).exists(), reason="fonts-unifont is missing")
@on_a_loop
async def test_each_picture_is_told_by_its_bytes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    display = on_counted_bus(make_config(tmp_path), lambda _: None)
    for rows in (["one", "two"], ["one", "six"], ["one", "six"]):
        display.show(frame(*rows))
        await display.settled()  # type: ignore[attr-defined]
    display.close()
    first, second = map(int, capfd.readouterr().out.split())
    assert first == 320 * 240 * BYTES_A_PIXEL + WINDOW_BYTES
    assert second == 3 * 8 * 16 * BYTES_A_PIXEL + WINDOW_BYTES, "three letters"


def test_a_pi_takes_eight_times_as_long_and_its_bus_a_bit_each_32_millionth() -> None:
    assert panel_ms(2.0, 0) == pytest.approx(16.0)
    assert panel_ms(0.0, 320 * 240 * BYTES_A_PIXEL) == pytest.approx(38.4)
