"""The model inside the package: all-MiniLM-L6-v2 in 8-bit integers, run by onnxruntime.

One text a run, no padding, one single-threaded run on each core. Dynamic quantisation takes
its scales from the whole input, so that in a padded batch a text's vector would depend on its
neighbours (cosine 0.988 to itself); alone it never does, and two cores are busier this way
than with one run on both.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.embedding import Parts
from assistant.embedding.tokenizer import MODEL_DIR, TOKENIZER_FILE, parse_tokenizer
from assistant.errors import ConfigurationError

# 64 windows are 16,256 word pieces, about 70,000 characters of English: more than any question
# or abstract, and a bound on the time one text can take (about 2 s on one core).
MAX_WINDOWS = 64
# Rounding may differ between processors; an overflow changes far more than this allows.
PROBE_COSINE = 0.999

_SURROGATES = re.compile("[\ud800-\udfff]")


class BundledModel:
    """An `EmbeddingModel` that needs no network and no file outside the package.

    A text of more than 254 word pieces (`max_tokens` less the two special tokens) is read in
    windows of equal length; its vector is the mean of theirs, made unit length again. Beyond
    `MAX_WINDOWS` windows, that many are read, spread evenly over the text from its first to
    its last word piece. Callers that want every sentence to count cut their texts with
    `count_tokens` first.

    Lone surrogates, which UTF-8 cannot carry, are read as the replacement character; the model
    ignores it. Safe to call from several threads at once.

    Raises:
        ConfigurationError: a file of the model is missing, or not the one that was released.
    """

    def __init__(self, folder: Path = MODEL_DIR) -> None:
        files = _read_checked(folder)
        description = json.loads(files["hashes.json"])
        self.name: str = description["model"]
        self.dimension: int = description["dimension"]
        self.max_tokens: int = description["max_tokens"]
        self._tokenizer: Tokenizer = parse_tokenizer(files[TOKENIZER_FILE].decode("utf-8"))
        self._window = self.max_tokens - self._tokenizer.num_special_tokens_to_add(False)
        self._start, self._end = self._tokenizer.encode("").ids
        self._session = _open_session(files["model.onnx"])
        if self._overflows(description["probe"]):
            self._session = _open_session(files["model.onnx"], exact=True)
        self._workers = _usable_cores()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors (len(texts), dimension) of unit length; see the class for over-long texts."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        workers = min(self._workers, len(texts))
        if workers <= 1:
            for row, text in enumerate(texts):
                vectors[row] = self._embed_one(text)
            return vectors
        with ThreadPoolExecutor(workers) as pool:
            for row, vector in enumerate(pool.map(self._embed_one, texts)):
                vectors[row] = vector
        return vectors

    def embed_with_parts(
        self, items: Sequence[tuple[str, Parts]]
    ) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Vectors of texts, as `embed` makes them, and of stretches of them from the same pass.

        A part's vector is the mean of its word pieces' last hidden states, made unit length; a
        part that holds no word piece gets the text's own vector.
        """
        workers = min(self._workers, len(items))
        if workers <= 1:
            return [self._embed_parts(text, parts) for text, parts in items]
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(lambda item: self._embed_parts(*item), items))

    def _embed_parts(self, text: str, parts: Parts) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        encoding = self._tokenizer.encode(_SURROGATES.sub("\ufffd", text), add_special_tokens=False)
        wholes, states = [], []
        for window in split_windows(encoding.ids, self._window):
            ids = np.array([[self._start, *window, self._end]], dtype=np.int64)
            whole, hidden = self._session.run(["embedding", "token_embeddings"], {"input_ids": ids})
            wholes.append(whole[0])
            states.append(hidden[0][1:-1])
        # A text beyond MAX_WINDOWS has word pieces that no window read: it has no pooled parts.
        hidden_states = np.concatenate(states)
        vector = _unit(np.mean(wholes, axis=0))
        vectors = np.tile(vector, (len(parts), 1))
        if len(hidden_states) == len(encoding.ids):
            offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
            for row, (start, end) in enumerate(parts):
                inside = (offsets[:, 0] >= start) & (offsets[:, 1] <= end)
                if inside.any():
                    vectors[row] = _unit(hidden_states[inside].mean(axis=0))
        return vector, vectors

    def count_tokens(self, text: str) -> int:
        """Word pieces of `text`, special tokens not counted."""
        return len(self._word_pieces(text))

    def _word_pieces(self, text: str) -> list[int]:
        readable = _SURROGATES.sub("\ufffd", text)
        ids: list[int] = self._tokenizer.encode(readable, add_special_tokens=False).ids
        return ids

    def _embed_one(self, text: str) -> NDArray[np.float32]:
        pieces = self._word_pieces(text)
        if len(pieces) <= self._window:
            return self._run(pieces)
        return _unit(np.mean([self._run(part) for part in split_windows(pieces, self._window)], axis=0))

    def _overflows(self, probe: Mapping[str, Any]) -> bool:
        """Whether this processor computes the probe otherwise than exact arithmetic does."""
        cosine = float(self._embed_one(probe["text"]) @ np.array(probe["vector"], dtype=np.float32))
        return cosine < PROBE_COSINE

    def _run(self, pieces: Sequence[int]) -> NDArray[np.float32]:
        ids = np.array([[self._start, *pieces, self._end]], dtype=np.int64)
        vector: NDArray[np.float32] = self._session.run(["embedding"], {"input_ids": ids})[0][0]
        return vector


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


def split_windows(pieces: Sequence[int], length: int, limit: int = MAX_WINDOWS) -> list[Sequence[int]]:
    """Cut `pieces` into the fewest windows of at most `length`, equally long (within one).

    Of more than `limit` windows, `limit` are returned: the first, the last and others evenly
    between. Equal lengths keep a last window of three word pieces from weighing as much as
    one of 254.
    """
    count = max(1, math.ceil(len(pieces) / length))
    bounds = [len(pieces) * i // count for i in range(count + 1)]
    chosen = range(count) if count <= limit else [round(i * (count - 1) / (limit - 1)) for i in range(limit)]
    return [pieces[bounds[i] : bounds[i + 1]] for i in chosen]


def _read_checked(folder: Path) -> dict[str, bytes]:
    """The contents of the model's files, each compared with its sha256 in `hashes.json`."""
    contents = {name: _read(folder / name) for name in ("hashes.json", TOKENIZER_FILE, "model.onnx")}
    try:
        expected = json.loads(contents["hashes.json"])["sha256"]
        for name in (TOKENIZER_FILE, "model.onnx"):
            if hashlib.sha256(contents[name]).hexdigest() != expected[name]:
                raise ConfigurationError(_mending(folder / name, "is not the released one (wrong sha256)"))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(_mending(folder / "hashes.json", "lists no hashes")) from error
    return contents


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(_mending(path, f"cannot be read ({error.strerror})")) from error


def _mending(path: Path, fault: str) -> str:
    return f"the embedding model's file {path} {fault}; run: pip install --force-reinstall --no-deps ."


def _open_session(model: bytes, *, exact: bool = False) -> onnxruntime.InferenceSession:
    """One single-threaded session; `exact` takes kernels that cannot overflow, at half the speed.

    x86 processors without VNNI add pairs of int8 products in 16 bits, which can overflow.
    onnxruntime cannot be asked whether this one does, and with exact kernels everywhere the
    processors that need none would lose half their speed (measured: 30 against 64 ms of CPU
    for 250 word pieces, equal vectors). Hence the probe.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: a command's standard error belongs to its user
    if exact:
        options.add_session_config_entry("session.x64quantprecision", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _usable_cores() -> int:
    """Cores this process may use, which in a container are fewer than the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
