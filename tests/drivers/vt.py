"""A small terminal: enough of ECMA-48 to see what a screen would show. Unknown input fails."""

from __future__ import annotations

import re

from pos_terminal.core.cells import char_width

_TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\x1b#(?P<line>[345])|[\x00-\x1f]|[^\x00-\x1f]")
TOP, BOTTOM, SINGLE = "345"
"""Of a line: the halves of double height (DECDHL), or as any other (DECSWL)."""


class Terminal:
    """``cells`` holds (text, SGR) a cell; the right half of a wide character has no text."""

    def __init__(self, columns: int, rows: int, *, double: bool = False) -> None:
        self.double = double
        self.columns = columns
        self.rows = rows
        self.sgr = "0"
        self.modes: dict[str, bool] = {}
        self.bells = 0
        self.odd: set[str] = set()
        """Characters that this terminal takes for a cell wider than we do."""
        self.at = (0, 0)
        self._rest = b""
        self._clear()

    def feed(self, data: bytes) -> None:
        text = (self._rest + data).decode("utf-8")
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            assert found is not None, f"unknown sequence {text[at : at + 12]!r}"
            self._token(found)
            at = found.end()

    def text(self) -> list[str]:
        """The rows as they read."""
        return ["".join(text for text, _ in row) for row in self.cells]

    def styles(self, row: int) -> set[str]:
        return {sgr for _, sgr in self.cells[row]}

    def _clear(self) -> None:
        self.cells = [[(" ", "0")] * self.columns for _ in range(self.rows)]
        self.lines = [SINGLE] * self.rows

    def _token(self, found: re.Match[str]) -> None:
        private, numbers, final = found.groups()[:3]
        if found["line"] is not None:
            assert self.double, "this terminal has no lines of double height"
            self.lines[self.at[0]] = found["line"]
            return
        match final, private:
            case None, _:
                self._char(found[0])
            case "m", "":
                self.sgr = numbers
            case "H", "":
                row, column = (int(number) - 1 for number in numbers.split(";"))
                self.at = (row, column)
            case "J", "":
                assert numbers == "2"
                self._clear()
            case (("h" | "l"), "?"):
                self.modes[numbers] = final == "h"
            case _:
                raise AssertionError(f"unknown sequence {found[0]!r}")

    def _char(self, char: str) -> None:
        row, column = self.at
        if char == "\x07":
            self.bells += 1
        elif char in "\r\n":
            self.at = (row + (char == "\n"), 0 if char == "\r" else column)
        else:
            assert char >= " ", f"control character {char!r}"
            wide = char_width(char) + (char in self.odd)
            room = self.columns if self.lines[row] == SINGLE else self.columns // 2
            assert column + wide <= room, f"{char!r} beyond the right edge"
            self._cut(row, column)
            self._cut(row, column + wide)
            halves = [("", self.sgr)] * (wide - 1)
            self.cells[row][column : column + wide] = [(char, self.sgr), *halves]
            self.at = (row, column + wide)

    def _cut(self, row: int, column: int) -> None:
        """A wide character that is cut through here leaves two blanks, as on a real terminal."""
        if column < self.columns and self.cells[row][column][0] == "":
            for half in (column - 1, column):
                self.cells[row][half] = (" ", self.cells[row][half][1])
