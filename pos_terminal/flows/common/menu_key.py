"""The key that leads from a question to a further one."""

from __future__ import annotations

from pos_terminal.ports import InputEvent, Key, KeyPressed


def menu_key(event: InputEvent) -> Key | None:
    """The menu key leads to a further question and back again."""
    return Key.MENU if event == KeyPressed(Key.MENU) else None
