"""Grouping the selected papers by what they do.

Groups are communities of the similarity graph (Louvain's method: Blondel et al. 2008, by
networkx): it settles how many themes there are from the data, and is repeatable by its seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx  # type: ignore[import-untyped]  # ships no types
import numpy as np

from assistant.summaries.selection import Candidate, Vectors, unit_vector

ALONE = 3  # up to so many papers are one theme
NEIGHBOURS = 30  # of each paper in the graph: all of them in a small selection, bounded memory in a large one
RESOLUTION = 1.0
_SEED = 7


def group(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], ...]:
    """Divide the papers into themes, each paper in exactly one, larger themes first.

    Similarities are taken after removing what all the papers share; that leaves unrelated ones
    at -1/(n-1), which is what counts as none. A paper that joins nobody goes to the theme
    nearest to it.
    """
    if len(candidates) <= ALONE:
        return (tuple(candidates),) if candidates else ()
    vectors = _centred(np.array([c.vector for c in candidates]))
    similar = vectors @ vectors.T + 1 / (len(candidates) - 1)
    np.fill_diagonal(similar, 0)
    communities = [
        sorted(c)
        for c in nx.community.louvain_communities(_graph(similar), resolution=RESOLUTION, seed=_SEED)
    ]
    kept = [c for c in communities if len(c) > 1] or [list(range(len(candidates)))]
    for (single,) in (c for c in communities if len(c) == 1):
        if not any(single in c for c in kept):
            max(kept, key=lambda c: float(np.mean(similar[single, c]))).append(single)
    kept.sort(key=lambda c: (-len(c), min(c)))
    return tuple(tuple(candidates[i] for i in sorted(c)) for c in kept)


def _graph(similar: Vectors) -> nx.Graph:
    """Each paper joined to its nearest neighbours, as far as they resemble it at all."""
    graph = nx.Graph()
    graph.add_nodes_from(range(len(similar)))
    for i, row in enumerate(similar):
        nearest = np.argsort(-row, kind="stable")[:NEIGHBOURS]
        graph.add_weighted_edges_from((i, int(j), float(row[j])) for j in nearest if row[j] > 0)
    return graph


def _centred(vectors: Vectors) -> Vectors:
    return np.asarray([unit_vector(v) for v in vectors - vectors.mean(axis=0)], dtype=np.float32)
