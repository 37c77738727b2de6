"""What one signal of the search does for the answers: `compare` of a run with it and one without.

    python tests/benchmarks/variants.py QUESTIONS.jsonl --without late --data DIR --report DIR
        [--papers papers.jsonl]

The store is opened once and both runs are made in one process. Writes REPORT/with, REPORT/without
and REPORT/compared, and prints the comparison; A is without the signal, B with it.
`tests/benchmarks/retrieval.py --questions` takes each signal away from the ranking alone.
"""

import argparse
from dataclasses import fields, replace
from pathlib import Path

from assistant import evaluation
from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.evaluation.comparison import compare_runs
from assistant.retrieval.retriever import PaperRetriever, Weights
from assistant.settings import load_settings
from assistant.stores import open_stores


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("questions", type=Path)
    parser.add_argument("--without", required=True, choices=[field.name for field in fields(Weights)])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--papers", type=Path)
    options = parser.parse_args()
    settings = load_settings(options.data, "extractive")
    model = open_embedding_model(settings.embedding)
    stores = open_stores(settings, model)
    whole = Weights()
    folders = {"without": options.report / "without", "with": options.report / "with"}
    for name, weights in (("without", replace(whole, **{options.without: 0.0})), ("with", whole)):
        corpus = Corpus(stores, model)
        corpus.retriever = PaperRetriever(
            stores, stores.vectors, stores.lexical, corpus.statistics, model, weights
        )
        evaluation.run(
            options.questions,
            Assistant(corpus),
            folders[name],
            options.papers,
            settings={"weights": str(weights)},
        )
    compared = compare_runs(folders["without"], folders["with"])
    compared.write(options.report / "compared")
    print(compared.to_markdown())


if __name__ == "__main__":
    main()
