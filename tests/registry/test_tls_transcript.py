"""What is read from a handshake: the chain, its names and dates, and whether a client may trust it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from labs.registry.tls_transcript import Certificate, Served, certificates

NOW = datetime.now(UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def pem(*names, subject="registry.lab", issuer=None, days=(-1, 90), ca=None):
    def called(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    dates = (NOW + timedelta(days=days[0]), NOW + timedelta(days=days[1]))
    made = x509.CertificateBuilder(
        called(issuer or subject), called(subject), KEY.public_key(), 7, *dates
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
    if ca is not None:
        made = made.add_extension(x509.BasicConstraints(ca, None), critical=True)
    return made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def output(*chain, code=0):
    return f"CONNECTED\n{''.join(chain)}\nProtocol: TLSv1.3\nVerify return code: {code} (words)\n"


def test_read_gives_the_chain_in_the_order_served():
    own = pem(x509.DNSName("registry.lab"), issuer="middle", ca=False)
    met = Served.read("registry.lab:5000", output(own, pem(subject="middle", ca=True)))
    assert [each.subject for each in met.chain] == ["CN=registry.lab", "CN=middle"]
    assert [each.authority for each in met.chain] == [False, True]
    assert [each.self_signed for each in met.chain] == [False, True]
    assert (met.protocol, met.host, met.trusted) == ("TLSv1.3", "registry.lab", True)


def test_read_of_an_unknown_authority_is_not_trusted():
    assert not Served.read("registry.lab:5000", output(pem(), code=21)).trusted


def test_read_without_certificates_keeps_the_words():
    met = Served.read("registry.lab:5000", "", "connect: Connection refused\n")
    assert (met.chain, met.trusted, met.refused) == ((), False, True)


@pytest.mark.parametrize(
    ("name", "host", "covered"),
    [
        ("registry.lab", "registry.lab", True),
        ("Registry.Lab", "registry.lab", True),
        ("*.lab", "registry.lab", True),
        ("*.lab", "a.registry.lab", False),
        ("registry.lab:5000", "registry.lab", False),
        ("lab", "registry.lab", False),
    ],
)
def test_covers_a_host_by_its_names_alone(name, host, covered):
    assert Certificate.parse(pem(x509.DNSName(name)).encode()).covers(host) == covered


def test_common_name_covers_nothing_and_addresses_are_names():
    assert not Certificate.parse(pem().encode()).covers("registry.lab")
    address = x509.IPAddress(ip_address("127.0.0.1"))
    assert Certificate.parse(pem(address).encode()).covers("127.0.0.1")


@pytest.mark.parametrize(("days", "valid"), [((-1, 1), True), ((-2, -1), False), ((1, 2), False)])
def test_valid_now_lies_between_both_dates(days, valid):
    assert Certificate.parse(pem(days=days).encode()).valid_now == valid


def test_certificates_of_something_else_are_none():
    assert certificates(b"no certificate") == []
    assert certificates(b"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----") == []
    assert len(certificates(pem().encode() * 2)) == 2
