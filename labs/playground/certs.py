"""The temporary certificate authority of a playground, which signs the nodes' certificates and one for the client."""

from __future__ import annotations

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from docker.tls import TLSConfig

_DAYS = 365  # longer than a course; a playground lives for hours


@dataclass(frozen=True)
class ClientFiles:
    """The client's files for mutual TLS, named as the Docker CLI expects them in DOCKER_CERT_PATH."""

    folder: Path

    @property
    def complete(self) -> bool:
        """Whether all three files exist."""
        return all((self.folder / n).exists() for n in ("ca.pem", "cert.pem", "key.pem"))

    def tls(self) -> TLSConfig:
        """The files as the Docker SDK takes them."""
        return TLSConfig(
            client_cert=(str(self.folder / "cert.pem"), str(self.folder / "key.pem")),
            ca_cert=str(self.folder / "ca.pem"),
            verify=True,
        )


class Authority:
    """The CA of one playground.

    Args:
        key: Its private key. It is kept beside the client's key, which gives the same access, so it needs no better
            protection.
        certificate: Its own certificate.
    """

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate
        self._subject = certificate.subject

    @classmethod
    def of(cls, folder: Path, name: str) -> Authority:
        """Return the CA kept in `folder`, or make one and write the client's files beside it."""
        kept, certificate = folder / "ca-key.pem", folder / "ca.pem"
        # The nodes hold certificates of this CA: a new one for a folder that has one would lock this machine out of
        # them.
        if ClientFiles(folder).complete and kept.exists():
            key = serialization.load_pem_private_key(kept.read_bytes(), password=None)
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            return cls(key, x509.load_pem_x509_certificate(certificate.read_bytes()))
        authority = cls._new(name)
        authority._write(folder)
        return authority

    @classmethod
    def _new(cls, name: str) -> Authority:
        key, subject = ec.generate_private_key(ec.SECP256R1()), _name(f"{name} CA")
        builder = (
            _builder(subject, subject, key)
            # path_length=0: it signs certificates of nodes and clients, never another CA.
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_signs_certificates(), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )
        return cls(key, builder.sign(key, hashes.SHA256()))

    def node_files(self, name: str) -> dict[str, bytes]:
        """Return `ca.pem`, `cert.pem` and `key.pem` of one node, valid for its name and the loopback address."""
        alternatives: list[x509.GeneralName] = [
            x509.DNSName(name),
            # This machine reaches a node through a port published on 127.0.0.1, other nodes reach it by its name.
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        ]
        return self._issue(name, ExtendedKeyUsageOID.SERVER_AUTH, alternatives)

    def _write(self, folder: Path) -> None:
        """Write the CA's key and the client's PEM files, readable by this user only."""
        folder.mkdir(parents=True, exist_ok=True)
        files = self._issue("client", ExtendedKeyUsageOID.CLIENT_AUTH, [])
        for name, content in {**files, "ca-key.pem": _pem(self._key)}.items():
            path = folder / name
            # A file of a run that was killed: O_EXCL would refuse it, and its mode may be another one.
            path.unlink(missing_ok=True)
            # O_EXCL and 0o600 at creation: the key is never readable by others, not even for a moment.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(content)

    def _issue(
        self, name: str, usage: x509.ObjectIdentifier, alternatives: list[x509.GeneralName]
    ) -> dict[str, bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        # Python 3.13 and later reject a certificate that does not name its issuer's key (RFC 5280, 4.2.1.1).
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(_name(name), self._subject, key)
            # A node's certificate is for servers only: with its key, no one can act as the client of another node's
            # engine.
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(issuer, critical=False)
        )
        if alternatives:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=False
            )
        certificate = builder.sign(self._key, hashes.SHA256())
        return {
            "ca.pem": self._certificate.public_bytes(serialization.Encoding.PEM),
            "cert.pem": certificate.public_bytes(serialization.Encoding.PEM),
            "key.pem": _pem(key),
        }


def _signs_certificates() -> x509.KeyUsage:
    others = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    more = ("key_agreement", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(key_cert_sign=True, **dict.fromkeys((*others, *more), False))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        # The engine cannot ask for a passphrase; the file's mode protects the key.
        serialization.NoEncryption(),
    )


def _name(text: str) -> x509.Name:
    # 64 characters is the upper bound of a common name (RFC 5280, appendix A.1, ub-common-name).
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # The clock of the virtual machine that nodes run in may be behind this machine's.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
    )
