"""What a reader of a report needs beside the scores: the evidence, the gold, the verdicts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.evaluation import metrics
from assistant.evaluation.gold import GoldQuestion, PaperNames

_COUNT = re.compile(r"^\d+ ")


def describe_row(
    gold: GoldQuestion, answer: Mapping[str, Any] | None, titles: Mapping[str, str], names: PaperNames
) -> dict[str, Any]:
    """The part of a report's row that explains its scores.

    `gold` is what was wanted: the papers by title, each group of facts with whether it stands in
    the answer. `citations` and `retrieved` say of each paper whether it is "expected", "also ok"
    or "other". `titles` maps paper ids to titles.
    """
    question, given = gold.question, answer or {}
    text = str(given.get("answer") or "")
    facts = metrics.facts_present(text, question.must_include)

    def standing(paper_id: str) -> str:
        one = names.canonical.get(paper_id, paper_id)
        return "expected" if one in gold.expected else "also ok" if one in gold.also_ok else "other"

    return {
        "history": list(question.history),
        "standalone_question": given.get("standalone_question"),
        "kind": given.get("kind"),
        "answerer": given.get("answerer"),
        "notes": list(given.get("notes") or ()),
        "gold": {
            "expected": [{"paper_id": i, "title": titles.get(i, i)} for i in sorted(gold.expected)],
            "also_ok": [{"paper_id": i, "title": titles.get(i, i)} for i in sorted(gold.also_ok)],
            "facts": [
                {"any_of": list(group), "stated": there}
                for group, there in zip(question.must_include, facts, strict=True)
            ],
            "must_not_include": list(question.must_not_include),
            "answerable": question.answerable,
            "notes": question.notes,
        },
        "citations": [
            {
                **{name: c.get(name) for name in ("number", "paper_id", "title", "year", "url", "fields")},
                "evidence": [str(e.get("text", "")) for e in c.get("evidence") or ()],
                "standing": standing(c["paper_id"]),
            }
            for c in given.get("citations") or ()
        ],
        "sentences": list(given.get("sentences") or ()),
        "retrieved": [
            {"paper_id": i, "title": titles.get(i, i), "standing": standing(i)}
            for i in given.get("retrieved") or ()
        ],
    }


def failure_kind(failure: str) -> str:
    """A failure without its particulars: "facts missing: 80%" is of the kind "facts missing"."""
    kind = _COUNT.sub("", failure).split(":")[0].split(" '")[0].split(' "')[0]
    return kind.replace("(s)", "s").strip()
