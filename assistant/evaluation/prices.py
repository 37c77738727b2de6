"""What answers cost: a price table that the user gives, as TOML or JSON.

::

    currency = "USD"

    ["gpt-4o-mini"]          # the model's name, as the answers have it
    input = 0.15             # for a million tokens sent
    output = 0.60            # for a million tokens written

No price is built in: they change, and differ between providers of one model.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ConfigurationError

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """`models` maps a model's name to its prices (sent, written) of a million tokens."""

    models: Mapping[str, tuple[float, float]]
    currency: str = "USD"

    def cost(self, model: str | None, prompt_tokens: int, completion_tokens: int) -> float | None:
        """The price of an answer: 0 without a model, None for one that the table does not name."""
        if model is None:
            return 0.0
        if model not in self.models:
            return None
        sent, written = self.models[model]
        return (prompt_tokens * sent + completion_tokens * written) / _MILLION


def describe_cost(answers: Iterable[Mapping[str, Any]], prices: Prices) -> str:
    """What the answers cost together, and which of their models the table does not name."""
    total, unpriced = 0.0, set()
    for row in answers:
        usage, model = row.get("usage") or {}, row.get("model")
        cost = prices.cost(
            model, int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        )
        if cost is None:
            unpriced.add(str(model))
        else:
            total += cost
    told = f"{total:.4f} {prices.currency}"
    return told + (f", without a price for {', '.join(sorted(unpriced))}" if unpriced else "")


def read_prices(path: Path) -> Prices:
    """Read a price table.

    Raises:
        ConfigurationError: the file is unreadable, or an entry has no two prices of 0 or more.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} is no price table: {error}; give TOML or JSON with input and output for each model"
        ) from error
    currency = table.pop("currency", "USD") if isinstance(table, dict) else None
    if not isinstance(table, dict) or not isinstance(currency, str):
        raise ConfigurationError(f"{path} is no price table; give a table with input and output a model")
    wrong = [name for name, row in table.items() if not _is_price(row)]
    if wrong or not table:
        raise ConfigurationError(
            f"{path}: {', '.join(map(repr, wrong)) or 'no model'} must have input and output,"
            " the prices of a million tokens, and nothing else"
        )
    return Prices(
        {name: (float(row["input"]), float(row["output"])) for name, row in table.items()}, currency
    )


def _is_price(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and set(row) == {"input", "output"}
        and all(type(v) in (int, float) and math.isfinite(v) and v >= 0 for v in row.values())
    )
