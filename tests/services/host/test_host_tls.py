"""Mutual TLS with a pinned certificate, on real sockets (R56a)."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from worlds.config import make_config
from worlds.failures import failure_of

from pos_terminal.config import Config, Tls
from pos_terminal.core.words import Failure
from pos_terminal.services.host.connect import connect_plain, make_connect
from pos_terminal.services.host.link import Link
from pos_terminal.wire.iso8583.codec import Decoded
from pos_terminal.wire.iso8583.message import Message


@dataclass
class Party:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path
    pin: str


@dataclass
class Authority:
    folder: Path
    name: str

    def __post_init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        certificate = self._sign(self._subject, self._key.public_key(), authority=True)
        self.file = self.folder / f"{self.name}.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> Party:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._sign(subject, key.public_key(), name=name)
        paths = (self.folder / f"{self.name}-{name}.pem", self.folder / f"{self.name}-{name}.key")
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        return Party(*paths, hashlib.sha256(der).hexdigest())

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        authority: bool = False,
        name: str = "ca",
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
                critical=False,
            )
        )
        return builder.sign(self._key, hashes.SHA256())


@dataclass
class Pki:
    acquirers: Authority
    terminals: Authority
    server: Party
    client: Party


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("tls")
    acquirers, terminals = Authority(folder, "acquirers"), Authority(folder, "terminals")
    return Pki(acquirers, terminals, acquirers.issue("acquirer"), terminals.issue("terminal"))


def config(pki: Pki, **changes: object) -> Config:
    tls = Tls(
        certificate=str(pki.client.certificate),
        key=str(pki.client.key),
        authority=str(pki.acquirers.file),
        server_name="acquirer",
        pins=[pki.server.pin],
    )
    changed = msgspec.structs.replace(tls, **changes)
    return make_config(pki.acquirers.folder, tls=changed, private_line=False)


class Frames:
    def feed(self, data: bytes) -> list[bytes]:
        return [data]


def link_to(port: int, terminal: Config) -> Link:
    return Link(
        addresses=[f"127.0.0.1:{port}"],
        connect=make_connect(terminal),
        frames=Frames,
        decode=lambda body: Decoded(Message(body.decode(), {}), b""),
        per_message=True,
        connect_seconds=5,
    )


async def talk(
    pki: Pki, terminal: Config, server: Party | None = None, *, proven: bool = False
) -> str:
    """What a terminal hears from an echoing acquirer that wants a certificate of ours. ``proven``:
    by the connection that a probe left."""
    shown = server or pki.server
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.certificate, shown.key)
    context.load_verify_locations(pki.terminals.file)
    context.verify_mode = ssl.CERT_REQUIRED
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read(100)
        heard.append(data)
        writer.write(data)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = listening.sockets[0].getsockname()[1]
    link = link_to(port, terminal)
    try:
        if proven:
            await link.prove(5)
        line = await link.acquire()
        answer = await link.exchange(line, b"hello", lambda _: True, 5)
    finally:
        link.close()
        listening.close()
    assert heard == [b"hello"]
    return answer.message.mti


def test_both_prove_themselves_and_talk(pki: Pki) -> None:
    assert asyncio.run(talk(pki, config(pki))) == "hello"


def test_a_probe_leaves_a_connection_to_talk_on(pki: Pki) -> None:
    assert asyncio.run(talk(pki, config(pki), proven=True)) == "hello"


def test_a_handshake_that_stalls_leaves_no_connection(pki: Pki) -> None:
    ended = asyncio.Event()

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        ended.set()
        writer.close()

    async def main() -> None:
        async with await asyncio.start_server(stall, "127.0.0.1", 0) as listening:
            with pytest.raises(Failure):
                await link_to(listening.sockets[0].getsockname()[1], config(pki)).prove(0.2)
            async with asyncio.timeout(3):
                await ended.wait()

    asyncio.run(main())


def test_an_acquirer_that_answers_no_good_bye_holds_no_connection(pki: Pki) -> None:
    """Beside the next one, where it may take one of a terminal only: for half a minute, before."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.server.certificate, pki.server.key)

    def shake_hands(listening: socket.socket) -> ssl.SSLSocket:
        """And then say nothing any more."""
        return context.wrap_socket(listening.accept()[0], server_side=True)

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            their_end = asyncio.ensure_future(asyncio.to_thread(shake_hands, listening))
            link = link_to(listening.getsockname()[1], config(pki))
            line = await link.acquire()
            our_end = line._writer.get_extra_info("socket")
            with await their_end:
                link.close()
                async with asyncio.timeout(3):
                    while our_end.fileno() >= 0:
                        await asyncio.sleep(0.02)

    asyncio.run(main())


def test_a_probe_sees_that_our_own_certificate_is_refused(pki: Pki) -> None:
    """With TLS 1.3 the client's handshake is over before the acquirer has looked at it: its refusal
    comes with the end of the handshake, or behind it."""
    stranger = pki.acquirers.issue("stranger")
    ours = {"certificate": str(stranger.certificate), "key": str(stranger.key)}
    failed = failure_of(lambda: asyncio.run(talk(pki, config(pki, **ours), proven=True)))
    assert failed in ("host.identity", "host.dropped_at_once")


def test_any_of_several_pins_fits(pki: Pki) -> None:
    pins = ["0" * 64, pki.server.pin]
    assert asyncio.run(talk(pki, config(pki, pins=pins))) == "hello"


@pytest.mark.parametrize("what", ["pin", "name", "authority"])
def test_an_acquirer_that_does_not_prove_itself_gets_no_byte(pki: Pki, what: str) -> None:
    changes: dict[str, dict[str, object]] = {
        "pin": {"pins": ["0" * 64]},
        "name": {"server_name": "other"},
        "authority": {"authority": str(pki.terminals.file)},
    }
    with pytest.raises(Failure) as caught:
        asyncio.run(talk(pki, config(pki, **changes[what])))
    assert caught.value.words.code == "host.identity"
    assert caught.value.words.values["cause"]


def test_a_certificate_of_the_same_authority_is_not_enough(pki: Pki) -> None:
    impostor = pki.acquirers.issue("acquirer")
    assert failure_of(lambda: asyncio.run(talk(pki, config(pki), impostor))) == "host.identity"


@pytest.mark.parametrize("option", ["certificate", "key", "authority"])
def test_missing_files_are_named(pki: Pki, option: str) -> None:
    with pytest.raises(Failure) as caught:
        make_connect(config(pki, **{option: "nowhere.pem"}))
    assert caught.value.words.code == "host.tls_files"
    assert option in str(caught.value.words.values["option"])


def test_plain_only_on_a_private_line(pki: Pki) -> None:
    plain = config(pki)
    acquirer = msgspec.structs.replace(plain.acquirer, tls=None, private_line=True)
    assert make_connect(msgspec.structs.replace(plain, acquirer=acquirer)) is connect_plain
