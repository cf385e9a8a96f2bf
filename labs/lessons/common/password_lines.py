"""The lines of a registry's password file, read as distribution 2.8.3 reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# bcrypt's form: variant, which Go's package does not compare, cost, 22 characters of salt and 31 of the hash.
_BCRYPT = re.compile(r"\$2[a-z]?\$\d\d\$[./A-Za-z0-9]{53}")


@dataclass(frozen=True)
class PasswordLines:
    """Members of a password file.

    Attributes:
        hashes: What follows the colon, by user; of two lines of a user the later one counts.
        broken: How many lines have no colon: with one of them a registry lets in nobody.
    """

    hashes: dict[str, str]
    broken: int = 0

    @classmethod
    def read(cls, text: str) -> PasswordLines:
        """Read a file as `parseHTPasswd` does (registry/auth/htpasswd/htpasswd.go).

        Spaces around a line are cut; blank lines and those that begin with `#` are skipped.
        """
        # By \n alone, as Go's scanner: str.splitlines knows more ends of a line.
        lines = (line.strip() for line in text.split("\n"))
        kept = [line for line in lines if line and not line.startswith("#")]
        pairs = [line.partition(":") for line in kept]
        return cls(
            {user: rest for user, colon, rest in pairs if colon},
            sum(not colon for _, colon, _ in pairs),
        )

    def is_bcrypt(self, user: str) -> bool:
        """Whether a member's hash is one that a registry takes."""
        return bool(_BCRYPT.fullmatch(self.hashes[user]))
