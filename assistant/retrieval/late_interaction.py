"""Late interaction: each word of a question looks for its counterpart in a paper's text.

A question in other words than its paper's ("doctor" where the abstract has "clinician") shares no
terms with it, and its vector as a whole is near to many papers. Compared word by word, in context,
it finds its own: a paper's score is the mean over the question's content words, weighted by their
rarity, of the similarity to the most similar word of the paper (MaxSim: Khattab and Zaharia,
ColBERT, 2020; here with the vectors of a model that was not trained for it).

A question that tells what a paper does should be met by one place in it, not by eight words in eight
sentences on other matters: the same is asked of the best stretch of two sentences, and of the title.
Measured, nDCG@10: Cranfield +.008, CISI +.007, SciFact +.003, NFCorpus unchanged, whose queries are
too short for it; 61 questions in everyday words on SciFact, MRR: +.019 (95 % +.001 to +.046).

Of a paper's word vectors only the signs are kept, 48 bytes a word, 6 kB an abstract; the question's
stay as they are: that ranks as well as whole vectors do. Measured for `anywhere`, nDCG@10: SciFact
+.007, CISI +.017, NFCorpus +.001, Cranfield -.008; questions in other words within the first three:
38 % for 29 % of tests/questions/heldout.jsonl.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.terms import Statistics, inverse_document_frequencies

BLOCK = 12  # content words; a stretch is two blocks, about two sentences
_FEW, _MANY = 3, 6  # content words of a question that names a subject, of one that tells a matter


class Match(NamedTuple):
    """How well the words of a question are matched, each a weighted mean of similarities.

    `anywhere` in the paper, `together` in its best stretch, and in its `head`, the title or the
    first words of an abstract without one.
    """

    anywhere: float
    together: float
    head: float


def told(words: int) -> float:
    """How much where the words of a question stand counts, 0 to 1, by the number of its content words.

    The one or two words of "vitamin D" are together wherever they are; the eight of a question
    that tells what a paper does should not be matched by eight sentences on other matters.
    """
    return min(1.0, max(0.0, (words - _FEW) / (_MANY - _FEW)))


def word_weights(words: Sequence[str], statistics: Statistics) -> NDArray[np.float32]:
    """How much each word counts: the rarity of its rarest stem; (len(words),), summing to 1."""
    stems = [statistics.analyze(word) or [word] for word in words]
    idf = inverse_document_frequencies({stem for some in stems for stem in some}, statistics)
    weights = np.array([max(idf[stem] for stem in some) for some in stems], dtype=np.float32)
    weights /= weights.sum()
    return weights


def match_words(
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32],
    signs: Mapping[str, NDArray[np.uint8]],
) -> dict[str, Match]:
    """How each paper matches the question's words, by paper id; papers without words are left out.

    Args:
        vectors: (words, dimension), the question's, of unit length.
        weights: (words,), summing to 1.
        signs: for each paper (words, dimension / 8), their signs as bits, 1 for positive.
    """
    papers = [paper_id for paper_id, rows in signs.items() if len(rows)]
    if not papers or not len(vectors):
        return {}
    counts = [len(signs[paper_id]) for paper_id in papers]
    bits = np.unpackbits(
        np.concatenate([signs[paper_id] for paper_id in papers]), axis=1, count=vectors.shape[1]
    )
    # With signs s = 2b - 1 a product is 2 v·b - sum(v); the length of s is sqrt(dimension).
    products = bits.astype(np.float32) @ vectors.T
    similarities = (2 * products - vectors.sum(axis=1)) / np.sqrt(vectors.shape[1])
    starts = np.cumsum(counts) - counts
    blocks = [np.arange(start, start + count, BLOCK) for start, count in zip(starts, counts, strict=True)]
    of_block = np.maximum.reduceat(similarities, np.concatenate(blocks), axis=0)
    numbers = np.array([len(its) for its in blocks])
    first = np.cumsum(numbers) - numbers
    followed = np.ones(len(of_block), dtype=bool)
    followed[first + numbers - 1] = False  # the last block of a paper
    of_stretch = of_block.copy()
    of_stretch[:-1][followed[:-1]] = np.maximum(of_block[:-1], of_block[1:])[followed[:-1]]
    anywhere = np.maximum.reduceat(of_block, first, axis=0) @ weights
    together = np.maximum.reduceat(of_stretch @ weights, first)
    head = of_block[first] @ weights
    found = zip(anywhere.tolist(), together.tolist(), head.tolist(), strict=True)
    return {paper_id: Match(*values) for paper_id, values in zip(papers, found, strict=True)}
