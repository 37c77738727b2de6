"""What is said when there is nothing to quote: refusals, small talk, help."""

import re
from collections.abc import Sequence

from assistant.answering.answer_type import Expected
from assistant.answering.draft import Draft, DraftWriter
from assistant.answering.markup import quote
from assistant.answering.records import field_called
from assistant.answering.restrictions import restriction
from assistant.models import Paper
from assistant.readable import readable
from assistant.retrieval.lacking import only_asks
from assistant.retrieval.plan import Field, Plan

_MOST_LISTED = 4


def nothing_found(
    plan: Plan,
    closest: Sequence[Paper],
    lacking: Sequence[str] = (),
    *,
    near: bool = True,
    nowhere: bool = False,
) -> Draft:
    """Say that the corpus holds no answer, what of the question no paper mentions, and what comes closest.

    Where even the closest are not `near`, they are no suggestions: that is said instead, unless what is
    `lacking` stands `nowhere` in the corpus, which says it all.
    """
    asked = restriction(plan)
    answers = f"No paper here{asked} answers this." if asked else "The papers here do not answer this."
    lines = [answers if closest else f"There is no such paper here{asked}."]
    if closest and lacking:
        none = "No paper here" if nowhere else "None of those that come nearest"
        lines[0] += f" {none} mentions {_listed(lacking)}."
    if closest and not near and nowhere and lacking:
        return Draft(lines[0], kind="refusal")
    if closest and not near:
        lines[0] += " Nothing here is close to it."
    elif closest:
        lines.append("\nThe closest are:\n")
        lines += [f"- {quote(readable(p.display_title))}" for p in closest]
    return Draft("\n".join(lines), kind="refusal")


def not_stated(paper: Paper, field: Field | None = None, missing: Sequence[str] = ()) -> Draft:
    """Say that the paper that was asked about does not say it; cites that paper."""
    writer = DraftWriter()
    title = writer.title(paper)
    if field is not None:
        text = f"The corpus does not say {field_called(field, title)}."
    else:
        text = f"The abstract of {title} does not say this" + (
            f"; it does not mention {_listed(missing)}." if missing else "."
        )
    writer.state(text, paper, ("display_title",))
    return writer.draft("refusal")


def reservation(expected: Expected | None, lacking: Sequence[str]) -> str:
    """What to say before sentences that may not answer: what is asked for and not there.

    `expected` is the kind of answer that the abstract does not give, `lacking` what it does not mention.
    """
    said, lacking = [], [thing for thing in lacking if not only_asks(thing)]
    if expected is not None:
        what = f" for “{quote(expected.what)}”" if expected.what else ""
        said.append(f"gives no {expected.kind}{what}")
        lacking = beside(expected, lacking)
    if lacking:
        said.append(f"does not mention {_listed(lacking)}")
    return (
        f"The abstract {' and '.join(said) or 'does not seem to say this outright'}. What comes closest:\n\n"
    )


def beside(expected: Expected, lacking: Sequence[str]) -> list[str]:
    """What is `lacking` but for the thing itself that is asked for."""
    return [thing for thing in lacking if thing not in expected.what and expected.what not in thing]


UNSAID = "\n\nThe abstract does not say which."
"""What to say behind a sentence that speaks of the things asked for and does not name them."""


def no_such_paper(names: Sequence[str], *, about: bool = False) -> str:
    """What to say before the rest of a comparison: what no paper is called, or is `about`."""
    said = f"about {_listed(names)}" if about else f"called {_listed(names)}"
    return f"No paper here is {said}. What the corpus has of this comparison:\n\n"


def ask_alone(question: str) -> str:
    """What to say behind the publication data of several papers when more is asked of them."""
    return f"\n\nOne thing at a time, please: ask “{quote(question)}” next."


def only_near(lacking: Sequence[str], apart: Sequence[str] = ()) -> str:
    """What to say before sentences of papers that come near at best.

    They have none of what is `lacking`, and of what stands `apart` each only the one or the other.
    """
    if not lacking and not apart:
        return "No paper says this in so many words. What comes closest:\n\n"
    what = _listed(lacking) if lacking else f"both {' and '.join(f'“{quote(thing)}”' for thing in apart)}"
    return f"None of the nearest papers mentions {what}. What comes closest:\n\n"


def compares_nothing(thing: str) -> str:
    """What to say before papers that only mention what they should compare."""
    return f"No abstract here says outright that it compares “{quote(thing)}”. What mentions it:\n"


def _listed(things: Sequence[str]) -> str:
    quoted = [f"“{quote(thing)}”" for thing in things[:_MOST_LISTED]]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def chat_reply(question: str, papers: int, description: str) -> Draft:
    """Answer small talk and questions about the assistant itself."""
    if re.match(r"^\W*(?:thanks?|thank|cheers|many thanks|great|nice|cool)\b", question, re.I):
        text = "You are welcome."
    elif re.match(r"^\W*(?:bye|goodbye)\b", question, re.I):
        text = "Goodbye."
    elif re.match(r"^\W*(?:hi|hello|hey|good \w+|how are you)\b[^?]{0,20}\??\W*$", question, re.I):
        text = (
            f"Hello. I answer questions from {papers:,} papers, with citations. What would you like to know?"
        )
    else:
        text = (
            f"I answer questions from the abstracts of {papers:,} papers and cite the sentences that an"
            " answer rests on. Ask for a fact (“How much of the model weights can SAFARI prune?”), a list"
            " (“Which papers use graph neural networks?”), a comparison of two papers, or by publication data"
            " (“Papers from 2024 with code”). When the abstracts do not say it, I say so."
            f" At work now: {description}."
        )
    return Draft(text, kind="chat")
