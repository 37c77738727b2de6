"""The bundled model's tokenizer, parsed once in a process, whoever needs it.

The model needs it to read texts, and its vocabulary tells how everyday a word is. Parsing it takes
0.1 s.
"""

from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

MODEL_DIR = Path(__file__).parent / "model"
TOKENIZER_FILE = "tokenizer.json"


@lru_cache(maxsize=1)
def parse_tokenizer(text: str) -> Tokenizer:
    """The tokenizer that `text`, the content of its file, describes; it never cuts a text off.

    Shared by all who ask for the same one: call nothing that changes it.
    """
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_truncation()  # over-long texts are read in windows instead
    return tokenizer


@lru_cache(maxsize=1)
def bundled_tokenizer() -> Tokenizer:
    return parse_tokenizer((MODEL_DIR / TOKENIZER_FILE).read_text("utf-8"))
