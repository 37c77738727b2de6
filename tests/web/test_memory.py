"""How many heaps the C library makes for the threads of a chat."""

import platform
import subprocess
import sys

import pytest

CHILD = """
import ctypes, sys, threading
from assistant.web.memory import limit_arenas
limited = sys.argv[1] == "limited" and limit_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
gate = threading.Barrier(8)
def allocate():
    gate.wait()
    assert libc.malloc(1000)
    gate.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def heaps(how: str) -> int:
    """How many heaps a process with eight threads has in the end."""
    child = subprocess.run([sys.executable, "-c", CHILD, how], capture_output=True, text=True, check=True)
    return child.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc makes a heap for each thread")
def test_threads_share_two_heaps() -> None:
    assert heaps("as it is") > 2
    assert heaps("limited") == 2
