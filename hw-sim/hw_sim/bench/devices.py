"""Which devices a bench has, and the cards that its shop sold to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hw_sim.bench.certificates import Certificates
from hw_sim.bench.files import Files
from hw_sim.bench.options import Options
from hw_sim.bench.sample_sales import Card
from hw_sim.cards import CardInfo, catalogue
from hw_sim.device import Device


def sample_cards() -> list[Card]:
    """The catalogue's cards, each with the other numbers of its account.

    Cards that read well come first: sales are named after the first card of a number.
    """
    ordered = sorted(catalogue().items(), key=lambda item: not item[1].readable)
    return [_card(name, info) for name, info in ordered]


def _card(name: str, info: CardInfo) -> Card:
    others = [one for one in catalogue().values() if info.par and one.par == info.par]
    return Card(
        name=name,
        pan=info.pan.reveal(),
        par=info.par,
        scheme=info.scheme,
        funding=info.funding.value,
        also=tuple(sorted({one.pan.reveal() for one in others} - {info.pan.reveal()})),
    )


def build(options: Options, files: Files, tls: Certificates | None) -> Sequence[Device]:
    """The emulated devices, less those that somebody else provides."""
    from hw_sim.cards.device import CardsDevice
    from hw_sim.inputs.device import InputsDevice

    found: list[Device] = [InputsDevice(), CardsDevice(card_service=options.card_service)]
    if options.printer is None:
        from hw_sim.printer.device import PrinterDevice

        columns = 32 if options.paper == 58 else 48
        found.append(PrinterDevice(columns=columns, speed=options.paper_speed))
    if options.tpm:
        from hw_sim.tpm import TpmDevice

        found.append(TpmDevice())
    if tls is not None:
        found.append(_acquirer(files, tls, options.profile))
    return found


def _acquirer(files: Files, tls: Certificates, profile: str) -> Device:
    from hw_sim.acquirer.process import AcquirerDevice

    return AcquirerDevice(
        keys=files.acquirer_keys,
        sales=files.acquirer_sales,
        tls_cert=tls.server,
        tls_key=tls.server_key,
        client_ca=tls.authority,
        profile=profile,
    )


def foreign_printer(port: str | None) -> dict[str, Any]:
    """``printer`` of ``bench.json`` for somebody else's printer."""
    tcp = port.removeprefix("tcp://") if port is not None and port.startswith("tcp://") else None
    return {"port": port, "tcp": tcp}
