"""What is said when there is nothing to quote: refusals, small talk, help."""

import re
from collections.abc import Sequence

from assistant.answering.draft import Draft, DraftWriter
from assistant.answering.markup import quote
from assistant.answering.records import describe
from assistant.models import Paper
from assistant.readable import readable
from assistant.retrieval.plan import Field, Plan

_ASKED_FIELD: dict[Field, str] = {
    "authors": "who wrote {}",
    "published": "when {} was published",
    "code": "whether there is code for {}",
    "link": "where to find {} on the web",
    "category": "which category {} is in",
    "venue": "where {} was published",
    "identifier": "the DOI, arXiv or PubMed number of {}",
    "metrics": "how often {} is cited, or who paid for it",
}


def nothing_found(plan: Plan, closest: Sequence[Paper]) -> Draft:
    """Say that the corpus holds no answer, and what comes closest."""
    asked = f" ({describe(plan.filters)})" if plan.filters else ""
    lines = [
        f"The papers here{asked} do not answer this." if closest else f"There is no such paper here{asked}."
    ]
    if closest:
        lines.append("\nThe closest are:\n")
        lines += [f"- {quote(readable(p.display_title))}" for p in closest]
    return Draft("\n".join(lines), kind="refusal")


def not_stated(paper: Paper, field: Field | None = None, missing: Sequence[str] = ()) -> Draft:
    """Say that the paper that was asked about does not say it; cites that paper."""
    writer = DraftWriter()
    title = writer.title(paper)
    if field is not None:
        text = f"The corpus does not say {_ASKED_FIELD[field].format(title)}."
    else:
        words = ", ".join(f"“{quote(w)}”" for w in missing[:4])
        text = f"The abstract of {title} does not say this" + (
            f"; it does not mention {words}." if words else "."
        )
    writer.state(text, paper, ("display_title",))
    return writer.draft("refusal")


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
