"""Keys, people, certificates and the configuration that ``up`` makes."""

from __future__ import annotations

import dataclasses
import os
import ssl
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from hw_sim.bench import identity
from hw_sim.bench.certificates import Certificates, make_certificates
from hw_sim.bench.files import Files
from hw_sim.bench.keys import acquirer_keys, make_keys
from hw_sim.bench.people import provisioning, staff
from hw_sim.bench.terminal_config import Wiring, environment, read_environment, sections, toml

from pos_terminal import config
from pos_terminal.control.classes import Class, Classes
from pos_terminal.control.peer import Peer
from pos_terminal.core.people import pin_is_trivial


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("shop") / "tls")


def wiring(tls: Certificates | None) -> Wiring:
    return Wiring(
        acquirer="127.0.0.1:4711",
        tls=tls,
        printer='/somewhere/"odd"\\place/printer',
        keypad="/dev/input/keypad",
        scanner="/dev/input/scanner",
        readers={"contact": "Bench Contact Reader 00 00", "tap": "Bench Contactless Reader 00 00"},
        control="/run/x/control.sock",
        language="en",
    )


def test_the_components_make_the_key_that_the_acquirer_gets() -> None:
    keys = make_keys()
    first, second = (int.from_bytes(part) for part in keys.components)
    assert acquirer_keys(keys)["tmk"] == f"{first ^ second:032X}"
    assert set(acquirer_keys(keys)) == {
        "tmk",
        "terminal_id",
        "merchant_id",
        "tpdu",
        "batch",
        "key_exchange",
    }


def test_no_two_benches_share_a_key_and_none_prints_it() -> None:
    one, other = make_keys(), make_keys()
    assert one.tmk != other.tmk
    assert one.token_key != other.token_key
    assert one.token_key.hex() not in repr(one)
    assert repr(one.token_key) not in repr(one)


def test_people_have_pins_that_a_terminal_takes() -> None:
    people = staff()
    roles = [one.role for one in people]
    assert (roles.count("clerk"), roles.count("supervisor"), roles.count("technician")) == (2, 2, 1)
    assert not [one for one in people if pin_is_trivial(one.pin, one.number)]
    assert len({one.number for one in people}) == len(people)
    assert {one["must_change"] for one in provisioning(people)} == {False}
    assert [one.pin for one in staff()] != [one.pin for one in people]


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bytes:
    """A whole handshake in memory; the server's certificate in DER."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    open_ends = [ours, theirs]
    for _ in range(10):
        for end in tuple(open_ends):
            try:
                end.do_handshake()
                open_ends.remove(end)
            except ssl.SSLWantReadError:
                continue
        if not open_ends:
            found = ours.getpeercert(binary_form=True)
            assert found is not None
            return found
    raise AssertionError("no handshake")


def contexts(tls: Certificates) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tls.authority))
    server.load_cert_chain(tls.server, tls.server_key)
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(tls.authority))
    client.load_cert_chain(tls.client, tls.client_key)
    return server, client


def test_both_sides_of_tls_trust_each_other(tls: Certificates) -> None:
    certificate = shake_hands(*contexts(tls), identity.SERVER_NAME)
    assert sha256(certificate).hexdigest() == tls.pin


def test_another_benchs_certificates_are_refused(tls: Certificates, tmp_path: Path) -> None:
    server, _ = contexts(tls)
    _, stranger = contexts(make_certificates(tmp_path / "tls"))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, stranger, identity.SERVER_NAME)


def test_private_keys_are_the_owners_alone(tls: Certificates) -> None:
    for path in (tls.server_key, tls.client_key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(tls.authority.parent.glob("ca*.key"))


def test_the_terminal_takes_the_configuration(tmp_path: Path, tls: Certificates) -> None:
    files = Files(tmp_path)
    files.config.write_text(toml(sections(wiring(tls), files)), "utf-8")
    found = config.load(files.config)
    assert found.terminal.merchant_name == identity.MERCHANT_NAME
    assert found.terminal.language == "en"
    assert found.printer.port == '/somewhere/"odd"\\place/printer'
    assert found.data_dir == files.data
    assert not found.acquirer.private_line
    assert found.acquirer.repeat == "identical"
    assert found.acquirer.tls is not None
    assert found.acquirer.tls.pins == [tls.pin]
    assert found.reader.tap is not None
    assert found.reader.tap.name == "Bench Contactless Reader 00 00"


def test_whoever_calls_the_bench_is_in_every_class_of_its_terminal(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.config.write_text(toml(sections(wiring(None), files)), "utf-8")
    classes = Classes(config.load(files.config).control, own_uid=2**31 - 1)
    assert classes.of(Peer(os.getuid(), frozenset())) == set(Class)
    assert classes.of(Peer(os.getuid() + 1, frozenset({os.getgid()}))) == set()


def test_somebody_elses_acquirer_is_a_private_line_and_promises_nothing(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.config.write_text(toml(sections(wiring(None), files)), "utf-8")
    found = config.load(files.config).acquirer
    assert found.private_line
    assert found.tls is None
    assert found.repeat == "never"


def test_a_promise_can_be_named(tmp_path: Path) -> None:
    files = Files(tmp_path)
    promised = dataclasses.replace(wiring(None), repeat="identical")
    files.config.write_text(toml(sections(promised, files)), "utf-8")
    assert config.load(files.config).acquirer.repeat == "identical"


def test_the_environment_comes_back_as_it_was() -> None:
    variables = {"LD_PRELOAD": "libumockdev-preload.so.0", "EMPTY": "", "ODD": "a=b c"}
    assert read_environment(environment(variables)) == variables


def test_a_variable_that_is_no_line_is_refused() -> None:
    with pytest.raises(ValueError, match="KEY=VALUE"):
        environment({"A": "one\ntwo"})
