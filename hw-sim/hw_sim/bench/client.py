"""Asking a Unix socket that speaks JSON lines: the bench's, or the terminal's control socket."""

from __future__ import annotations

import json
import socket
from typing import Any

from hw_sim.device import BenchError

CONNECT_SECONDS = 5.0


class NotThere(BenchError):
    """Nobody listens at the socket."""


def ask(path: str, request: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """One request, one answer. NotThere where nobody listens; BenchError for other troubles."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(CONNECT_SECONDS)
            link.connect(path)
            link.settimeout(seconds)
            link.sendall(json.dumps(request).encode() + b"\n")
            line = _line(link)
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotThere(f"nobody listens at {path}") from None
    except TimeoutError:
        raise BenchError(f"no answer from {path} within {seconds:g} s") from None
    except OSError as error:
        raise BenchError(f"{path}: {error.strerror or error}") from None
    try:
        answer = json.loads(line)
    except ValueError:
        raise BenchError(f"{path} answered something that is no JSON") from None
    if not isinstance(answer, dict):
        raise BenchError(f"{path} answered something that is no JSON object")
    return answer


def _line(link: socket.socket) -> bytes:
    parts: list[bytes] = []
    while part := link.recv(65536):
        parts.append(part)
        if part.endswith(b"\n"):
            return b"".join(parts)
    if not parts:
        raise NotThere("the other side closed without an answer")
    raise BenchError("the other side closed in the middle of its answer")
