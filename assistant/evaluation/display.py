"""How figures are shown to people: in what order, under which headings, in which units."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from assistant.evaluation.metric_names import METRICS

#: Metrics that lie between 0 and 1 and are shown in per cent.
PERCENT = frozenset(
    """answered clean resisted verbatim support support_judged refused refusal_precision declined
    declined_off_topic declined_not_stated wrongly_refused facts all_facts cited_any cited_first
    cited_in_3 cited_recall cited_precision retrieved_hit_1 retrieved_hit_5 retrieved_hit_10
    retrieved_recall_10""".split()
)
_GROUPS: Mapping[str, str] = {
    "Answers": "answered facts all_facts clean resisted words",
    "Citations": "cited_any cited_in_3 cited_first cited_recall cited_precision n_cited",
    "Claims": "support support_judged verbatim invalid_numbers unstated_figures",
    "Refusals": """wrongly_refused refused declined declined_off_topic declined_not_stated
        refusal_precision""",
    "Retrieval": """retrieved_hit_1 retrieved_hit_5 retrieved_hit_10 retrieved_mrr_10 retrieved_ndcg_10
        retrieved_recall_10""",
}
REST = "Effort"


def groups(names: Collection[str]) -> dict[str, list[str]]:
    """The metrics of `names` under headings; what has no heading stands under the last one."""
    found = {title: [n for n in wanted.split() if n in names] for title, wanted in _GROUPS.items()}
    placed = {name for wanted in _GROUPS.values() for name in wanted.split()}
    found[REST] = [name for name in METRICS if name in names and name not in placed]
    return {title: wanted for title, wanted in found.items() if wanted}


def show(name: str, value: float | None, *, signed: bool = False) -> str:
    """A metric's value with its unit; "–" for none."""
    if value is None:
        return "–"
    sign = "+" if signed else ""
    if name in PERCENT:
        digits = 0 if not signed and value in (0, 1) else 1
        return f"{100 * value:{sign}.{digits}f} %".replace("-", "−")
    if name.startswith("ms"):
        return f"{value:{sign},.0f} ms".replace("-", "−")
    if name == "cost":
        return f"{value:{sign}.3g}".replace("-", "−")
    if not value and not signed:
        return "0"
    digits = 3 if "mrr" in name or "ndcg" in name else 2 if abs(value) < 10 else 0
    return f"{value:{sign},.{digits}f}".replace("-", "−")


def called(name: str) -> str:
    """A metric's name as it is read: "cited_in_3" is "cited in 3"."""
    return name.replace("_", " ")
