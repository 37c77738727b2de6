"""Files that are cut, packed, glued together or made to hurt: what can be read of them is."""

import contextlib
import gc
import gzip
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_samples import BIBTEX, CROSSREF, RIS, SAMPLES

from assistant.errors import IngestError, UnsupportedFileError
from ingest.readers import container, read_file, read_files
from ingest.records import UNFORESEEN, Record


def test_a_json_document_cut_short_gives_what_it_has(read):
    _, records, rejected = read(json.dumps([CROSSREF, CROSSREF])[:-30])
    assert len(records) == 1
    assert list(rejected) == ["record 2"]


def test_a_json_document_that_is_given_up_half_way_leaves_nothing_behind(read):
    # The parser, still open then, would complain on standard error when Python clears it away.
    deep = '{"title": "B", "x": ' + "[" * 300
    _, (record,), rejected = read(f'[{{"title": "A", "year": 2020}}, {deep}\n')
    gc.collect()
    assert (record.title, rejected) == ("A", {"record 2": "not JSON from here on: nested more than 200 deep"})


def test_what_is_no_object_in_a_json_document_is_rejected_as_such(read):
    _, (record,), rejected = read([{"title": "A", "year": 2020}, "a text\nof two lines", 3, None])
    assert record.title == "A"
    assert rejected == {
        "record 2": "not an object but a string",
        "record 3": "not an object but a number",
        "record 4": "not an object but null",
    }


def test_a_record_nested_without_end_is_rejected_and_the_next_one_read(read):
    deep = "[" * 900 + "]" * 900
    lines = f'{{"title": "A", "id": {deep}}}\n{{"title": "B", "year": 2020}}\n'
    _, records, _ = read(lines)
    assert records[-1].title == "B"


@pytest.mark.parametrize(
    "content",
    [
        "\n" * 50_000 + "@article{a, title={A}}",
        "@article{a, title={\n" + "@foo{\n" * 20_000,
        '{"a":' * 30_000,
        "[" * 100_000 + '{"title": "A"}',
        "PT J\n" * 20_000,
        "<a>" * 50_000,
    ],
    ids=["empty lines", "entries never closed", "objects", "arrays", "records of nothing", "elements"],
)
def test_what_repeats_without_end_is_read_to_its_end(tmp_path, content):
    path = tmp_path / "file.bib"
    path.write_text(content)
    # Each takes well under a second; time that grew with the square of the length would be minutes.
    with contextlib.suppress(IngestError):
        for _ in read_file(path, crawl_year=2026).records:
            pass


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_found(read, encoding):
    text = "TY  - JOUR\nTI  - Über die naïve Größe der Blüte\nAU  - Müller, Jérôme\nER  - \n"
    _, (record,), _ = read(text.encode(encoding))
    assert record.title == "Über die naïve Größe der Blüte"
    assert record.authors == ("Jérôme Müller",)


def test_foreign_bytes_in_a_utf_8_file_cost_nothing(read):
    text = "TY  - JOUR\nTI  - Über Blüten\nER  - \nTY  - JOUR\n".encode() + b"TI  - caf\xe9 au lait\nER  - \n"
    _, (first, second), _ = read(text)
    assert (first.title, second.title) == ("Über Blüten", "café au lait")


def test_archives_are_read_file_by_file(tmp_path):
    path = tmp_path / "library.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/refs.bib", BIBTEX)
        archive.writestr("b/refs.ris.gz", gzip.compress(RIS.encode()))
        archive.writestr("notes.txt", "Dear all, please find attached. " * 20)
        archive.writestr("inner.zip", b"PK\x03\x04....")
    outcomes = [
        o if isinstance(o, IngestError) else (o.key, o.format, len(list(o.records)))
        for o in read_files(path, crawl_year=2026)
    ]
    assert outcomes[:2] == [
        (f"{path.as_posix()}/a/refs.bib", "bibtex", 3),
        (f"{path.as_posix()}/b/refs.ris.gz", "ris", 3),
    ]
    assert [type(o) for o in outcomes[2:]] == [UnsupportedFileError, UnsupportedFileError]


def test_a_file_that_unpacks_without_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(container, "_FREE_BYTES", 1 << 20)
    line = b'{"title": "' + b"a" * 1000 + b'"}\n'
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(20_000):
            file.write(line)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(packed.getvalue())
    with pytest.raises(IngestError, match=r"bomb\.jsonl\.gz unpacks to far more"):
        for _ in read_file(path, crawl_year=2026).records:
            pass


def test_a_damaged_archive_is_one_line(tmp_path):
    for name, data in (
        ("cut.gz", gzip.compress(RIS.encode() * 50)[:-20]),
        ("x.zip", b"PK\x03\x04" + b"?" * 50),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(IngestError, match=name):
            list(read_file(tmp_path / name, crawl_year=2026).records)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_files_never_raise_anything_but_their_own_error(tmp_path_factory, sample, data):
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(sample)))
        end = start + data.draw(st.integers(0, 30))
        other = data.draw(st.binary(max_size=6) | st.just(sample[end : end + 40]))
        sample = sample[:start] + other + sample[end:]
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(sample)
    with contextlib.suppress(IngestError):
        for outcome in read_file(path, crawl_year=2026).records:
            if not isinstance(outcome, Record):
                assert "\n" not in outcome.reason
                assert not outcome.reason.startswith(UNFORESEEN)
