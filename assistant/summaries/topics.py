"""A topic, read as a question is: filters taken out and applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assistant.models import Filters
from assistant.retrieval.plan import Plan
from assistant.summaries.summarizer import Request

_LEAD = "papers on "


def read_topic(
    topic: str,
    read: Callable[[str, Filters | None], Plan],
    select_ids: Callable[[Filters], list[str]],
    filters: Filters | None = None,
) -> Request:
    """What to search for and which papers count.

    A topic is seldom a sentence: where "federated learning since 2024" has no filter as a question
    it is read as "papers on federated learning since 2024". `filters` take the place of those read.

    Raises:
        QuestionError: the topic is empty or far too long.
    """
    request = Request.of(topic)
    plan = read(request.topic, filters)
    if not _restricted(plan) and filters is None:
        listed = read(_LEAD + request.topic, None)
        if _restricted(listed) and listed.topic.lower().startswith(_LEAD):
            plan = replace(listed, topic=listed.topic[len(_LEAD) :])
    if not _restricted(plan):
        return request
    allowed = set(plan.within) if plan.within is not None else None
    if plan.filters:
        ids = set(select_ids(plan.filters))
        allowed = ids if allowed is None else allowed & ids
    searched = "" if plan.intent in ("records", "count") else plan.topic.strip(" ,.;:")
    return replace(request, searched=searched, filters=plan.filters, allowed=allowed, notes=plan.notes)


def _restricted(plan: Plan) -> bool:
    return bool(plan.filters) or plan.within is not None
