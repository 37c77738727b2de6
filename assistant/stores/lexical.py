"""The lexical index: BM25 over titles and abstracts, by tantivy. The only importer of tantivy."""

from __future__ import annotations

import json
import math
import re
import struct
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import tantivy
from rapidfuzz.distance import OSA

from assistant.errors import StoreError
from assistant.readable import readable
from assistant.stores.catalogue import Catalogue
from assistant.stores.following import IndexState, current_folder, new_folder, openable, publish_folder
from assistant.stores.spellings import american

_ANALYZER = "paper_text"
_LONGEST_TOKEN = 80  # bytes; longer runs of letters are residue (URLs, hashes)
_HEAP_BYTES = 50_000_000
_ENDINGS = ("fast", "fieldnorm", "idx", "pos", "store", "term")  # of a segment's files
_MAGIC = 1337
_VERSION = 2  # rises when the same paper would be indexed otherwise

_MARGIN = 1.5  # hits beyond those expected, for when fewer than the average of them are allowed
_SHORTEST_CORRECTED, _TWO_MISTAKES = 5, 9  # letters of a stem

_COMPOUND = re.compile(r"(?<!\w)\w+(?:[-‐‑–]\w+)+")
_HYPHEN = re.compile(r"[-‐‑–]")
_LETTERS_DIGITS = re.compile(r"(?<!\w)([^\W\d_]{2,})(\d+)(?!\w)")
# An author's name is a hint: surnames such as Long or Gray are ordinary words in a question.
_AUTHOR_WEIGHT = 0.5
_WORD_LENGTH = 30  # letters; the analysis of a text no longer than that is remembered
_SHORTEST_NAME = 3  # initials would match "T cell"


def expand_variants(text: str) -> str:
    """`text` and, after it, the other spellings of its compounds.

    "GPT-4" adds "GPT4", and "GPT4" adds "GPT 4": as questions are expanded the same way, each
    of "GPT-4", "GPT4" and "GPT 4" finds the others, and so do "k-space" and "kspace".
    """
    joined = [_HYPHEN.sub("", compound) for compound in _COMPOUND.findall(text)]
    divided = [f"{letters} {digits}" for letters, digits in _LETTERS_DIGITS.findall(text)]
    return " ".join([text, *joined, *divided])


def analyze(text: str) -> list[str]:
    """The stemmed tokens of `text` as indexed, spelling variants last."""
    # A question is taken apart word by word, over and over; texts are not worth the room.
    return list(_of_word(text)) if len(text) <= _WORD_LENGTH else _tokens(text)


@lru_cache(maxsize=1 << 14)
def _of_word(word: str) -> tuple[str, ...]:
    return tuple(_tokens(word))


def _tokens(text: str) -> list[str]:
    return list(_analyzer().analyze(_normalized(text)))


class LexicalIndex:
    """One document a paper; shared by threads, and reloaded by `refresh`."""

    def __init__(self, folder: Path) -> None:
        """Open the index published in `folder`.

        Raises:
            StoreError: there is none, or it cannot be read.
        """
        self._folder = folder
        self._open()

    def _open(self) -> None:
        self._path = current_folder(self._folder)
        self._index = _open_index(self._path, _analyzer())
        self._searcher = self._index.searcher()
        self.state = IndexState.read(self._path)

    @property
    def count(self) -> int:
        """Number of papers."""
        return int(self._searcher.num_docs)

    def analyze(self, text: str) -> list[str]:
        """The stemmed tokens of `text` as indexed, spelling variants last."""
        return analyze(text)

    def search(
        self, query: str, top: int, paper_ids: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """The best `top` papers as (paper_id, BM25), best first; [] when no word occurs.

        `query` is a bag of words, never syntax. With `paper_ids`, only these are looked at: where
        they are many, by asking for more and dropping the others, as looking an id up and reading
        the id of a hit both take some 7 µs.
        """
        terms = list(dict.fromkeys(self.analyze(query)))
        if not terms or top < 1 or (paper_ids is not None and not paper_ids):
            return []
        schema = self._index.schema
        should = tantivy.Occur.Should
        words = [(should, tantivy.Query.term_query(schema, "text", term, "freq")) for term in terms]
        names = [
            (should, tantivy.Query.term_query(schema, "authors", term, "freq"))
            for term in terms
            if len(term) >= _SHORTEST_NAME
        ]
        if names:
            people = tantivy.Query.boost_query(tantivy.Query.boolean_query(names), _AUTHOR_WEIGHT)
            words.append((should, people))
        bag = tantivy.Query.boolean_query(words)
        with _translated(self._path):
            return self._best(bag, top, paper_ids)

    def _best(
        self, bag: tantivy.Query, top: int, paper_ids: Collection[str] | None
    ) -> list[tuple[str, float]]:
        schema, searcher, must = self._index.schema, self._searcher, tantivy.Occur.Must
        if paper_ids is not None:
            wanted = math.ceil(_MARGIN * top * self.count / len(paper_ids))
            if len(paper_ids) > wanted:
                among = frozenset(paper_ids)
                hits = searcher.search(bag, limit=wanted, count=False).hits
                kept = [hit for hit in self._named(searcher, hits) if hit[0] in among]
                if len(kept) >= top or len(hits) < wanted:
                    return kept[:top]
            allowed = tantivy.Query.term_set_query(schema, "paper_id", list(paper_ids))
            bag = tantivy.Query.boolean_query(
                [(must, bag), (must, tantivy.Query.const_score_query(allowed, 0.0))]
            )
        return self._named(searcher, searcher.search(bag, limit=top, count=False).hits)

    @staticmethod
    def _named(searcher: tantivy.Searcher, hits: Iterable[Any]) -> list[tuple[str, float]]:
        return [(str(searcher.doc(address)["paper_id"][0]), float(score)) for score, address in hits]

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many papers each of these tokens (as `analyze` gives them) occurs."""
        with _translated(self._path):
            return {term: min(self.count, int(self._searcher.doc_freq("text", term))) for term in terms}

    def some_paper_has(self, terms: Collection[str]) -> bool:
        """Whether all of these tokens (as `analyze` gives them) occur in one paper."""
        schema, must = self._index.schema, tantivy.Occur.Must
        words = [(must, tantivy.Query.term_query(schema, "text", term, "basic")) for term in terms]
        with _translated(self._path):
            return bool(self._searcher.search(tantivy.Query.boolean_query(words), limit=1, count=False).hits)

    def paper_ids(self) -> set[str]:
        """The ids of all papers, for a check against the catalogue."""
        searcher = self._searcher
        with _translated(self._path):
            hits = searcher.search(tantivy.Query.all_query(), limit=max(1, self.count), count=False).hits
            return {str(searcher.doc(address)["paper_id"][0]) for _, address in hits}

    def altered_files(self) -> list[str]:
        """The files that are gone, or not what tantivy wrote by the checksums that it wrote into them."""
        try:
            meta = json.loads((self._path / "meta.json").read_text("utf-8"))
            segments = [str(segment["segment_id"]).replace("-", "") for segment in meta["segments"]]
        except (OSError, ValueError, KeyError, TypeError):
            return ["meta.json"]
        names = [f"{segment}.{ending}" for segment in segments for ending in _ENDINGS]
        return [name for name in names if _altered(self._path / name)]

    def is_stale(self) -> bool:
        """Whether something has been published since this was opened; reads two small files."""
        path = current_folder(self._folder)
        return path != self._path or IndexState.read(path) != self.state

    def nearest_term(self, term: str) -> str | None:
        """The indexed token that `term`, which occurs nowhere, is most likely a misspelling of.

        One letter wrong, missing, doubled or exchanged with its neighbour, two in words of nine
        letters and more; the first letter counts as right. Of several, the most frequent.
        """
        allowed = 0 if len(term) < _SHORTEST_CORRECTED else 1 if len(term) < _TWO_MISTAKES else 2
        if not allowed or not term.isalpha():
            return None
        best = None
        with _translated(self._path):
            candidates = list(self._searcher.terms_with_prefix("text", term[0]))
        for candidate, frequency in candidates:
            if abs(len(candidate) - len(term)) <= allowed and candidate.isalpha():
                mistakes = OSA.distance(term, candidate, score_cutoff=allowed)
                if mistakes <= allowed and (best is None or (mistakes, -frequency) < best[0]):
                    best = ((mistakes, -frequency), candidate)
        return best[1] if best else None

    def refresh(self) -> None:
        """Look at what has been published since."""
        if current_folder(self._folder) != self._path:
            self._open()
            return
        self._index.reload()
        self._searcher = self._index.searcher()
        self.state = IndexState.read(self._path)


def sync_lexical(folder: Path, catalogue: Catalogue, *, rebuild: bool = False) -> int:
    """Bring the index in `folder` up to the catalogue; return how many papers were written.

    A missing, broken or foreign index (or, with `rebuild`, any) is made anew beside the old one
    and swapped in.
    """
    analyzer = _analyzer()
    generation = catalogue.generation
    wanted = IndexState(catalogue.store_id, generation, f"{_ANALYZER}-{_VERSION}", 0)
    try:
        path = current_folder(folder)
        state = IndexState.read(path)
        index = _open_index(path, analyzer)
        fresh = rebuild or not state.leads_to(wanted)
        if state == wanted and index.searcher().num_docs != catalogue.count_papers():
            fresh = True
    except StoreError:
        fresh = True
    if not fresh and state.generation == generation:
        return 0
    if fresh:
        path, state = new_folder(folder), IndexState(wanted.store_id, 0, wanted.model, 0)
        index = tantivy.Index(_schema(), path=str(path))
        index.register_tokenizer(_ANALYZER, analyzer)
    try:
        written = _write(index, catalogue, state.generation)
    except BaseException as error:
        if not _of_tantivy(error):
            raise
        raise StoreError(
            f"the lexical index {folder} cannot be written: {error}; run: python -m assistant doctor --fix"
        ) from error
    wanted.write(path)
    if fresh:
        publish_folder(folder, path)
    return written


def _write(index: tantivy.Index, catalogue: Catalogue, since: int) -> int:
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
    if since:
        for paper_id in catalogue.deleted_since(since, "paper"):
            writer.delete_documents_by_term("paper_id", paper_id)
    written = 0
    for paper in catalogue.papers_since(since):
        if since:
            writer.delete_documents_by_term("paper_id", paper.paper_id)
        writer.add_document(
            tantivy.Document(
                paper_id=paper.paper_id,
                text=_normalized(f"{paper.display_title}. {readable(paper.abstract)}"),
                authors=_normalized(", ".join(paper.authors)),
            )
        )
        written += 1
    writer.commit()
    writer.wait_merging_threads()
    return written


def _normalized(text: str) -> str:
    return expand_variants(american(unicodedata.normalize("NFKC", text)))


@lru_cache(maxsize=1)
def _analyzer() -> tantivy.TextAnalyzer:
    """tantivy's en_stem, and accents folded: one-letter tokens and digits stay."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_LONGEST_TOKEN))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("paper_id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_text_field("authors", tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _open_index(path: Path, analyzer: tantivy.TextAnalyzer) -> tantivy.Index:
    with _translated(path):
        index = tantivy.Index.open(str(openable(path)))
        index.register_tokenizer(_ANALYZER, analyzer)
        index.searcher()
    return index


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Raise what tantivy raises over a damaged file as a one-line StoreError."""
    try:
        yield
    except BaseException as error:
        if not _of_tantivy(error):
            raise
        reason = " ".join(str(error).split())
        raise StoreError(
            f"the lexical index {path} cannot be read: {reason}; run: python -m assistant doctor --fix"
        ) from error


def _of_tantivy(error: BaseException) -> bool:
    """Whether tantivy raises this; where its own code stops, with a class that cannot be imported."""
    return isinstance(error, (ValueError, OSError)) or type(error).__name__ == "PanicException"


def _altered(path: Path) -> bool:
    """Whether a segment's file differs from the CRC-32 at its end.

    The content, a JSON text with "crc", that text's length and 1337, the last two as 32 bits,
    little-endian (tantivy, `directory/footer.rs`).
    """
    try:
        content = path.read_bytes()
        length, magic = struct.unpack("<II", content[-8:])
        end = len(content) - 8 - length
        footer = json.loads(content[end:-8])
        return bool(magic != _MAGIC or end < 0 or crc32(content[:end]) != footer["crc"])
    except (OSError, struct.error, ValueError, KeyError, TypeError):
        return True
