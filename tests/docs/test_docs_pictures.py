"""A picture of the docs is stale by what stands on it everywhere, by its dots where the font is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import record, stale
from PIL import Image


@pytest.mark.parametrize(
    ("shade", "says", "font", "found"),
    [
        ("white", "退货", "15.0", ""),
        ("black", "退货", "15.0", "stale at (0, 0, 2, 2)"),
        ("white", "撤销", "15.0", "stale, it says something else"),
        ("black", "退货", "15.1", ""),
        ("black", "撤销", "15.1", "stale, it says something else"),
    ],
)
def test_another_font_draws_otherwise_and_says_the_same(
    shade: str, says: str, font: str, found: str, tmp_path: Path
) -> None:
    fonts = {name: tmp_path / name for name in ("15.0", "15.1")}
    for name, file in fonts.items():
        file.write_text(name)
    picture = tmp_path / "picture.png"
    record(Image.new("L", (2, 2), "white"), picture, "退货", fonts["15.0"])
    assert found in (told := stale(Image.new("L", (2, 2), shade), picture, says, fonts[font]))
    assert bool(told) == bool(found)
