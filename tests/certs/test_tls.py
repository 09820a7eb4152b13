import asyncio
import inspect
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs import tls
from certs.errors import FileUnreadableError, NotPemError, RefusedByTlsError, WrongKeyUsageError
from certs.identity import Identity
from certs.throwaway import ThrowawayCa

Now = Callable[[], datetime]
ShakeHands = Callable[..., tuple[ssl.SSLObject, ssl.SSLObject]]


@pytest.fixture
def gateway(throwaway_ca: ThrowawayCa, system_time: Now) -> Identity:
    return Identity.load(*throwaway_ca.issue("gateway"), now=system_time)


@pytest.fixture
def terminal(throwaway_ca: ThrowawayCa, system_time: Now) -> Identity:
    return Identity.load(*throwaway_ca.issue("ATM00017", server_names=()), now=system_time)


def test_each_side_learns_the_others_common_name(
    throwaway_ca: ThrowawayCa, gateway: Identity, terminal: Identity, shake_hands: ShakeHands
) -> None:
    client, server = shake_hands(
        tls.client_context(throwaway_ca.ca_path, terminal), tls.server_context(gateway, throwaway_ca.ca_path)
    )
    assert tls.peer_common_name(client) == "gateway"
    assert tls.peer_common_name(server) == "ATM00017"


def test_a_listener_with_a_ca_refuses_a_client_without_a_certificate(
    throwaway_ca: ThrowawayCa, gateway: Identity, shake_hands: ShakeHands
) -> None:
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        shake_hands(
            tls.client_context(throwaway_ca.ca_path), tls.server_context(gateway, throwaway_ca.ca_path)
        )


def test_a_listener_refuses_a_client_of_a_foreign_ca(
    throwaway_ca: ThrowawayCa,
    foreign_ca: ThrowawayCa,
    gateway: Identity,
    system_time: Now,
    shake_hands: ShakeHands,
) -> None:
    stranger = Identity.load(*foreign_ca.issue("ATM00017"), now=system_time)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(
            tls.client_context(throwaway_ca.ca_path, stranger),
            tls.server_context(gateway, throwaway_ca.ca_path),
        )


def test_a_caller_refuses_a_server_of_a_foreign_ca(
    foreign_ca: ThrowawayCa, gateway: Identity, shake_hands: ShakeHands
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(tls.client_context(foreign_ca.ca_path), tls.server_context(gateway))


def test_a_caller_refuses_a_server_of_another_name(
    throwaway_ca: ThrowawayCa, gateway: Identity, shake_hands: ShakeHands
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake_hands(
            tls.client_context(throwaway_ca.ca_path), tls.server_context(gateway), name="eport.example"
        )


def test_a_listener_without_a_ca_asks_nobody_for_a_certificate(
    throwaway_ca: ThrowawayCa, gateway: Identity, terminal: Identity, shake_hands: ShakeHands
) -> None:
    _, server = shake_hands(tls.client_context(throwaway_ca.ca_path, terminal), tls.server_context(gateway))
    assert tls.peer_common_name(server) is None


def test_tls_1_1_is_not_offered_and_1_2_is(
    throwaway_ca: ThrowawayCa, gateway: Identity, shake_hands: ShakeHands
) -> None:
    caller = tls.client_context(throwaway_ca.ca_path)
    listener = tls.server_context(gateway)
    assert caller.minimum_version == listener.minimum_version == ssl.TLSVersion.TLSv1_2
    caller.maximum_version = ssl.TLSVersion.TLSv1_2
    client, _ = shake_hands(caller, listener)
    assert client.version() == "TLSv1.2"


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_second_connection_resumes_the_first_ones_session(
    throwaway_ca: ThrowawayCa,
    gateway: Identity,
    terminal: Identity,
    shake_hands: ShakeHands,
    newest: ssl.TLSVersion,
) -> None:
    caller = tls.client_context(throwaway_ca.ca_path, terminal)
    caller.maximum_version = newest
    listener = tls.server_context(gateway, throwaway_ca.ca_path)
    first, _ = shake_hands(caller, listener)
    again, server = shake_hands(caller, listener, session=first.session)
    assert again.session_reused
    assert tls.peer_common_name(server) == "ATM00017"


@pytest.mark.parametrize(
    ("purpose", "cannot_be"),
    [(ExtendedKeyUsageOID.CLIENT_AUTH, "serverAuth"), (ExtendedKeyUsageOID.SERVER_AUTH, "clientAuth")],
)
def test_a_certificate_for_one_side_cannot_take_the_other(
    throwaway_ca: ThrowawayCa, system_time: Now, purpose: ExtendedKeyUsageOID, cannot_be: str
) -> None:
    identity = Identity.load(*throwaway_ca.issue("one-sided", purposes=[purpose]), now=system_time)
    make = {
        "serverAuth": lambda: tls.server_context(identity),
        "clientAuth": lambda: tls.client_context(throwaway_ca.ca_path, identity),
    }
    with pytest.raises(WrongKeyUsageError, match=cannot_be):
        make.pop(cannot_be)()
    for allowed in make.values():
        allowed()


def test_a_file_of_cas_may_have_remarks_in_any_language(
    tmp_path: Path, throwaway_ca: ThrowawayCa, gateway: Identity, shake_hands: ShakeHands
) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes("# Корневой сертификат\n".encode() + throwaway_ca.ca_path.read_bytes())
    shake_hands(tls.client_context(bundle), tls.server_context(gateway))


def test_a_file_of_cas_without_a_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(NotPemError, match="trusted CAs"):
        tls.client_context(tmp_path / "ca.pem")
    with pytest.raises(FileUnreadableError):
        tls.client_context(tmp_path / "absent.pem")


def test_a_key_too_weak_for_tls_is_refused_before_anyone_connects(
    tmp_path: Path, throwaway_ca: ThrowawayCa, system_time: Now
) -> None:
    key, certificate = tmp_path / "weak.key", tmp_path / "weak.pem"
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    key.touch(mode=0o600)
    key.write_bytes(weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "weak")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
    builder = builder.not_valid_before(system_time() - timedelta(days=1)).public_key(weak.public_key())
    signed = builder.not_valid_after(system_time() + timedelta(days=1)).sign(weak, SHA256())
    certificate.write_bytes(signed.public_bytes(Encoding.PEM))
    identity = Identity.load(certificate, key, now=system_time)
    with pytest.raises(RefusedByTlsError, match="KEY_TOO_SMALL"):
        tls.client_context(throwaway_ca.ca_path, identity)


def test_no_parameter_weakens_a_context() -> None:
    parameters = {
        make.__name__: list(inspect.signature(make).parameters)
        for make in (tls.server_context, tls.client_context)
    }
    assert parameters == {
        "server_context": ["identity", "client_ca", "crl"],
        "client_context": ["ca", "identity", "crl"],
    }


async def test_a_transport_gives_the_common_name_too(
    throwaway_ca: ThrowawayCa, gateway: Identity, terminal: Identity
) -> None:
    seen = asyncio.get_running_loop().create_future()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.set_result(tls.peer_common_name(writer.transport))
        writer.close()
        await writer.wait_closed()

    listener = tls.server_context(gateway, throwaway_ca.ca_path)
    async with await asyncio.start_server(greet, "127.0.0.1", 0, ssl=listener) as server:
        port = server.sockets[0].getsockname()[1]
        caller = tls.client_context(throwaway_ca.ca_path, terminal)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=caller)
        assert await seen == "ATM00017"
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def test_without_tls_there_is_no_name() -> None:
    assert tls.peer_common_name(None) is None
    assert tls.peer_common_name(asyncio.Transport()) is None
