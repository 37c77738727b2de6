"""Stores of a few papers in a temporary folder, embedded by hashing words: no model to load."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.settings import Settings
from ingest.pipeline import ingest_paths
from ingest.report import IngestReport


class HashingModel:
    """A bag of hashed words as a vector; `texts` are all it was asked to embed."""

    dimension = 64
    max_tokens = 42

    def __init__(self, name: str = "hashing") -> None:
        self.name = name
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        vectors = np.full((len(texts), self.dimension), 1e-3, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, crc32(word.encode()) % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def count_tokens(self, text: str) -> int:
        return len(re.findall(r"\w+|[^\w\s]", text))


@pytest.fixture
def model() -> HashingModel:
    return HashingModel()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data", answerer="extractive")  # type: ignore[call-arg]


PAPERS = (
    {
        "_id": "a1",
        "title": "Pruning Weights with SAFARI",
        "abstract": "We prune model weights. SAFARI removes 80 % of them. Accuracy stays the same.",
        "authors": ["Qicheng Lao", "José Müller"],
        "published": "2024-05-02",
        "categories": ["cs.LG"],
        "doi": "10.1000/safari",
    },
    {
        "_id": "a2",
        "title": "Imaging in k-space",
        "abstract": "Magnetic resonance is reconstructed by GPT-4 and ResNet50. T cells are seen.",
        "authors": ["Ann Long"],
        "published": "2023",
        "categories": ["CV", "stat.ML"],
    },
    {
        "_id": "a3",
        "title": "Vitamin D and Bones",
        "abstract": "Vitamin D is measured in a cohort of elderly women; code at https://github.com/x/y.",
        "authors": ["Lao, Qicheng", "Bo Gray"],
    },
)


@pytest.fixture
def small_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma keeps a few vectors in a graph's files, as it does from a thousand on."""
    from assistant.stores import vectors

    configuration = {"hnsw": {**vectors._CONFIGURATION["hnsw"], "batch_size": 2, "sync_threshold": 2}}
    monkeypatch.setattr(vectors, "_CONFIGURATION", configuration)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "papers.jsonl", PAPERS)


def write_source(path: Path, papers: Sequence[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), "utf-8")
    return path


@pytest.fixture
def ingest(settings: Settings, model: HashingModel) -> Callable[..., IngestReport]:
    def run(*paths: Path, **options: object) -> IngestReport:
        return ingest_paths(paths, settings, model, **options)  # type: ignore[arg-type]

    return run
