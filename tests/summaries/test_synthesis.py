"""Summaries written by a language model: a scripted one, over the seeds' real stores."""

import re

import pytest
from fakes import ScriptedLLM

from assistant.corpus import Corpus
from assistant.embedding import open_embedding_model
from assistant.engine import Assistant
from assistant.errors import ProviderError
from assistant.stores import open_stores

TOPIC = "Federated learning"
CUT = ProviderError("the model broke off", retryable=True)


@pytest.fixture(scope="module")
def corpus(seed_settings):
    model = open_embedding_model()
    opened = Corpus(open_stores(seed_settings, model), model)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def quoted(corpus):
    return Assistant(corpus).summarize(TOPIC)


def first_sentence(quoted, theme):
    """A sentence of the theme's first paper; a prompt numbers its papers from 1."""
    number = quoted.themes[theme].citations[0]
    return next(s.text for s in quoted.sentences if s.citations == (number,))


def replies(quoted):
    """A paragraph for each theme, then an opening paragraph that cites the first theme's paper."""
    texts = [first_sentence(quoted, i) for i in range(len(quoted.themes))]
    return [*(f"{text} [1]" for text in texts), f"{texts[0]} [{quoted.themes[0].citations[0]}]"]


def written(corpus, replies, drafts=None, **options):
    llm = ScriptedLLM(replies=list(replies), **options)
    return Assistant(corpus, llm, drafts=drafts), llm


def test_each_theme_is_written_and_an_opening_paragraph_is_folded_from_them(corpus, quoted):
    assistant, llm = written(corpus, replies(quoted))
    summary = assistant.summarize(TOPIC)
    assert len(llm.prompts) == len(quoted.themes) + 1
    assert summary.answerer == "openai"
    assert summary.text.startswith(summary.overview)
    assert summary.usage.prompt_tokens > 100 * len(quoted.themes)
    assert [t.heading for t in summary.themes] == [t.heading for t in quoted.themes]


def test_numbers_are_the_summarys_own_and_every_sentence_is_cited(corpus, quoted):
    summary = written(corpus, replies(quoted))[0].summarize(TOPIC)
    second = summary.themes[1]
    assert second.text.startswith(f"{first_sentence(quoted, 1)} [{second.citations[0]}]")
    numbers = {c.number for c in summary.citations}
    assert all(s.citations and set(s.citations) <= numbers for s in summary.sentences)
    assert {int(n) for n in re.findall(r"(?<!\\)\[(\d+)\]", summary.text)} == numbers


def test_papers_that_the_model_does_not_cite_are_quoted(corpus, quoted):
    summary = written(corpus, replies(quoted))[0].summarize(TOPIC)
    assert [c.paper.paper_id for c in summary.citations] == [c.paper.paper_id for c in quoted.citations]
    assert all(c.evidence for c in summary.citations)
    for theme in summary.themes:
        assert all(f"[{number}]" in theme.text for number in theme.citations)


def test_what_no_paper_supports_is_left_out_and_told(corpus, quoted):
    first, *others = replies(quoted)
    invented = f"{first} Zebras in Kenya won 47 chess tournaments against penguins. [1]"
    summary = written(corpus, [invented, *others])[0].summarize(TOPIC)
    assert "Zebras" not in summary.text
    assert any("no paper supports" in note for note in summary.notes)


def test_a_theme_of_which_nothing_holds_is_quoted_instead(corpus, quoted):
    _, *others = replies(quoted)
    summary = written(corpus, ["Bananas are yellow and sweet, said the king.", *others])[0].summarize(TOPIC)
    assert summary.themes[0] == quoted.themes[0]
    assert any("their own sentences stand instead" in note for note in summary.notes)


def test_after_a_failure_the_next_call_goes_on_where_it_stopped(corpus, quoted, tmp_path):
    answers = replies(quoted)
    assistant, _ = written(corpus, [answers[0], [answers[1][:20], CUT]], tmp_path)
    with pytest.raises(ProviderError, match=r"1 of \d+ themes are written and kept"):
        assistant.summarize(TOPIC)
    again, llm = written(corpus, answers[1:], tmp_path)  # as a new process would
    summary = again.summarize(TOPIC)
    assert len(llm.prompts) == len(answers) - 1
    whole = written(corpus, answers)[0].summarize(TOPIC)
    assert (summary.text, summary.citations) == (whole.text, whole.citations)


def test_a_finished_summary_leaves_no_drafts(corpus, quoted, tmp_path):
    assistant, llm = written(corpus, replies(quoted) * 2, tmp_path)
    assistant.summarize(TOPIC)
    assert list(tmp_path.iterdir()) == []
    assistant.summarize(TOPIC)
    assert len(llm.prompts) == 2 * (len(quoted.themes) + 1)


def test_what_was_written_before_a_failure_was_shown(corpus, quoted):
    assistant, _ = written(corpus, [replies(quoted)[0], CUT])
    seen = []
    with pytest.raises(ProviderError):
        seen.extend(assistant.stream_summary(TOPIC))
    assert seen[-1].themes[0].text.startswith(first_sentence(quoted, 0))
    assert not seen[-1].complete


def test_text_streams_within_a_theme(corpus, quoted):
    assistant, _ = written(corpus, replies(quoted))
    texts = [s.themes[0].text for s in assistant.stream_summary(TOPIC) if len(s.themes) == 1]
    assert len(set(texts)) > 5


def test_numbers_that_were_not_offered_cite_nothing(corpus, quoted):
    first, *others = replies(quoted)
    summary = written(corpus, [first.replace("[1]", "[1][77]"), *others])[0].summarize(TOPIC)
    assert "[77]" not in summary.text


def test_the_prompts_version_is_part_of_the_provenance(corpus, quoted):
    assert quoted.provenance.prompt is None
    summary = written(corpus, replies(quoted))[0].summarize(TOPIC)
    assert re.fullmatch(r"[0-9a-f]{12}\+[0-9a-f]{12}", summary.provenance.prompt)


def test_a_topic_with_braces_is_no_template(corpus, quoted):
    assistant, llm = written(corpus, [*replies(quoted)] * 2)
    assert assistant.summarize("Federated learning {context_str} {x}").kind == "answer"
    assert "{x}" in llm.prompts[-1][-1][1]
