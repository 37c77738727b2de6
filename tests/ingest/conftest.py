"""What the tests of the readers share."""

import json

import pytest

from ingest.readers import read_file
from ingest.records import Record, Rejection


@pytest.fixture
def read(tmp_path):
    """(format, records, reason by place) of a text, bytes, or an object as JSON."""

    def read_it(content, name="file"):
        path = tmp_path / name
        if isinstance(content, dict | list):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        reading = read_file(path, crawl_year=2026)
        outcomes = list(reading.records)
        records = [o for o in outcomes if isinstance(o, Record)]
        return reading.format, records, {o.record: o.reason for o in outcomes if isinstance(o, Rejection)}

    return read_it
