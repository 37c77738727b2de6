import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.prices import Prices, describe_cost, read_prices

TABLE = Prices({"small": (0.5, 2.0)})


def test_cost_is_by_a_million_tokens():
    assert TABLE.cost("small", 1_000_000, 500_000) == pytest.approx(1.5)


def test_an_answer_without_a_model_costs_nothing():
    assert TABLE.cost(None, 0, 0) == 0.0


def test_a_model_without_a_price_has_no_cost():
    assert TABLE.cost("large", 10, 10) is None


def test_the_whole_cost_names_models_without_a_price():
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 250_000}
    answers = [{"model": "small", "usage": usage}] * 2 + [{"model": None}, {"error": "boom"}]
    assert describe_cost(answers, TABLE) == "2.0000 USD"
    assert describe_cost([*answers, {"model": "large", "usage": usage}], TABLE) == (
        "2.0000 USD, without a price for large"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.toml", 'currency = "EUR"\n["small"]\ninput = 0.5\noutput = 2\n'),
        ("p.json", json.dumps({"currency": "EUR", "small": {"input": 0.5, "output": 2}})),
    ],
)
def test_a_price_table_is_toml_or_json(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert read_prices(path) == Prices({"small": (0.5, 2.0)}, "EUR")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("p.toml", "[", "is no price table"),
        ("p.json", "[]", "is no price table"),
        ("p.toml", "", "no model must have"),
        ("p.toml", "[small]\ninput = 1\n", "'small' must have"),
        ("p.toml", "[small]\ninput = 1\noutput = -1\n", "'small' must have"),
        ("p.toml", "[small]\ninput = true\noutput = 1\n", "'small' must have"),
        ("p.toml", "[small]\ninput = 1\noutput = 1\ncached = 1\n", "'small' must have"),
    ],
)
def test_a_faulty_table_is_refused(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_prices(path)
