import json

import pytest

from assistant.embedding import open_embedding_model
from assistant.embedding.bundled import MODEL_DIR
from assistant.errors import ConfigurationError


def test_the_default_is_the_bundled_model() -> None:
    description = json.loads((MODEL_DIR / "hashes.json").read_text(encoding="utf-8"))
    model = open_embedding_model()
    assert (model.name, model.dimension, model.max_tokens) == ("all-MiniLM-L6-v2-int8", 384, 256)
    assert model.name == description["model"]


@pytest.mark.parametrize("name", ["openai", "", "Bundled"])
def test_an_unknown_name_is_refused_with_the_supported_ones(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ASSISTANT_EMBEDDING = '.*bundled$") as caught:
        open_embedding_model(name)
    assert repr(name) in str(caught.value)
