import json
import os

import pytest
from store_fixtures import write_source

from assistant.stores.lock import writer_lock
from ingest.__main__ import SEEDS, main


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    for name in [name for name in os.environ if name.startswith(("ASSISTANT_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return run


@pytest.fixture
def few(tmp_path):
    return write_source(tmp_path / "few.jsonl", [{"title": "Rhubarb", "abstract": "Rhubarb is red."}])


def test_a_file_is_read_into_the_default_folder_and_summed_up(cli, few, tmp_path):
    code, out, err = cli(few, "--report", "r.json")
    assert (code, err) == (0, [])
    assert out[-1].startswith("1 papers: 1 added, 0 updated, 0 unchanged, 0 merged, 0 rejected; ")
    assert (tmp_path / "data" / "catalogue.sqlite3").exists()
    assert json.loads((tmp_path / "r.json").read_text())["papers"]["added"] == 1


def test_data_chooses_another_folder(cli, few, tmp_path):
    assert cli(few, "--data", "elsewhere")[0] == 0
    assert not (tmp_path / "data").exists()


def test_globs_are_expanded(cli, few):
    assert cli("*.jsonl", "--dry-run")[0] == 0


def test_with_no_path_the_seeds_are_read(cli):
    code, out, _ = cli("--dry-run")
    assert code == 0
    assert out[-1].startswith("dry run, nothing written; 77 papers: 77 added")
    assert "1 merged" in out[-1]
    assert len(list(SEEDS.iterdir())) == 5


@pytest.mark.parametrize("arguments", [("nope.txt",), ("nope*",), ("--bogus",), ("--remove",)])
def test_wrong_usage_is_one_line_and_2(cli, arguments):
    code, out, err = cli(*arguments)
    assert (code, out, len(err)) == (2, [], 1)
    assert err[0].startswith("error: ")


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 20, b"Dear all,\nplease find attached.\n" * 30])
def test_a_file_that_gives_nothing_is_1_and_one_line_that_names_it(cli, tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    code, out, err = cli("file")
    assert (code, out, len(err)) == (1, [], 1)
    assert err[0].startswith("error: file is ")
    assert "give such a file: python -m ingest FILE" in err[0]


def test_a_bad_file_among_good_ones_is_0_and_named(cli, few, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    code, out, err = cli(few, "empty.txt")
    assert code == 0
    assert "1 added" in out[-1]
    assert len(err) == 1
    assert err[0].startswith("skipped empty.txt: is empty; ")


def test_remove_needs_a_source_that_is_there(cli, few):
    cli(few)
    code, _, err = cli("--remove", "nothing.txt")
    assert code == 2
    assert "few.jsonl" in err[0]
    code, out, _ = cli("--remove", "few.jsonl")
    assert code == 0
    assert out[-1].startswith("0 papers:")
    assert "1 removed" in out[-1]


def test_a_store_that_is_being_written_is_a_one_line_error(cli, few, tmp_path):
    with writer_lock(tmp_path / "data"):
        code, out, err = cli(few)
    assert (code, out, len(err)) == (1, [], 1)
    assert f"process {os.getpid()}" in err[0]


def test_a_data_folder_that_cannot_be_made_is_a_one_line_error(cli, few, tmp_path):
    (tmp_path / "data").write_text("")
    code, out, err = cli(few)
    assert (code, out, len(err)) == (1, [], 1)
    assert "--data DIR" in err[0]


def test_what_became_of_each_record_can_be_written(cli, tmp_path):
    rhubarb = {"title": "Rhubarb and Its Stalks", "authors": ["Ann Lee"], "year": 2020, "abstract": "Red."}
    path = write_source(tmp_path / "a.jsonl", [rhubarb, {**rhubarb, "_id": "again"}])
    with path.open("a") as file:
        file.write("{broken\n")
    assert cli("a.jsonl", "--records", "out.jsonl")[0] == 0
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(o["record"], o["outcome"]) for o in told] == [(1, "added"), (2, "merged"), (3, "rejected")]
    assert told[0]["paper_id"] == told[1]["paper_id"]
    assert told[1]["reason"] == "same title, first author and abstract"
    assert told[2]["reason"].startswith("not JSON")
    code, _, err = cli("a.jsonl", "--records", "no/where.jsonl")
    assert (code, len(err)) == (2, 1)


def test_files_of_several_formats_are_read_in_one_run(cli, tmp_path):
    (tmp_path / "a.ris").write_text("TY  - JOUR\nTI  - Rhubarb and its stalks\nER  - \n")
    (tmp_path / "b.bib").write_text("@misc{b, title = {Seagrass and its meadows}, year = 2020}\n")
    (tmp_path / "c.csv").write_text("title,abstract\nTides and their times,They come and go.\n")
    code, out, err = cli("a.ris", "b.bib", "c.csv")
    assert (code, err) == (0, [])
    assert out[-1].startswith(
        "3 papers: 3 added, 0 updated, 0 unchanged, 0 merged, 0 rejected; 2 records have no"
    )
    assert [line.split()[:2] for line in out[:3]] == [["ris", "1"], ["bibtex", "1"], ["csv", "1"]]


def test_records_that_are_skipped_for_one_reason_are_one_line_with_their_places(cli, few):
    with few.open("a") as file:
        file.write('{"title": ""}\n' * 12)
    code, out, err = cli(few)
    assert code == 0
    assert err == [f"skipped {few}:2, 3, 4, 5, 6, 7, 8, 9 and 4 more: neither title nor abstract"]
    assert "12 rejected; " in out[-1]
