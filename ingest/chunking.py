"""Abstract -> chunks: whole sentences, of equal size, each within what the embedding model reads."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import BaseNode, Document, NodeRelationship, TextNode

from assistant.embedding import EmbeddingModel
from assistant.models import Chunk, Paper, Span
from assistant.readable import readable
from assistant.sentences import split_sentences

_SPECIAL_TOKENS = 2  # the model adds one before and one after
# A title may take this share of a chunk; of a longer one the start stands in every chunk, and
# the whole in chunks of its own.
_TITLE_SHARE = 0.5

CountTokens = Callable[[str], int]


class AbstractNodeParser(NodeParser):
    """LlamaIndex's face of `split_abstract`.

    A document's text is the abstract, its id the paper's, its metadata `display_title`. A node's
    text is a chunk's; `start` and `end`, in its metadata, delimit the passage in the abstract.
    """

    count_tokens: Any
    max_tokens: int

    @classmethod
    def for_model(cls, model: EmbeddingModel) -> AbstractNodeParser:
        """A parser that counts as `model` does."""
        return cls(
            count_tokens=model.count_tokens,
            max_tokens=model.max_tokens - _SPECIAL_TOKENS,
            include_prev_next_rel=False,
        )

    @classmethod
    def class_name(cls) -> str:
        return "AbstractNodeParser"

    def _parse_nodes(
        self,
        nodes: Sequence[BaseNode],
        show_progress: bool = False,  # noqa: ARG002  # LlamaIndex's signature
        **kwargs: Any,  # noqa: ARG002
    ) -> list[BaseNode]:
        parsed: list[BaseNode] = []
        for node in nodes:
            title, abstract = str(node.metadata.get("display_title", "")), node.get_content()
            texts = split_abstract(title, abstract, self.count_tokens, self.max_tokens)
            for number, (span, text) in enumerate(texts):
                parsed.append(
                    TextNode(
                        id_=_chunk_id(node.node_id, number, text),
                        text=text,
                        metadata={"number": number, "start": span.start, "end": span.end},
                        relationships={NodeRelationship.SOURCE: node.as_related_node_info()},
                    )
                )
        return parsed


def chunk_papers(papers: Sequence[Paper], parser: AbstractNodeParser) -> dict[str, list[Chunk]]:
    """The chunks of each paper, by paper_id; every paper has at least one."""
    documents = [
        Document(id_=paper.paper_id, text=paper.abstract, metadata={"display_title": paper.display_title})
        for paper in papers
    ]
    chunks: dict[str, list[Chunk]] = {paper.paper_id: [] for paper in papers}
    for node in parser.get_nodes_from_documents(documents):
        paper_id = str(node.ref_doc_id)
        place = node.metadata
        chunks[paper_id].append(
            Chunk(node.node_id, paper_id, place["number"], place["start"], place["end"], node.get_content())
        )
    return chunks


def split_abstract(
    title: str, abstract: str, count_tokens: CountTokens, limit: int
) -> list[tuple[Span, str]]:
    """Cut an abstract into passages; return each one's span and text, the title before it.

    No text has more than `limit` tokens (special ones not counted), unless a single character
    has. Every character of the abstract but white space is in exactly one passage. Parts of a
    title too long to stand before each passage come first, with an empty span.
    """
    count_tokens = cache(count_tokens)  # a sentence is cut to size, then weighed
    extra: list[tuple[Span, str]] = []
    prefix = f"{title}. " if title else ""
    if count_tokens(prefix) > limit * _TITLE_SHARE:
        parts = _pieces(title, Span(0, len(title)), count_tokens, limit)
        extra = [(Span(0, 0), title[part.start : part.end]) for part in parts]
        head = _pieces(title, Span(0, len(title)), count_tokens, int(limit * _TITLE_SHARE) - 1)[0]
        prefix = f"{title[head.start : head.end]}. "

    def text_of(span: Span) -> str:
        return prefix + readable(abstract[span.start : span.end])

    def fits(span: Span) -> bool:
        return count_tokens(text_of(span)) <= limit

    sentences = split_sentences(abstract)
    if not sentences:
        return extra or [(Span(0, 0), prefix.strip())]
    whole = Span(sentences[0].start, sentences[-1].end)
    if fits(whole):
        return [*extra, (whole, text_of(whole))]
    room = limit - count_tokens(prefix)
    units = [
        piece
        for sentence in sentences
        for piece in _pieces(abstract, sentence, lambda text: count_tokens(readable(text)), room)
    ]
    sizes = [count_tokens(readable(abstract[unit.start : unit.end])) for unit in units]
    # Joined text may count differently from its parts: more passages, until all fit.
    for count in range(max(2, math.ceil(sum(sizes) / room)), len(units) + 1):
        passages = _balance(units, sizes, count)
        if all(fits(passage) for passage in passages):
            break
    return [*extra, *((passage, text_of(passage)) for passage in passages)]


def _balance(units: Sequence[Span], sizes: Sequence[int], count: int) -> list[Span]:
    """Join neighbours into at most `count` passages of about equal size."""
    total, done = sum(sizes), 0
    passages: list[Span] = []
    start = 0
    for index, size in enumerate(sizes):
        done += size
        # The middle of the next unit lies beyond this passage's share: it begins the next one.
        following = sizes[index + 1] if index + 1 < len(sizes) else 0
        if index + 1 == len(sizes) or done + following / 2 > total * (len(passages) + 1) / count:
            passages.append(Span(units[start].start, units[index].end))
            start = index + 1
    return passages


def _pieces(text: str, span: Span, count_tokens: CountTokens, limit: int) -> list[Span]:
    """`span` cut between words, and inside a word only if it must be, into pieces that fit."""
    if count_tokens(_at(text, span)) <= limit:
        return [span]
    words = [Span(m.start() + span.start, m.end() + span.start) for m in re.finditer(r"\S+", _at(text, span))]
    if len(words) > 1:
        middle = (span.start + span.end) / 2
        cut = min(range(1, len(words)), key=lambda i: abs(words[i].start - middle))
        halves = (Span(span.start, words[cut - 1].end), Span(words[cut].start, span.end))
    elif span.end - span.start > 1:
        half = (span.start + span.end) // 2
        halves = (Span(span.start, half), Span(half, span.end))
    else:
        return [span]
    return [piece for part in halves for piece in _pieces(text, part, count_tokens, limit)]


def _at(text: str, span: Span) -> str:
    return text[span.start : span.end]


def _chunk_id(paper_id: str, number: int, text: str) -> str:
    return f"{paper_id}#{number}-{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
