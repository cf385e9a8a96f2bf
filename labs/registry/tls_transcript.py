"""The certificates that a registry really serves, read from what `openssl s_client` saw. It asks nothing itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PROTOCOL = re.compile(r"^\s*Protocol\s*: (\S+)", re.MULTILINE)
_VERIFIED = re.compile(r"^\s*Verify return code: (\d+) \((.+)\)", re.MULTILINE)


@dataclass(frozen=True)
class Certificate:
    """One certificate: the fields that decide whether a client accepts it.

    Attributes:
        subject: Who it was issued to, `CN=registry.lab`.
        issuer: Who signed it.
        names: Its Subject Alternative Names: DNS names and addresses.
        authority: Whether it may sign others.
        not_before: From when it is valid, UTC.
        not_after: Until when.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    authority: bool
    not_before: datetime
    not_after: datetime

    @classmethod
    def parse(cls, pem: bytes) -> Certificate:
        """The first certificate of a PEM file.

        Raises:
            ValueError: There is none.
        """
        found = x509.load_pem_x509_certificate(pem)
        return cls(
            subject=found.subject.rfc4514_string(),
            issuer=found.issuer.rfc4514_string(),
            names=_names(found),
            authority=_may_sign(found),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
        )

    @property
    def self_signed(self) -> bool:
        """Whether it names itself as its issuer."""
        return self.subject == self.issuer

    @property
    def days_left(self) -> int:
        """Whole days until it expires; negative afterwards."""
        return (self.not_after - datetime.now(UTC)).days

    @property
    def valid_now(self) -> bool:
        """Whether now is between its two dates."""
        return self.not_before <= datetime.now(UTC) <= self.not_after

    def covers(self, host: str) -> bool:
        """Whether one of its names is `host`; `*` matches one first label (RFC 6125, 6.4.3)."""
        wanted = host.lower()
        wild = "*." + wanted.partition(".")[2]
        return any(name.lower() in (wanted, wild) for name in self.names)


@dataclass(frozen=True)
class Served:
    """What a client was served at an address.

    Attributes:
        address: Host and port, `registry.lab:5000`.
        protocol: `TLSv1.3`; empty where there was no TLS.
        chain: The certificates as they came, the registry's own first.
        trusted: Whether the chain leads to an authority that the client knows, whatever the dates.
        words: The error, if there was no TLS.
    """

    address: str
    protocol: str = ""
    chain: tuple[Certificate, ...] = ()
    trusted: bool = False
    words: str = ""

    @classmethod
    def read(cls, address: str, output: str, errors: str = "") -> Served:
        """Read what `openssl s_client -showcerts -no_check_time` wrote."""
        # openssl prints them in the order in which the server sent them.
        chain = tuple(Certificate.parse(pem.encode()) for pem in _PEM.findall(output))
        if not chain:
            return cls(address, words=errors.strip())
        protocol, verified = _PROTOCOL.search(output), _VERIFIED.search(output)
        return cls(
            address,
            protocol=protocol[1] if protocol else "TLS",
            chain=chain,
            # 0 is X509_V_OK.
            trusted=verified is not None and verified[1] == "0",
        )

    @property
    def host(self) -> str:
        """The address without its port."""
        return self.address.rpartition(":")[0]

    @property
    def refused(self) -> bool:
        """Whether nothing listened."""
        return "refused" in self.words.lower()


def certificates(pem: bytes) -> list[Certificate]:
    """All certificates of a PEM file; an empty list if none can be read."""
    try:
        found = _PEM.findall(pem.decode(errors="replace"))
        return [Certificate.parse(one.encode()) for one in found]
    # Between the two lines of a PEM block may be anything; a node's files are written by students.
    except ValueError:
        return []


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        # The subject's CN is not a name: Go, and with it the engine, ignores it since 1.15.
        return ()
    addresses = (str(each) for each in extension.get_values_for_type(x509.IPAddress))
    return (*extension.get_values_for_type(x509.DNSName), *addresses)


def _may_sign(found: x509.Certificate) -> bool:
    try:
        return found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        # Without basic constraints a certificate may not sign others (RFC 5280, 4.2.1.9).
        return False
