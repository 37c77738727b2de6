"""Where to draw the line between "the corpus answers this" and "it does not".

    python tests/benchmarks/refusal.py QUESTIONS.jsonl [MORE.jsonl ...] [--data DIR]

For every question without history that names no paper: the highest passage + sentence cosine of
a paper ("nearness"), and whether the question names something that no paper mentions. Prints, for
a row of thresholds, the share of answerable questions that would be refused and of unanswerable
ones that would be caught, for both kinds of question. The constants of
`assistant.retrieval.selection` were read off this table.
"""

import argparse
import json
from datetime import date
from pathlib import Path

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.retrieval.names import named_papers
from assistant.retrieval.plan import make_plan
from assistant.retrieval.selection import NAME_CANDIDATES, nearness
from assistant.retrieval.terms import missing_names
from assistant.settings import load_settings
from assistant.stores import open_stores


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", nargs="+", type=Path)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    settings = load_settings(arguments.data)
    model = open_embedding_model(settings.embedding)
    corpus = Corpus(open_stores(settings, model), model)
    statistics = corpus.statistics
    rows: list[tuple[bool, bool, float]] = []
    for path in arguments.questions:
        for line in path.read_text("utf-8").splitlines():
            question = json.loads(line)
            plan = make_plan(question["question"], question["question"], corpus.names, date.today())
            ranked = corpus.retriever.search(plan.topic, 50, plan.filters) if plan.topic else []
            papers = [s.paper for s in ranked[:NAME_CANDIDATES]]
            skipped = question.get("history") or plan.intent in ("records", "count", "chat", "field")
            if skipped or not ranked or named_papers(plan.standalone, papers):
                continue
            unknown = missing_names(
                plan.topic, lambda stem: statistics.document_frequencies([stem])[stem] > 0, statistics
            )
            rows.append((question["answerable"], bool(unknown), nearness(ranked)))
    for unknown in (False, True):
        some = [(answerable, near) for answerable, its, near in rows if its is unknown]
        yes = [near for answerable, near in some if answerable]
        no = [near for answerable, near in some if not answerable]
        print(f"{'with' if unknown else 'without'} an unknown name: {len(yes)} answerable, {len(no)} not")
        for threshold in (0.36, 0.42, 0.48, 0.54, 0.60, 0.66, 0.72, 0.78, 0.84, 0.90, 0.96):
            refused = sum(near < threshold for near in yes) / max(1, len(yes))
            caught = sum(near < threshold for near in no) / max(1, len(no))
            print(f"  below {threshold:.2f}: refused {refused:5.0%}  caught {caught:5.0%}")


if __name__ == "__main__":
    main()
