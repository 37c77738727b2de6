import pytest

from assistant.retrieval.languages import without_foreign_words


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("¿Qué es SAFARI?", "SAFARI?"),
        ("¿Cómo funciona SAFARI?", "funciona SAFARI?"),
        ("Was ist SAFARI?", "SAFARI?"),
        ("Wie funktioniert SAFARI?", "funktioniert SAFARI?"),
        ("Welche Arbeiten gibt es über Radiologie?", "Arbeiten Radiologie?"),
        ("quels articles parlent de segmentation d'images ?", "articles segmentation images ?"),
        ("che cos'è SAFARI?", "SAFARI?"),
        ("o que é SAFARI?", "SAFARI?"),
        ("wat is SAFARI?", "SAFARI?"),
        ("什么是SAFARI?", "SAFARI?"),
        ("Что такое SAFARI?", "SAFARI?"),
    ],
)
def test_a_question_in_another_language_keeps_what_english_shares(question: str, left: str) -> None:
    assert without_foreign_words(question) == left


@pytest.mark.parametrize(
    "question",
    [
        "What is SAFARI?",
        "SAFARI",
        "",
        "papers by Leonardo de la Cruz",
        "Leonardo de la Cruz y Garcia",
        "Jan van der Maaten",
        "Was Lao involved in it?",
        "was the die cast in situ?",
        "is Da Silva of Sao Paulo an author",
        "WER of Whisper",
        "de novo design in silico",
        "Qui Nhon",
        "the α-divergence and β-VAE",
        "Is there a comment on 北京 in it?",
    ],
)
def test_english_with_foreign_names_is_english(question: str) -> None:
    assert without_foreign_words(question) is None
