"""A print job as text to read and compare: commands by name, characters as they are."""

from __future__ import annotations

from typing import Final

from hw_sim.printer.commands import Chars, Command, Control, Tokenizer

_PREFIX: Final = {0x10: "DLE", 0x1B: "ESC", 0x1C: "FS", 0x1D: "GS"}
_CONTROL: Final = {0x00: "NUL", 0x09: "HT", 0x0C: "FF", 0x0D: "CR", 0x18: "CAN"}


def listing(data: bytes) -> str:
    """``<ESC E 01>`` for commands, a new row after each line feed; half a command is named so."""
    tokenizer, out, characters = Tokenizer(), "", b""
    for token, _ in tokenizer.feed(data):
        if isinstance(token, Chars):
            characters += token.data
            continue
        out += _text(characters)
        characters = b""
        if isinstance(token, Command):
            out += _command(token)
        elif token == Control(0x0A):
            out += "\n"
        elif isinstance(token, Control):
            out += f"<{_CONTROL.get(token.byte, f'{token.byte:02X}')}>"
    out += _text(characters)
    return out + ("<unfinished>" if tokenizer.inside else "")


def _text(data: bytes) -> str:
    return data.decode("gbk", "backslashreplace").replace("<", "\\x3c")


def _command(token: Command) -> str:
    prefix = _PREFIX[token.name[0]]
    name = token.name[1:].decode("latin-1")
    shown = token.data
    if token.name == b"\x1dk":
        return f"<{prefix} {name} {shown[0]:02X} {shown[2:].decode('ascii', 'backslashreplace')!r}>"
    return f"<{' '.join([prefix, name, *(f'{byte:02X}' for byte in shown)])}>"
