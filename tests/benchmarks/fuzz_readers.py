"""Damaged files through all readers: none may raise, hang, or eat memory.

    python tests/benchmarks/fuzz_readers.py [SAMPLE ...] [--inputs 20000] [--seed 0] [--keep DIR]

The samples of tests/reader_samples.py, and any files or folders given, are cut, repeated, shuffled,
spliced with one another and sprinkled with the signs their formats live by. Each input is read to its
end in a child process that the operating system limits in memory and an alarm in CPU time. An input
at fault is printed, and with --keep kept. Exit code 1 when there is one.
"""

import argparse
import gzip
import io
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

SECONDS = 10  # of CPU for one input of at most MAX_INPUT bytes
MEMORY = 1 << 30  # bytes of address space beyond the start
MAX_INPUT = 200_000
CHUNK = 100  # inputs a child process reads
SIGNS = [
    *(b"{", b"}", b'"', b"[", b"]", b"\\", b"\0", b"\n", b"\r\n", b"#", b",", b";", b"\t", b"'", b"$", b"%"),
    *(b"@", b"@article{", b"@string{a = ", b"TY  - JOUR\n", b"ER  - \n", b"PMID- 1\n", b"<", b">", b"&"),
    *(b"&#0;", b"&#x110000;", b"]]>", b"<![CDATA[", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<entry>"),
    *(b"</entry>", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"1e999", b"-0", b"NaN"),
    *(b"null", b"\\'{", b"\xc3", b"\xe9", b"9" * 400, b"[" * 3000, b"{" * 3000, b'{"a":' * 3000),
    *(b"<a>" * 3000, b"\\'" * 500, b" and " * 500, b"A" * 20_000, b"," * 5_000, b"<jats:p>" * 500),
    *(b"$" * 999, b"doi.org/10.1/" * 300, b"\n" * 3_000),
]


def samples(paths: Sequence[Path]) -> list[bytes]:
    from reader_samples import SAMPLES

    found = list(SAMPLES)
    for path in paths:
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        found += [file.read_bytes()[:MAX_INPUT] for file in files]
    return found


def damaged(corpus: Sequence[bytes], draw: random.Random) -> bytes:
    data = draw.choice(corpus)
    for _ in range(draw.choice((1, 2, 4, 12))):
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + int(draw.expovariate(1 / 40)))
        other = draw.choice(corpus)
        at = draw.randrange(len(other) + 1)
        parts = (
            draw.choice(SIGNS),
            draw.choice(SIGNS) * draw.choice((2, 50)),
            draw.randbytes(draw.randrange(1, 9)),
            b"",
            data[start:end] * draw.choice((2, 200)),
            other[at : at + draw.randrange(2_000)],
        )
        part = draw.choice(parts)
        data = (data[:start] + part + data[end:])[:MAX_INPUT]
    return draw.choice((_as_is, _as_is, _as_is, _as_is, _gzipped, _zipped, _utf16))(data, draw)


def _as_is(data: bytes, draw: random.Random) -> bytes:
    return data


def _gzipped(data: bytes, draw: random.Random) -> bytes:
    packed = bytearray(gzip.compress(data))
    if draw.random() < 0.5:
        packed[draw.randrange(len(packed))] ^= 1 << draw.randrange(8)
    return bytes(packed)


def _zipped(data: bytes, draw: random.Random) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/file", data)
        archive.writestr("b.gz", gzip.compress(data))
    packed = bytearray(file.getvalue())
    if draw.random() < 0.5:
        packed[draw.randrange(len(packed))] ^= 1 << draw.randrange(8)
    return bytes(packed)


def _utf16(data: bytes, draw: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode("utf-16")


def read_all(path: Path) -> tuple[str, int, int]:
    """(format, records, rejections); raises what a reader should not let through."""
    from assistant.errors import IngestError
    from ingest.pending import is_unicode, stored_record
    from ingest.readers import read_files
    from ingest.records import UNFORESEEN, Record

    kind, records, rejections = "none", 0, 0
    try:
        for reading in read_files(path, crawl_year=2026):
            if isinstance(reading, IngestError):
                rejections += 1
                continue
            kind = reading.format
            for outcome in reading.records:
                if isinstance(outcome, Record):
                    records += 1
                    if is_unicode(outcome):
                        stored_record(outcome)
                else:
                    rejections += 1
                    assert "\n" not in outcome.reason, f"a reason of several lines: {outcome.reason!r}"
                    assert not outcome.reason.startswith(UNFORESEEN), outcome.reason
    except IngestError as error:
        rejections += 1
        if "\n" in str(error):
            raise ValueError(f"an error of several lines: {error}") from error
    return kind, records, rejections


def child(inputs: Sequence[bytes], results: "multiprocessing.Queue[tuple[int, str, int, str]]") -> None:
    """Read each input; results are (place, format, records, fault or "")."""
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))

    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"still at work after {SECONDS} s")

    signal.signal(signal.SIGPROF, late)
    with tempfile.TemporaryDirectory() as folder:
        for place, data in enumerate(inputs):
            path = Path(folder) / "file"
            path.write_bytes(data)
            results.put((place, "began", 0, ""))
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                kind, records, _ = read_all(path)
                results.put((place, kind, records, ""))
            except BaseException as error:  # whatever it is, it is what this looks for
                told = traceback.format_exception(error)[-2:]
                results.put((place, "fault", 0, "".join(told).strip()))
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)


def run(inputs: Sequence[bytes]) -> list[tuple[int, str, int, str]]:
    """The outcomes of these inputs; one that ends the process, or never ends, is a fault too."""
    results: multiprocessing.Queue[tuple[int, str, int, str]] = multiprocessing.Queue()
    process = multiprocessing.Process(target=child, args=(inputs, results))
    process.start()
    found, last, quiet = [], -1, time.monotonic()
    while len(found) < len(inputs):
        try:
            place, kind, records, fault = results.get(timeout=1)
        except Exception:  # the queue is empty
            dead = not process.is_alive()
            if not dead and time.monotonic() - quiet < 12 * SECONDS:
                continue
            process.kill()
            reason = "the process died" if dead else f"no alarm stopped it within {12 * SECONDS} s"
            found.append((max(last, 0), "fault", 0, reason))
            rest = run(inputs[max(last, 0) + 1 :]) if max(last, 0) + 1 < len(inputs) else []
            return found + [(max(last, 0) + 1 + p, k, r, f) for p, k, r, f in rest]
        quiet, last = time.monotonic(), place
        if kind != "began":
            found.append((place, kind, records, fault))
    process.join()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("samples", nargs="*", type=Path)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    corpus, draw = samples(args.samples), random.Random(args.seed)
    formats: Counter[str] = Counter()
    records = faults = 0
    began = time.monotonic()
    for start in range(0, args.inputs, CHUNK):
        inputs = [damaged(corpus, draw) for _ in range(min(CHUNK, args.inputs - start))]
        for place, kind, read, fault in run(inputs):
            formats[kind] += 1
            records += read
            if fault:
                faults += 1
                print(f"input {start + place}: {fault}\n", flush=True)
                if args.keep:
                    args.keep.mkdir(parents=True, exist_ok=True)
                    (args.keep / f"input-{args.seed}-{start + place}").write_bytes(inputs[place])
    seconds = time.monotonic() - began
    print(
        f"{args.inputs} inputs of {len(corpus)} samples, seed {args.seed}, {seconds:.0f} s: {faults} faults,"
        f" {records} records; formats: {dict(formats.most_common())}"
    )
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
