"""The same amount written in different ways."""

import pytest

from assistant.answering.amounts import amounts, same_amount


@pytest.mark.parametrize(
    "text", ["665,000 reports", "665 K reports", "665K", "0.665 M", "665 thousand", "0.665 million"]
)
def test_one_amount_however_it_is_written(text: str) -> None:
    assert amounts(text) == amounts("665000")


@pytest.mark.parametrize(
    ("one", "other"),
    [("665 K", "665 M"), ("1.5 million", "15 million"), ("8 m", "8 million"), ("12", "12 K")],
)
def test_different_amounts(one: str, other: str) -> None:
    assert amounts(one) != amounts(other)


def test_a_figure_with_another_order_of_magnitude_is_another_amount() -> None:
    assert same_amount("665", "It holds 665 M reports.", amounts("665 K reports")) is False


def test_a_figure_without_an_order_of_magnitude_is_left_to_the_digits() -> None:
    assert same_amount("664", "It holds 664 reports.", amounts("665 K reports")) is None
