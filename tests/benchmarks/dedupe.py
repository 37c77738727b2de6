"""Precision and recall of merging, on papers and variants made of them.

    python tests/benchmarks/dedupe.py [FILE_OR_FOLDER ...] [--limit 500] [--show]

The papers are the seeds and those of any files given (each paper once, as merging by identifiers has
it). Of each, variants are made that are the same paper as another source would have it (case,
accents, names, subtitle, preprint, missing parts) and look-alikes that are another one (other people,
another year and text, a part two, a comment, a correction).
Each is decided on by itself against all papers. Right is to
join a variant to its own paper and to nothing else, and to keep a look-alike apart from it.
"""

import argparse
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from assistant.errors import IngestError  # noqa: E402
from assistant.models import Identifiers  # noqa: E402
from assistant.sentences import split_sentences  # noqa: E402
from ingest.dedupe import Deduper, PaperIndex  # noqa: E402
from ingest.readers import read_files  # noqa: E402
from ingest.records import Record  # noqa: E402
from ingest.sources import find_files  # noqa: E402

NONE = Identifiers()
OTHER_TEXT = (
    "Beekeepers in alpine valleys report winter losses that neither mites nor weather explain. In a survey of"
    " 312 hives we relate losses to the distance from orchards, and find that hives beside meadows fare best."
)


def plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def without_a_sentence(text: str) -> str:
    spans = split_sentences(text)
    if len(spans) < 3:
        return text
    dropped = spans[len(spans) // 2]
    return (text[: dropped.start] + text[dropped.end :]).replace("  ", " ")


def inverted(name: str) -> str:
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given and "," not in name else name


def initials(name: str) -> str:
    *given, family = name.split()
    return " ".join([*(f"{g[0]}." for g in given), family]) if given and "," not in name else name


def pubmed_style(name: str) -> str:
    *given, family = name.split()
    return f"{family} {''.join(g[0].upper() for g in given)}" if given and "," not in name else name


def same(paper: Record) -> Iterator[tuple[str, Record]]:
    """The paper as other sources have it."""
    base = replace(paper, source="variant", identifiers=NONE, source_ids=(), same_as=())
    title, authors, year = paper.title, paper.authors, int((paper.published or "0")[:4])
    if title:
        yield "case", replace(base, title=title.upper())
        yield "signs", replace(base, title=re.sub(r"[-:,]", " ", title) + ".")
        yield "accents", replace(base, title=plain(title), authors=tuple(map(plain, authors)))
        if authors and year:
            named = replace(base, abstract="")
            yield "title, author and year only", named
            yield "names inverted", replace(named, authors=tuple(map(inverted, authors)))
            yield "names as initials", replace(named, authors=tuple(map(initials, authors)))
            yield "names as PubMed has them", replace(named, authors=tuple(map(pubmed_style, authors)))
            yield "et al.", replace(named, authors=authors[:1], et_al=len(authors) > 1 or paper.et_al)
            if paper.abstract:
                revised = replace(base, abstract=without_a_sentence(paper.abstract))
                yield "abstract revised", revised
                if not paper.identifiers.arxiv:
                    before = Identifiers(arxiv="9901.00001")
                    preprint = replace(revised, identifiers=before, published=str(year - 1))
                    yield "preprint of the year before", preprint
                head, colon, _ = title.partition(": ")
                if colon and len(head.split()) > 2:
                    yield "subtitle dropped", replace(base, title=head)
    if len(paper.abstract) > 200:
        yield "abstract only", replace(base, title=None, authors=(), published=None)
    if any((paper.identifiers.doi, paper.identifiers.arxiv, paper.identifiers.pmid)):
        changed = replace(base, identifiers=paper.identifiers, title="A New Title of It")
        yield "identifier, title changed", changed


def others(paper: Record) -> Iterator[tuple[str, Record]]:
    """Papers that only look like it."""
    base = replace(paper, source="variant", identifiers=NONE, source_ids=(), same_as=())
    base = replace(base, abstract=OTHER_TEXT)
    title, authors, year = paper.title, paper.authors, int((paper.published or "0")[:4])
    if not title or not authors:
        return
    yield "title of other people", replace(base, authors=("Zdenka Oquist", "Bo Ek"))
    yield "title of other people, no abstract", replace(base, authors=("Zdenka Oquist",), abstract="")
    family = authors[0].split()[-1]
    if " " in authors[0]:
        yield "title of a namesake", replace(base, authors=(f"Xq {family}",))
    if year:
        yield "another year and text", replace(base, published=str(year + 2))
    for name, changed in (
        ("part two", f"{title}: Part II"),
        ("a comment", f"Comment on \u201c{title}\u201d"),
    ):
        yield name, replace(base, title=changed)
    if year:
        short = "This corrects the article cited above."
        yield "a correction", replace(base, title=f"Correction to: {title}", abstract=short)
    if year and paper.identifiers.doi:
        other = Identifiers(doi="10.9999/x")
        yield "another DOI", replace(base, identifiers=other, abstract=paper.abstract)


def load(paths: list[Path], limit: int) -> list[Record]:
    """The papers, one record each."""
    records: dict[str, Record] = {}
    index = PaperIndex()
    deduper = Deduper(index)
    for path in find_files(paths, ROOT / "data"):
        try:
            for reading in read_files(path, crawl_year=2026):
                for outcome in () if isinstance(reading, IngestError) else reading.records:
                    if not isinstance(outcome, Record):
                        continue
                    decision = deduper.decide(outcome)
                    index.apply(decision)
                    if decision.action == "added" and len(records) < limit:
                        records[decision.paper.paper_id] = outcome
        except IngestError as error:
            print(f"skipped: {error}", file=sys.stderr)
    return list(records.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--limit", type=int, default=500, help="papers at most")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    args = parser.parse_args()
    papers = load([ROOT / "seeds", *args.paths], args.limit)
    index = PaperIndex()
    deduper = Deduper(index)
    ids = []
    for paper in papers:
        decision = deduper.decide(paper)
        index.apply(decision)
        ids.append(decision.paper.paper_id)
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    joined_right = joined = wanted = 0
    for paper, paper_id in zip(papers, ids, strict=True):
        for is_same, variants in ((True, same(paper)), (False, others(paper))):
            for kind, variant in variants:
                decision = Deduper(index).decide(variant)
                target = decision.replaces.paper_id if decision.replaces else None
                well = (target == paper_id) == is_same
                name = f"{'same ' if is_same else 'other'}  {kind}"
                asked[name] += 1
                right[name] += well
                wanted += is_same
                joined += target is not None if is_same else target == paper_id
                joined_right += is_same and target == paper_id
                if args.show and not well:
                    print(f"{name}: {paper.title!r} / {variant.title!r} -> {target} {decision.reason}")
    for name in asked:
        print(f"{name:45} {right[name]:5} of {asked[name]:5}  {right[name] / asked[name]:6.1%}")
    print(
        f"{len(papers)} papers, {sum(asked.values())} variants: precision {joined_right / joined:.4f}"
        f" ({joined} joined), recall {joined_right / wanted:.4f} ({wanted} the same)"
    )


if __name__ == "__main__":
    main()
