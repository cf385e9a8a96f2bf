"""The members of a password file are those that distribution 2.8.3 reads from it."""

from __future__ import annotations

import pytest

from labs.lessons.common import PasswordLines

HASH = "$2y$05$" + "a" * 53


@pytest.mark.parametrize(
    "text",
    [
        f"ada:{HASH}\n",
        f"# members of the team\nada:{HASH}\n",
        f"  # indented\n\n   \nada:{HASH}",
        f"\t ada:{HASH} \r\n#grace:{HASH}\n",
        f"ada:$apr1$old\nada:{HASH}\n",
        f"#\nada:{HASH}\n# no colon here\n",
    ],
)
def test_comments_blank_lines_and_spaces_are_skipped_and_the_last_line_counts(text: str) -> None:
    assert PasswordLines.read(text) == PasswordLines({"ada": HASH})


@pytest.mark.parametrize(
    ("text", "users", "broken"),
    [
        ("", [], 0),
        (f"{HASH}\nada:{HASH}\n", ["ada"], 1),
        ("ada\ngrace\n", [], 2),
        ("ada:\n", ["ada"], 0),
        (f"ada # one of us:{HASH}\n", ["ada # one of us"], 0),
        (f"ada:{HASH}\x0bgrace:{HASH}\n", ["ada"], 0),
    ],
)
def test_line_without_a_colon_breaks_the_file_and_one_without_a_hash_does_not(
    text: str, users: list[str], broken: int
) -> None:
    read = PasswordLines.read(text)
    assert (list(read.hashes), read.broken) == (users, broken)


@pytest.mark.parametrize("variant", ["$2$", "$2a$", "$2b$", "$2x$", "$2y$"])
def test_each_variant_of_bcrypt_is_taken(variant: str) -> None:
    assert PasswordLines({"ada": f"{variant}10${'b' * 53}"}).is_bcrypt("ada")


@pytest.mark.parametrize(
    "rest", ["", "lovelace", "$apr1$x$y", "{SHA}x", HASH[:-1], f"{HASH} # ada"]
)
def test_anything_else_is_not_bcrypt(rest: str) -> None:
    assert not PasswordLines({"ada": rest}).is_bcrypt("ada")
