"""How the C library keeps the memory of a process with many threads."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # glibc's malloc.h
_ARENAS = 2


def limit_arenas() -> bool:
    """Keep glibc to two heaps in all, where it would make up to eight for each core; whether it is so now.

    Answers are written by threads of a pool, and each heap keeps what was freed in it: a chat's memory
    grew with the number of questions (712 to 788 MB over 2,000 from 50 users; with this 526 to 553).
    Python runs one thread at a time, so that two heaps do not make them wait. To be called before threads
    are started; other C libraries know nothing of it. Source: mallopt(3), M_ARENA_MAX.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS))
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return False
