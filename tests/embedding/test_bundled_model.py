import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding.bundled import MODEL_DIR, BundledModel, split_windows
from assistant.errors import ConfigurationError

TEXTS = [
    "Pruning removes most weights of a large language model.",
    "Model compression deletes parameters from big neural networks.",
    "The cat sleeps on the warm windowsill all afternoon.",
    "Vitamin D supplementation does not lower the risk of fractures in older adults. " * 8,
]


@pytest.fixture(scope="module")
def model() -> BundledModel:
    return BundledModel()


def test_vectors_are_float32_rows_of_unit_length(model: BundledModel) -> None:
    vectors = model.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), model.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_paraphrase_is_nearer_than_another_subject(model: BundledModel) -> None:
    pruning, compression, cat, _ = model.embed(TEXTS)
    assert pruning @ compression > 0.4
    assert pruning @ cat < 0.2


def test_vectors_are_those_of_the_original_model(model: BundledModel) -> None:
    # fp32 vectors of the official weights, computed by sentence-transformers 6.2.0
    original = json.loads((Path(__file__).parent / "original_vectors.json").read_text(encoding="utf-8"))
    cosines = np.sum(model.embed(original["texts"]) * np.array(original["vectors"]), axis=1)
    assert cosines.min() > 0.985


def test_a_vector_does_not_depend_on_the_texts_beside_it(model: BundledModel) -> None:
    together = model.embed(TEXTS * 3)
    alone = np.concatenate([model.embed([text]) for text in TEXTS * 3])
    assert np.sum(together * alone, axis=1).min() >= 0.9999


def test_rows_keep_the_order_of_the_texts(model: BundledModel) -> None:
    forward, backward = model.embed(TEXTS), model.embed(TEXTS[::-1])
    np.testing.assert_allclose(forward, backward[::-1], atol=1e-5)


def test_no_texts_give_no_rows(model: BundledModel) -> None:
    assert model.embed([]).shape == (0, model.dimension)


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00", "\ud800", "half \udfff pair", "😀𝔘é", "!" * 300, "x" * 5000]
)
def test_any_string_has_a_vector(model: BundledModel, text: str) -> None:
    vector = model.embed([text])[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert model.count_tokens(text) >= 0


def test_a_lone_surrogate_does_not_change_the_other_words(model: BundledModel) -> None:
    clean, broken = model.embed(["sparse networks", "sparse networks \ud800"])
    assert clean @ broken > 0.999


def test_counted_tokens_are_word_pieces_without_the_special_ones(model: BundledModel) -> None:
    assert model.count_tokens("") == 0
    assert model.count_tokens("Pruning works.") == 5  # pr ##un ##ing works .
    assert model.count_tokens("word " * 1000) == 1000  # never capped at what the model reads


def test_the_end_of_an_over_long_text_counts(model: BundledModel) -> None:
    head = "Pruning removes weights. " * 60
    assert model.count_tokens(head) > model.max_tokens
    plain, with_tail = model.embed([head, head + "The cat sleeps on the windowsill. " * 60])
    cat = model.embed([TEXTS[2]])[0]
    assert with_tail @ cat > plain @ cat + 0.1


def test_a_text_that_just_fits_is_read_in_one_window(model: BundledModel) -> None:
    fits = "word " * 254
    assert len(split_windows(range(model.count_tokens(fits)), 254)) == 1
    assert len(split_windows(range(model.count_tokens(fits + "word")), 254)) == 2


@pytest.mark.parametrize("count", [0, 1, 254, 255, 600, 16_256])
def test_windows_cover_every_word_piece_once_in_equal_parts(count: int) -> None:
    windows = split_windows(list(range(count)), 254)
    assert [piece for window in windows for piece in window] == list(range(count))
    lengths = [len(window) for window in windows]
    assert max(lengths) <= 254
    assert max(lengths) - min(lengths) <= 1


def test_windows_are_bounded_and_reach_both_ends_of_a_huge_text() -> None:
    pieces = range(1_000_000)
    windows = split_windows(pieces, 254, limit=8)
    assert len(windows) == 8
    assert (windows[0][0], windows[-1][-1]) == (0, 999_999)
    assert all(len(window) <= 254 for window in windows)


def test_threads_may_share_one_model(model: BundledModel) -> None:
    expected = model.embed(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(model.embed, [TEXTS] * 8):
            np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_the_released_files_match_their_hashes_and_the_size_limit() -> None:
    recorded = json.loads((MODEL_DIR / "hashes.json").read_text(encoding="utf-8"))["sha256"]
    assert set(recorded) == {"LICENSE", "model.onnx", "tokenizer.json"}
    for name, expected in recorded.items():
        assert hashlib.sha256((MODEL_DIR / name).read_bytes()).hexdigest() == expected, name
    assert (MODEL_DIR / "model.onnx").stat().st_size <= 30_000_000


@pytest.fixture
def copied_folder(tmp_path: Path) -> Path:
    return shutil.copytree(MODEL_DIR, tmp_path / "model")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_changed_file_is_named_with_the_mending_command(copied_folder: Path, name: str) -> None:
    path = copied_folder / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ConfigurationError, match=r"wrong sha256.*pip install") as caught:
        BundledModel(copied_folder)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["hashes.json", "model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named_with_the_mending_command(copied_folder: Path, name: str) -> None:
    (copied_folder / name).unlink()
    with pytest.raises(ConfigurationError, match=r"cannot be read.*pip install") as caught:
        BundledModel(copied_folder)
    assert str(copied_folder / name) in str(caught.value)


@pytest.mark.parametrize("content", ["not json", "{}", "[]"])
def test_a_broken_hash_list_is_named(copied_folder: Path, content: str) -> None:
    (copied_folder / "hashes.json").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"hashes\.json"):
        BundledModel(copied_folder)


def test_the_parts_of_a_text_get_vectors_from_its_own_pass(model: BundledModel) -> None:
    text = "Cats sleep a lot. Transformers reconstruct magnetic resonance images."
    ((whole, parts),) = model.embed_with_parts([(text, [(0, 17), (18, len(text)), (17, 18)])])
    np.testing.assert_allclose(whole, model.embed([text])[0], atol=1e-6)
    query = model.embed(["MRI reconstruction"])[0]
    assert parts[1] @ query > parts[0] @ query
    np.testing.assert_allclose(np.linalg.norm(parts, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(parts[2], whole)  # a stretch without a word


def test_this_processor_computes_the_probe_exactly(model: BundledModel) -> None:
    probe = json.loads((MODEL_DIR / "hashes.json").read_text(encoding="utf-8"))["probe"]
    assert model.embed([probe["text"]])[0] @ np.array(probe["vector"]) > 0.999


def test_a_processor_that_fails_the_probe_gets_exact_kernels_and_the_same_vectors(
    copied_folder: Path, model: BundledModel
) -> None:
    path = copied_folder / "hashes.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    description["probe"]["vector"] = [0.0] * 384  # as if this processor had computed something else
    path.write_text(json.dumps(description), encoding="utf-8")
    exact = BundledModel(copied_folder)
    assert exact._session.get_session_options().get_session_config_entry("session.x64quantprecision") == "1"
    assert np.sum(exact.embed(TEXTS) * model.embed(TEXTS), axis=1).min() > 0.999
