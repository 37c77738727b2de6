import pytest

from assistant.summaries.sides import MOST, read_sides


@pytest.mark.parametrize(
    ("topic", "sides"),
    [
        ("Federated learning and continual learning", ("Federated learning", "continual learning")),
        ("Detection in images and networks", ("Detection in images", "Detection in networks")),
        ("Gaze and documents as supervision", ("Gaze", "documents")),
        ("Adaptation without labels or with replay", ("Adaptation without labels", "Adaptation with replay")),
        ("Images: text-to-image, styled", ("Images: text-to-image", "Images: styled")),
        ("Statins, aspirin, and exercise in old age?", ("Statins", "aspirin", "exercise")),
        ("Cats vs. dogs", ("Cats", "dogs")),
        ("In and out", ("In", "out")),
    ],
)
def test_a_topic_is_divided_into_the_subjects_it_joins(topic, sides):
    assert read_sides(topic) == sides


@pytest.mark.parametrize(
    "topic",
    [
        "Federated learning",
        "Segmentation of medical images",
        "sand",
        "and",
        " and ",
        ", ,",
        "?!",
        "cats and cats",
    ],
)
def test_a_topic_of_one_subject_is_not_divided(topic):
    assert read_sides(topic) == ()


def test_a_long_list_is_left_whole():
    assert read_sides(", ".join("abcdefghij"[: MOST + 1])) == ()
