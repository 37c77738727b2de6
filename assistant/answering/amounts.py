"""Figures with their order of magnitude: 665,000 and 665 K and 0.665 million are one amount."""

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.readable import readable

__all__ = ["amounts", "same_amount"]

# A small m is a metre or a minute, so only words and what abstracts use for counts are read.
_SCALES = {
    "k": 10**3, "thousand": 10**3, "M": 10**6, "million": 10**6, "B": 10**9, "bn": 10**9, "billion": 10**9,
}  # fmt: skip
_AMOUNT = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:[\s-]?(?P<scale>[kK]|M|B|bn|(?i:thousand|million|billion)))?(?![\w])"
)


def amounts(text: str) -> frozenset[Decimal]:
    """Every amount in `text`, written out: 665 K is 665000."""
    return frozenset(amount for _, _, amount in _read(text))


def same_amount(figure: str, claim: str, known: frozenset[Decimal]) -> bool | None:
    """Whether the amount that `figure` is part of in `claim` is among `known`.

    `figure` is a number as plain digits ("0.665") or one grown together with its unit ("665k").
    None where the claim gives it without an order of magnitude and it is not among them: then the
    figure itself has to stand somewhere.
    """
    found = [(scale, amount) for name, scale, amount in _read(claim) if figure in (name, f"{name}{scale}")]
    if any(amount in known for _, amount in found):
        return True
    return False if any(scale for scale, _ in found) else None


def _read(text: str) -> Iterator[tuple[str, str, Decimal]]:
    """The digits, the scale in small letters, and the amount of each number."""
    for match in _AMOUNT.finditer(readable(text)):
        digits, scale = match["number"].replace(",", ""), match["scale"] or ""
        number = Decimal(digits)
        factor = _SCALES.get(scale, 0) or _SCALES.get(scale.lower(), 1)
        plain = digits.rstrip("0").rstrip(".") if "." in digits else str(int(digits))
        yield plain, scale.lower(), (number * factor).normalize()
