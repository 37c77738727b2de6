import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.bylines import is_byline, read_byline, split_glued, vocabulary_of

# "|" marks where the first author begins; the second value is what the abstract says.
GLUED = [
    ("Towards Trustworthy Medical VQA|John Smith, Jane Doe", ""),
    ("Fine-Tuning Made Easy with LoRA|Ana María López-García, Wei Li, J. K. Rowling et al.", ""),
    ("Attention Is Enough?|Ashok Verma, Noam Shazar", ""),
    ("Are Encoders Blind? (Extended Version)|Marie-Claire O'Neil, Łukasz Kaiser", ""),
    ("Scaling to GPT-4|Yi Li", ""),
    ("Rethinking 3D|Yi Li, Bo Xu, Ana Ng et al.", ""),
    ("A Survey on Vision, Language, and Action|Karl von Neumann, Ludwig van Beethoven", ""),
    ("Graphs, Trees, and Forests|Anna D'Angelo", "we study trees and forests"),
    ("Reinforcement Learning in Robotics|van der Maaten", ""),
    ("Federated Optimisation at Scale|DeAndre McKenzie, LaTanya Sweeney, ZhangYuan Yu et al.", ""),
    ("Visual Reasoning|ZhangYuan Yu, Ming Li", ""),
    ("Efficient Training with PyTorch|John Smith", "everything is written in PyTorch"),
    ("DeepFind-V3 Technical Report|DeepFind-AI, Aixin Liu, Bei Feng et al.", "this report"),
    ("Geminate: A Family of Multimodal Models|Geminate Team, Rohan Anand, Sebastian Born et al.", ""),
    ("On the Convergence of SGD|A. Smith, B. C. Jones Jr., D. E. F. Miller", ""),
    ('"Why Should I Trust You?"|Marco Tulio Ribeira, Sameer Sing, Carlos Guestrin', ""),
    ("Learning 'in the Wild'|Conor O'Brien", ""),
    ("Solving Equations in $L^2$|Élodie Dupont, Øyvind Hansen", ""),
    ("Galaxy Evolution at z~2|S. El-Badry, K. El Khatib, M. al-Rashid et al.", ""),
    ("Segment Anything in MRI|Ian Goodman", ""),
    ("Denoising with StyleGAN|Tero Kaarina", ""),
    ("Robust LLMs|AJ Rattner, DJ Patel", "robust LLMs"),
    ("Finding Sparse, Trainable Neural Networks|Jonathan Franke, Michael Carbon", ""),
    ("Structured State Spaces for Speech (S4)|Albert Gao", ""),
    ("Averaging Revisited: An Analysis|Will Smith, Grant Hill, Mark Twain", "we will grant the mark"),
    ("Testing Code Fragments|Ashwin Kallingal Joshy, Xue Chen, Ben Steen et al.", ""),
]


@pytest.mark.parametrize(("marked", "abstract"), GLUED, ids=[m.replace("|", "") for m, _ in GLUED])
def test_the_title_ends_where_the_first_name_begins(marked, abstract):
    title, _, names = marked.partition("|")
    line = title + names
    split = split_glued(line, vocabulary_of([(line, abstract)]))
    assert split is not None
    assert split[0] == title
    assert split[1] == read_byline(names)


@pytest.mark.parametrize(
    "title",
    ["A Simple Baseline with No Authors", "Deep Learning with PyTorch Lightning", "What Is a name?", "QED"],
)
def test_a_title_without_authors_is_not_split(title):
    assert split_glued(title, frozenset()) is None


@pytest.mark.parametrize(
    ("line", "authors", "et_al", "tag"),
    [
        ("Ada Byron", ("Ada Byron",), False, None),
        ("Ada Byron, Mary Somerville et al.", ("Ada Byron", "Mary Somerville"), True, None),
        ("Ada Byron and Charles B. Babbage, Jr.", ("Ada Byron", "Charles B. Babbage, Jr."), False, None),
        ("Yi Zhao, Lin Li, Shi Qu et al. · big-lab", ("Yi Zhao", "Lin Li", "Shi Qu"), True, "big-lab"),
    ],
)  # fmt: skip
def test_a_byline_is_taken_apart(line, authors, et_al, tag):
    byline = read_byline(line)
    assert (byline.authors, byline.et_al, byline.affiliation_tag) == (authors, et_al, tag)
    assert is_byline(line)


@pytest.mark.parametrize(
    "line", ["", "We prove stability.", "Withdrawn.", "the quick brown fox", "A title: with more"]
)
def test_a_sentence_is_no_byline(line):
    assert not is_byline(line)


@given(st.text(alphabet=st.characters(exclude_characters="\n\r"), max_size=200))
def test_splitting_never_raises_and_loses_nothing_of_the_title(line):
    split = split_glued(line, frozenset())
    if split:
        assert line.strip().startswith(split[0])
        assert split[1].authors
