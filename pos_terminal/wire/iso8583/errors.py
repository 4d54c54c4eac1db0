"""What can be wrong with bytes from the line, or with a message to be put on it."""

from __future__ import annotations


class FrameError(ValueError):
    """The bytes are no message of this profile, or the message does not fit its field table.

    The text is a technician's line: what is wrong and in which field. It never holds card data,
    and no other exception that does hangs on it.
    """
