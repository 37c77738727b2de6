"""British and American spelling meet, and nothing else does."""

import pytest

from assistant.stores.lexical import _analyzer
from assistant.stores.spellings import american


def stems(text):
    return _analyzer().analyze(american(text))


@pytest.mark.parametrize(
    ("british", "in_america"),
    [
        ("personalised generalisation optimisers", "personalized generalization optimizers"),
        ("unlabelled Tumours, multi-centre", "unlabeled tumors, multi-center"),
        ("behavioural modelling analysed", "behavioral modeling analyzed"),
        ("paediatric leukaemia, oedema, haemorrhage", "pediatric leukemia, edema, hemorrhage"),
        ("fibre defences programmes greyscale", "fiber defenses programs grayscale"),
    ],
)
def test_both_spellings_have_the_same_stems(british, in_america):
    assert stems(british) == stems(in_america)


@pytest.mark.parametrize(
    "family", ["supervised supervision", "precise precision", "programmed programming", "analysis"]
)
def test_a_family_of_words_keeps_its_stem(family):
    assert american(family) == family


def test_a_paper_in_either_spelling_is_found_by_both(ingest, settings, tmp_path):
    from store_fixtures import write_source

    from assistant.stores import lexical_folder
    from assistant.stores.lexical import LexicalIndex

    texts = {"a": "A tumour is localised.", "b": "Tumors are localized.", "c": "Rhubarb is eaten."}
    papers = [{"_id": key, "title": key.upper(), "abstract": text} for key, text in texts.items()]
    ingest(write_source(tmp_path / "p.jsonl", papers))
    index = LexicalIndex(lexical_folder(settings))
    for question in ("localised tumours", "localized tumors"):
        assert len(index.search(question, 3)) == 2
