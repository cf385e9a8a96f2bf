"""Secrets of the hub that are made at its first start and kept on its volume."""

from __future__ import annotations

import datetime
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_VALID = datetime.timedelta(days=3650)  # the volume goes with its lesson, long before


@dataclass(frozen=True)
class SigningKey:
    """What signs tokens, and the certificate by which the registry knows it.

    Attributes:
        private_pem: The key, PEM.
        certificate_pem: The certificate, PEM; the registry is started with it.
        certificate_der: The same for the header of each token.
    """

    private_pem: bytes
    certificate_pem: bytes
    certificate_der: bytes

    @classmethod
    def of(cls, folder: Path) -> SigningKey:
        """Read the key of a folder; make it first if there is none."""
        key_file, certificate_file = folder / "token.key", folder / "token.pem"
        if not certificate_file.exists():
            private, certificate = _make()
            _write(key_file, private)
            _write(certificate_file, certificate)
        pem = certificate_file.read_bytes()
        found = x509.load_pem_x509_certificate(pem)
        der = found.public_bytes(serialization.Encoding.DER)
        return cls(key_file.read_bytes(), pem, der)


def secret_of(file: Path) -> str:
    """Return the random text of a file, 256 bits; make it first if there is none."""
    if not file.exists():
        _write(file, secrets.token_hex(32).encode())
    return file.read_text()


def _write(file: Path, content: bytes) -> None:
    """Write it whole or not at all: a hub may be killed at any moment."""
    draft = file.with_suffix(f".{os.getpid()}")
    draft.touch(0o600)
    draft.write_bytes(content)
    draft.rename(file)


def _make() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A virtual machine's clock may be behind when the registry reads it.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, certificate.public_bytes(serialization.Encoding.PEM)
