"""Pictures: ``GS v 0``, and ``GS ( L`` functions 112 (store) and 50 (print)."""

from __future__ import annotations

from hw_sim.printer.roll import Align, Picture


class Graphics:
    """The print buffer for graphics holds one picture."""

    def __init__(self) -> None:
        self._stored: tuple[int, int, bytes] | None = None

    def raster(self, data: bytes, align: Align) -> Picture | None:
        """``GS v 0 m xL xH yL yH d…``, its first two bytes taken off."""
        across, down = int.from_bytes(data[2:4], "little"), int.from_bytes(data[4:6], "little")
        return Picture(across * 8, down, data[6:], align) if across and down else None

    def command(self, data: bytes, align: Align) -> Picture | None:
        """``m fn …``: the picture to print, where this is the print command."""
        function = data[1] if len(data) > 1 else None
        if function == 112 and len(data) >= 10:
            size = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
            bits = data[10:]
            fits = len(bits) == (size[0] + 7) // 8 * size[1] and all(size)
            self._stored = (*size, bits) if fits else None
        elif function in (2, 50) and self._stored is not None:
            width, height, bits = self._stored
            return Picture(width, height, bits, align)
        return None
