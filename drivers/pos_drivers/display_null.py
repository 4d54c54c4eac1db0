"""No panel: the last frame is kept for the control socket."""

from __future__ import annotations

from pos_terminal.ports import Frame


class NullDisplay:
    """Fulfils ``ports.Display`` and shows nothing."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self.frame: Frame | None = None
        self.beeps = 0

    def show(self, frame: Frame) -> None:
        self.frame = frame

    def beep(self) -> None:
        self.beeps += 1

    def close(self) -> None: ...
