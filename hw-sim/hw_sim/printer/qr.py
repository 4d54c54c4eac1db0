"""``GS ( k`` for QR codes: settings and data are stored, then printed."""

from __future__ import annotations


class QrStore:
    """Symbol storage area; the last data stored is what is printed."""

    def __init__(self) -> None:
        self._data = b""
        self.dots = 3
        """Of a module."""
        self._level = 48

    def command(self, data: bytes) -> str | None:
        """``cn fn …`` with cn 31h. The text to print, where this is the print command."""
        if len(data) < 2 or data[0] != 0x31:
            return None
        function, rest = data[1], data[2:]
        if function == 0x43 and rest:
            self.dots = max(1, min(16, rest[0]))
        elif function == 0x45 and rest:
            self._level = rest[0]
        elif function == 0x50:
            self._data = rest[1:]
        elif function == 0x51 and self._data:
            return self._data.decode("utf-8", "replace")
        return None

    def matrix(self, text: str) -> tuple[tuple[bool, ...], ...]:
        import qrcode

        levels = {48: 1, 49: 0, 50: 3, 51: 2}  # L M Q H by the library's numbers
        code = qrcode.QRCode(border=0, error_correction=levels.get(self._level, 1))
        code.add_data(text)
        return tuple(tuple(row) for row in code.get_matrix())
