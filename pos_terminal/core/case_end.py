"""What a case came from and what it cost: asked at its closing (R77)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct


class CaseCause(StrEnum):
    TYPING = "typing"
    WRONG_GOODS = "wrong_goods"
    SYSTEM = "system"
    UNAUTHORISED = "unauthorised"
    TRAINING = "training"
    ACQUIRER = "acquirer"


class Loss(Struct, frozen=True):
    """Who bears how much, minor units; nothing below zero."""

    shop: int = 0
    customer: int = 0
    acquirer: int = 0


NOTHING_LOST: Final = Loss()
