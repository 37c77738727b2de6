"""What kind of answer a question asks for, and whether sentences give one."""

import pytest

from assistant.answering.answer_type import Expected, expected_answer, is_given, states_number
from assistant.retrieval.terms import Statistics


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many patients were enrolled?", Expected("number", "patients")),
        ("number of VQA pairs in it", Expected("number", "VQA pairs")),
        ("On which data sets was it tested?", Expected("name", "data sets")),
        ("Which text encoder sits inside?", Expected("name", "text encoder")),
        ("Name both cohorts", Expected("name", "cohorts")),
        ("On which public graphs was it tested, by name?", Expected("name", "public graphs")),
        ("What dice score does it reach?", Expected("number", "dice score")),
        ("What energy savings does it bring?", Expected("number", "energy savings")),
        ("What weighted F1 does it reach?", Expected("number", "weighted F1")),
        ("How many radiologists annotated BoneFind?", Expected("number", "radiologists")),
        ("How many whole slides showed cancer?", Expected("number", "whole slides")),
        ("What is the learning rate of BoneFind?", Expected("number", "learning rate")),
        ("What's its initial batch size?", Expected("number", "initial batch size")),
        ("What was the price of a scan?", Expected("number", "price")),
        ("What is the accuracy on gestures?", Expected("number", "accuracy")),
        ("What is the learning rate schedule?", None),
        ("What is the size-invariant loss?", None),
        ("What are the costs of annotation?", None),
        ("Which work recovers accuracy without training?", None),
        ("Which method improved accuracy?", None),
        ("What can reduce costs?", None),
        ("Which kind of data sets?", None),
        ("On which two model families was it tested?", None),
        ("Name of the inference strategy?", None),
        ("How much better is it?", None),
        ("What exactly did the models have to produce?", None),
        ("learners whose collections differ from owner to owner", None),
        ("On whose data sets was it tested?", Expected("name", "data sets")),
        ("Why does it fail?", None),
        ("What if hospitals only marked some of it?", None),
        ("What's the average length of a clip?", Expected("number", "average length")),
        ("Does average pooling of features help?", None),
        ("Inception score of BoneFind on CUB", Expected("number", "Inception score")),
        ("What masking ratio does it recommend?", Expected("number", "masking ratio")),
        ("How big is the population of the algorithm?", Expected("number", "population")),
        ("How big a role does it play?", None),
        ("What are the names of the two data sets?", Expected("name", "two data sets")),
        ("Its two public benchmarks, what are they called?", Expected("name", "two public benchmarks")),
        ("What are its two components called?", None),
        ("Which eye tracker was used?", Expected("name", "eye tracker")),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, expected: Expected | None) -> None:
    assert expected_answer(question) == expected


@pytest.mark.parametrize(
    ("question", "sentence", "given"),
    [
        ("How many patients were enrolled?", "We enrolled 1,200 patients.", True),
        ("How many patients were enrolled?", "We enrolled twelve patients.", True),
        ("How many patients were enrolled?", "We enrolled patients with GPT-4 at hand.", False),
        ("How many patients were enrolled?", "Of all patients at hand, we used the X-rays of seven.", False),
        ("How many patients were enrolled?", "We enrolled patients (n=74) at one site.", True),
        ("How many patients were enrolled?", "We showed patients two medical images.", False),
        ("How many radiologists annotated BoneFind?", "Radiologists annotated BoneFind in 13 hours.", False),
        ("What dice score does it reach?", "It reaches a dice score of 0.91.", True),
        ("What learning rate was used?", "Tuning takes a single GPU and 13 hours.", False),
        ("What learning rate was used?", "We study deep learning on 13 GPUs.", False),
        ("What learning rate was used?", "We train with a learning rate of 0.001.", True),
        (
            "What is the learning rate?",
            "It adapts the learning rate and trains twice as fast, on 13 GPUs.",
            False,
        ),
        ("What is the learning rate?", "The success rate is 87%.", False),
        ("What is the batch size?", "The model size is 7B.", False),
        ("What is the batch size?", "It trains with a batch size of 64.", True),
        ("What is the batch size?", "It trains with batch-size 64.", True),
        ("What is the price?", "It is 13% better.", False),
        ("What is the price?", "Each scan takes $5 to label.", True),
        ("What accuracy does it reach?", "It classifies 87.5% of the gestures rightly.", True),
        ("What energy savings does it bring?", "It brings a 77.6% reduction in energy consumption.", True),
        ("How many write cycles does it survive?", "It saves 48.1% of its 3D blocks, 5x as fast.", False),
        ("How many write cycles does it survive?", "It can be rewritten 500 times.", True),
        ("Which data sets were used?", "We use the data sets VQA-RAD and SLAKE.", True),
        ("Which real-world data sets were used?", "In the real world, SLAKE is too small.", True),
        ("Which data sets were used?", "We use two challenging data sets.", False),
        ("Which data sets were used?", "BONEFIND is tested on two data sets.", False),
        ("Which model was tuned?", "We tune a masked autoencoder (MAEX), a small model.", False),
        ("Which model was tuned?", "We tune the model Qwen2.5-VL.", True),
        ("Which model was tuned?", "We tune models in both English and Chinese.", False),
        ("Which model was tuned?", "We tune an English-Chinese model.", False),
        ("Which model was tuned?", "We tune the model Chinese-LLaMA.", True),
        ("Which data sets were used?", "We use data sets in French, Arabic and Hindi.", False),
        ("In which countries was it used?", "Countries such as the Swiss and Dutch ones use it.", True),
        ("Which model was tuned?", "We tune models for bone age reading, or BAR.", False),
        ("Which model was tuned?", "We tune a model, Bone Age Reader, or BAR.", True),
        ("Which model was tuned?", "We tune a model that blooms and rises, BAR.", True),
        ("Which data sets were used?", "We use a data set of bone age readings, BAR.", True),
    ],
)
def test_only_a_sentence_with_such_an_answer_gives_it(
    question: str, sentence: str, given: bool, statistics: Statistics
) -> None:
    expected = expected_answer(question)
    assert expected is not None
    assert is_given(expected, question, [sentence], {0}, {"BoneFind"}, statistics) is given


def test_a_name_in_a_sentence_on_something_else_is_no_answer(statistics: Statistics) -> None:
    question, sentences = "Which data sets were used?", ["We adapt OpenCLIP.", "It wins on two data sets."]
    expected = Expected("name", "data sets")
    assert not is_given(expected, question, sentences, {0, 1}, (), statistics)


def test_a_sentence_with_a_word_beside_the_noun_is_not_on_the_matter(statistics: Statistics) -> None:
    question, sentences = (
        "Which real-world data sets were used?",
        ["Real scans fool SLAKE.", "It wins on data sets."],
    )
    expected = Expected("name", "real-world data sets")
    assert not is_given(expected, question, sentences, {1}, (), statistics)


def test_an_acronym_that_another_sentence_writes_out_names_no_model(statistics: Statistics) -> None:
    question = "Which model was tuned?"
    expected = Expected("name", "model")
    sentences = ["Bone age reading is hard.", "We tune a model for the field of BAR."]
    assert not is_given(expected, question, sentences, {1}, (), statistics)
    assert is_given(expected, question, ["Readings are hard.", sentences[1]], {1}, (), statistics)


@pytest.mark.parametrize(
    ("question", "sentence", "stated"),
    [
        ("How many patients were enrolled?", "We enrolled 1,200 adult patients.", True),
        ("How many patients were enrolled?", "We enrolled patients over 13 months.", False),
        ("How many patients were enrolled?", "It serves both patients and nurses.", False),
        ("What accuracy does it reach?", "Accuracy on gestures rises to 87.5%.", True),
        (
            "What accuracy does it reach?",
            "Of 12 methods that we tried on gestures ours has the best accuracy.",
            False,
        ),
    ],
)
def test_a_number_is_stated_of_a_thing_by_where_it_stands(
    question: str, sentence: str, stated: bool, statistics: Statistics
) -> None:
    expected = expected_answer(question)
    assert expected is not None
    assert states_number(expected, question, sentence, statistics) is stated
