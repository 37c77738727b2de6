"""The subjects that a topic joins: "A and B of C" is about A, and about B.

A search for the whole ranks first what speaks of both, and of two subjects the one with more words in
common with the corpus. What belongs to one of them shows when it is searched for by itself.
"""

from __future__ import annotations

import re

MOST = 6  # subjects; a longer list is searched for as a whole only

_PREPOSITION = (
    r"(?:in|of|for|on|with|without|from|by|to|under|via|through|among|after|during|against|between|as|into"
    r"|using|that|which|who)"
)
_JOINT = re.compile(r",?\s+(?:and|or|versus|vs\.?)\s+|[,;]\s+", re.IGNORECASE)
_WITHIN = re.compile(rf"(?:(?<=\s)|^){_PREPOSITION}(?=\s)", re.IGNORECASE)
_COLON = re.compile(r":\s+")


def read_sides(topic: str) -> tuple[str, ...]:
    """The subjects that `topic` joins, each readable by itself; none when it is about one.

    What stands before the joined words belongs to each ("Detection in images and networks" is about
    detection in images, and detection in networks); what follows the last ("... in medicine") tells
    nothing between them and is left out.
    """
    text = " ".join(topic.split()).rstrip("?., ")
    head = ""
    if colon := _COLON.search(text):
        head, text = text[: colon.end()], text[colon.end() :]
    parts = [part.strip() for part in _JOINT.split(text) if part.strip()]
    if not 2 <= len(parts) <= MOST:
        return ()
    first, last = parts[0], parts[-1]
    within = list(_WITHIN.finditer(first))
    if within and _WITHIN.match(last):  # "X without A or with B"
        cut = within[-1].start()
    elif within:  # "X in A and B"
        cut = within[-1].end()
    else:  # "A and B in X"
        cut = 0
        if after := _WITHIN.search(last):
            parts[-1] = last[: after.start()] or last
    head += first[:cut]
    parts[0] = first[cut:]
    sides = dict.fromkeys(" ".join(f"{head} {part}".split()) for part in parts)
    return tuple(sides) if len(sides) > 1 else ()
