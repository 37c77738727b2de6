"""Adding papers from the page, with the real pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import AssistantError
from assistant.models import Paper
from assistant.settings import Settings
from assistant.stores import Catalogue
from assistant.web.library import Library, Progress, counts_by, safe_name

BEES = {
    "id": "bees",
    "title": "Bees in the attic",
    "abstract": "Honey bees settle in old attics, and 30% of forty colonies survived the winter.",
    "authors": ["Ada Bee"],
    "date": "2021-05-01",
}


def jsonl(folder: Path, name: str, *rows: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data", answerer="extractive")  # type: ignore[call-arg]


def papers(settings: Settings) -> list[Paper]:
    catalogue = Catalogue(settings.resolved_catalogue_url)
    try:
        return catalogue.papers()
    finally:
        catalogue.close()


def test_papers_are_added_with_progress_and_taken_out_again(settings: Settings, tmp_path: Path) -> None:
    library = Library(settings)
    other = {"id": "w", "title": "Wasps", "abstract": "Wasps build nests of paper in ten gardens each year."}
    first = jsonl(tmp_path / "a", "new.jsonl", BEES, {"id": "broken"})
    second = jsonl(tmp_path / "b", "new.jsonl", {**BEES, "id": "again"}, other)
    *steps, report = library.add([first])
    assert all(isinstance(step, Progress) for step in steps)
    assert not isinstance(report, Progress)
    assert (report.added, len(report.rejected)) == (1, 1)
    *_, report = library.add([second])
    assert not isinstance(report, Progress)
    assert (report.added, report.merged) == (1, 1)
    assert set(library.uploads()) == {"new.jsonl", "new (2).jsonl"}

    (merged,) = library.merged(papers(settings))
    assert [title for _, title in merged.records] == ["Bees in the attic"] * 2
    assert merged.reasons == ("the same title, first author and year",)

    *_, report = library.undo("new.jsonl")
    assert sorted(p.display_title for p in papers(settings)) == ["Bees in the attic", "Wasps"]
    *_, report = library.undo("new (2).jsonl")
    assert papers(settings) == []
    assert library.uploads() == []


def test_a_file_that_cannot_be_read_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    library = Library(settings)
    nonsense = tmp_path / "nonsense.bin"
    nonsense.write_bytes(bytes(range(256)) * 20)
    *_, report = library.add([nonsense])
    assert not isinstance(report, Progress)
    assert len(report.rejected) == 1
    assert library.uploads() == []


@pytest.mark.parametrize("name", ["../catalogue.sqlite3", "new.jsonl", "", "/etc/passwd"])
def test_only_what_was_uploaded_can_be_undone(settings: Settings, name: str) -> None:
    with pytest.raises(AssistantError, match="not added from this page"):
        list(Library(settings).undo(name))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("refs.bib", "refs.bib"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.ris", "x.ris"),
        (".hidden", "hidden"),
        ("<img src=x onerror=alert(1)>.bib", "_img src_x onerror_alert(1)_.bib"),
        ("", "papers"),
        ("a" * 300 + ".bib", "a" * 90 + ".bib"),
        ("Übersicht 2.csv", "Übersicht 2.csv"),
    ],
)
def test_the_name_of_an_upload_is_plain(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_papers_are_counted_by_year_and_category() -> None:
    found = [
        Paper("1", "a", "", published="2023", categories=("LG",)),
        Paper("2", "b", "", published="2024-05", categories=("CV", "LG")),
        Paper("3", "c", ""),
    ]
    years, categories = counts_by(found)
    assert list(years.items()) == [("2024", 1), ("2023", 1), ("undated", 1)]
    assert list(categories.items()) == [("LG", 2), ("CV", 1), ("none", 1)]
