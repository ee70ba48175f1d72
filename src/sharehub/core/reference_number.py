"""The number by which a party asks what became of its matter: unguessable, and kept nowhere.

A record has only its hash. So whoever reads the log, the view or a dead letter cannot ask in the party's place.
"""

from hashlib import blake2b

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for something else."""
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_LENGTH, _GROUP = 20, 5
BITS = 5 * _LENGTH
"""As random as a number must be: nobody finds one by trying."""


def written(bits: int) -> str:
    """The number of so many random bits, in groups that a person can read aloud."""
    digits = [_ALPHABET[bits >> (5 * place) & 31] for place in reversed(range(_LENGTH))]
    return "-".join("".join(digits[at : at + _GROUP]) for at in range(0, _LENGTH, _GROUP))


def normal(text: str) -> str | None:
    """The number as `written` has it, however a person wrote it; None for what is none."""
    digits = text.strip().upper().translate(_MISREAD)
    if len(digits) != _LENGTH or not set(digits) <= set(_ALPHABET):
        return None
    return "-".join(digits[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def hashed(number: str) -> str:
    """What a record keeps of a normal number: 128 bits in hexadecimal, from which nobody gets back."""
    return blake2b(number.encode(), digest_size=16, person=b"sharehub-number").hexdigest()
