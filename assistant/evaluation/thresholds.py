"""Thresholds that a run must reach, from a TOML file: what makes an evaluation fail a CI.

::

    [questions.all]          # the question set's file name without its ending, then a question type
    all_facts = 0.85         # at least
    wrongly_refused = 0.03   # lower is better: at most
    [questions.unanswerable]
    refused = 0.7

One file may hold the thresholds of several sets.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ConfigurationError
from assistant.evaluation.figures import ALL
from assistant.evaluation.metric_names import LOWER_IS_BETTER, METRICS


@dataclass(frozen=True, slots=True)
class Thresholds:
    """For each question type, or "all", the least value of each metric; the most, where lower is better."""

    path: Path
    limits: Mapping[str, Mapping[str, float]]

    def check_types(self, types: Collection[str]) -> None:
        """Raise a ConfigurationError for thresholds of question types that the set does not have."""
        unknown = [kind for kind in self.limits if kind not in types and kind != ALL]
        if unknown:
            raise ConfigurationError(
                f"{self.path} has thresholds for {', '.join(map(repr, unknown))}, which no question is;"
                f" the types of the set are {', '.join(sorted(types))}"
            )

    def missed(self, values: Mapping[str, Mapping[str, float]]) -> tuple[str, ...]:
        """What is missed by the figures in `values` (by type, then metric), a line each."""
        found = []
        for kind, limits in self.limits.items():
            for name, limit in limits.items():
                value = values.get(kind, {}).get(name)
                least = name not in LOWER_IS_BETTER
                if value is None:
                    found.append(f"{kind}: {name} was not measured, its threshold is {limit:g}")
                elif value < limit if least else value > limit:
                    found.append(
                        f"{kind}: {name} is {value:.4g}, must be at {'least' if least else 'most'} {limit:g}"
                    )
        return tuple(found)


def read_thresholds(path: Path, set_name: str) -> Thresholds:
    """Read the thresholds for the question set in the file called `set_name`.

    Raises:
        ConfigurationError: the file is unreadable, has nothing for this set, an unknown metric, or
            a limit that is no number.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} holds no thresholds: {error}; write TOML like: [questions.all] all_facts = 0.9"
        ) from error
    stem = Path(set_name).stem
    limits = table.get(stem)
    if not isinstance(limits, dict) or not limits:
        raise ConfigurationError(
            f"{path} has no thresholds for {set_name}: its tables are for"
            f" {', '.join(table) or 'nothing'}; add [{stem}.all]"
        )
    faults = []
    for kind, wanted in limits.items():
        if not isinstance(wanted, dict):
            faults.append(f"{stem}.{kind} must be a table, such as [{stem}.{ALL}]")
            continue
        faults += [f"{kind}.{name} is no metric" for name in wanted if name not in METRICS]
        faults += [
            f"{kind}.{n} = {v!r} is no number" for n, v in wanted.items() if type(v) not in (int, float)
        ]
    if faults:
        raise ConfigurationError(f"{path}: {'; '.join(faults)}; the metrics are {', '.join(METRICS)}")
    return Thresholds(
        path, {kind: {n: float(v) for n, v in wanted.items()} for kind, wanted in limits.items()}
    )
