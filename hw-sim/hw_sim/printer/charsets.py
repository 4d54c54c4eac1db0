"""What a printer's bytes of 80 and above show, by code page; Hanzi are GBK."""

from __future__ import annotations

from functools import cache
from typing import Final

MISSING: Final = "□"
_BLOCKS: Final = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
_KANA: Final = " " + "".join(chr(0xFF61 + place) for place in range(63))
_SIGNS: Final = "═╞╪╡◢◣◥◤♠♥♦♣●○╱╲╳円年月日時分秒〒市区町村人▒□ "
_KATAKANA: Final = _BLOCKS + _KANA + _SIGNS
"""Page 1 of the published ESC/POS tables, 80 to FF: rules and half-width kana."""
_PAGES: Final = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252",
                 17: "cp866", 18: "cp852", 19: "cp858"}  # fmt: skip


@cache
def letter(byte: int, page: int) -> str:
    """One character of single width; a box where the page has none."""
    if byte < 0x80:
        return chr(byte) if byte < 0x7F else MISSING
    if page == 1:
        return _KATAKANA[byte - 0x80]
    name = _PAGES.get(page)
    char = bytes((byte,)).decode(name, "replace") if name else MISSING
    if char == "\xa0":  # a blank that doesn't break
        return " "
    return char if char.isprintable() and char != "�" else MISSING


@cache
def hanzi(pair: bytes) -> str:
    """Two bytes of GBK; what is no such pair shows as a box, as on paper."""
    try:
        return pair.decode("gbk")
    except UnicodeDecodeError:
        return MISSING
