"""Every metric catches a fault: in a real replay one thing is broken, and just its metrics move."""

import copy
import json
import re
from pathlib import Path

import pytest

from assistant.answering.verdicts import check_sentence
from assistant.embedding import open_embedding_model
from assistant.evaluation.gold import name_papers, read_gold
from assistant.evaluation.metric_names import METRICS
from assistant.evaluation.prices import Prices
from assistant.evaluation.scoring import score

QUESTIONS = Path(__file__).parents[1] / "questions"
SMALL = (("fact", 12), ("concept", 6), ("unanswerable", 6), ("hostile", 2))
PRICES = Prices({"small": (1.0, 2.0)})
CITED = {"cited_any", "cited_first", "cited_in_3", "cited_recall", "cited_precision"}


class Replayed:
    """The gold questions and real answers of a small set on the seeds, to be broken and scored."""

    def __init__(self, assistant, path):
        papers = assistant.papers()
        self.papers = {paper.paper_id: paper for paper in papers}
        self.names = name_papers(papers, QUESTIONS / "papers.jsonl")
        self.gold = {g.question.id: g for g in read_gold(path, self.names)}
        self.embed = open_embedding_model().embed
        self.answers = {i: self._ask(assistant, g.question) for i, g in self.gold.items()}
        self.rows = self.scored(self.answers)

    @staticmethod
    def _ask(assistant, question):
        answer = assistant.ask(question.question, question.history)
        found = assistant.search(answer.standalone_question, 10)
        row = json.loads(json.dumps(answer.to_dict())) | {"retrieved": [s.paper.paper_id for s in found]}
        row["usage"] = {"prompt_tokens": 1000, "completion_tokens": 100}
        row["model"] = "small"
        for sentence in row["sentences"]:
            sentence["judged"] = sentence["verdict"]
        return row

    def scored(self, answers):
        abstracts = {i: paper.abstract for i, paper in self.papers.items()}
        return {
            i: score(gold, answers[i], abstracts, self.names.canonical, PRICES)
            for i, gold in self.gold.items()
        }

    def first(self, fits, *besides):
        """The first question whose gold, answer and row fit."""
        for i, gold in self.gold.items():
            if i not in besides and fits(gold, self.answers[i], self.rows[i].metrics):
                return i
        raise LookupError("no answer of the small set is fit for this fault")

    def moved_by(self, **broken):
        """The metrics that differ, in any row, once some answers are replaced and checked again."""
        answers = self.answers | {i: self._checked(answer) for i, answer in broken.items()}
        after = self.scored(answers)
        return {
            name
            for i, row in self.rows.items()
            for name in row.metrics.keys() | after[i].metrics.keys()
            if row.metrics.get(name) != after[i].metrics.get(name)
        }

    def _checked(self, answer):
        """The answer with the verdicts that its claims get beside its citations as they are now."""
        if answer.get("kind") != "answer":
            return answer
        cited = {c["number"]: self.papers[c["paper_id"]] for c in answer.get("citations", ())}
        for sentence in answer.get("sentences", ()):
            if sentence["verdict"] is not None:
                papers = [cited[n] for n in sentence["citations"] if n in cited]
                sentence["verdict"] = check_sentence(sentence["text"], papers, self.embed).verdict
        return answer


@pytest.fixture(scope="module")
def replayed(seed_assistant, tmp_path_factory):
    path = tmp_path_factory.mktemp("set") / "small.jsonl"
    lines = (QUESTIONS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    chosen = [line for kind, n in SMALL for line in [x for x in lines if json.loads(x)["type"] == kind][:n]]
    path.write_text("\n".join(chosen), encoding="utf-8")
    return Replayed(seed_assistant, path)


def claims_of(answer):
    return [s for s in answer["sentences"] if s["verdict"] is not None]


def is_sound(gold, answer, row):
    """One paper is expected and all that is cited, every claim is supported, no figure is told."""
    return (
        gold.question.answerable
        and row.get("support") == row["cited_first"] == row.get("cited_precision") == 1.0
        and row["all_facts"] == row["n_cited"] == len(gold.expected) == 1.0
        and row.get("verbatim") == 1.0
        and not re.search(r"\d", re.sub(r"\[\d+\]", "", answer["answer"]))
    )


def facts_in(gold, text):
    return [any(v.lower() in text.lower() for v in group) for group in gold.question.must_include]


def test_checking_again_changes_nothing_by_itself(replayed):
    assert replayed.moved_by(**copy.deepcopy(replayed.answers)) == set()


def citations_swapped(replayed):
    one = replayed.first(is_sound)
    other = replayed.first(
        lambda g, a, m: is_sound(g, a, m) and g.expected != replayed.gold[one].expected, one
    )
    a, b = (copy.deepcopy(replayed.answers[i]) for i in (one, other))
    a["citations"], b["citations"] = b["citations"], a["citations"]
    return {one: a, other: b}, CITED | {"support"}


def paper_cited_beside(replayed):
    chosen = replayed.first(is_sound)
    answer = copy.deepcopy(replayed.answers[chosen])
    gold = replayed.gold[chosen]
    stranger = next(i for i in replayed.papers if i not in gold.expected | gold.also_ok)
    answer["citations"].append({**answer["citations"][0], "number": 2, "paper_id": stranger, "evidence": []})
    return {chosen: answer}, {"cited_precision", "n_cited"}


def fact_dropped(replayed):
    def tells_it_once(gold, answer, row):
        told = [s for s in claims_of(answer) if any(facts_in(gold, s["text"]))]
        return (
            gold.question.answerable
            and row["all_facts"] == row.get("support") == 1.0
            and len(told) == 1 < len(claims_of(answer))
            and told[0]["text"] in answer["answer"]
            and any(facts_in(gold, answer["answer"]))
            and not any(facts_in(gold, answer["answer"].replace(told[0]["text"], "")))
        )

    chosen = replayed.first(tells_it_once)
    answer = copy.deepcopy(replayed.answers[chosen])
    told = next(s for s in claims_of(answer) if any(facts_in(replayed.gold[chosen], s["text"])))
    answer["sentences"].remove(told)
    answer["answer"] = answer["answer"].replace(told["text"], "")
    return {chosen: answer}, {"facts", "all_facts", "words"}


def figure_invented(replayed):
    chosen = replayed.first(is_sound)
    answer = copy.deepcopy(replayed.answers[chosen])
    text = "It is right in 97.31 % of all cases."
    answer["sentences"].append({"text": text, "citations": [1], "verdict": "supported"})
    answer["answer"] += f" {text} [1]"
    return {chosen: answer}, {"unstated_figures", "support", "words"}


def number_invented(replayed):
    chosen = replayed.first(is_sound)
    answer = copy.deepcopy(replayed.answers[chosen])
    answer["answer"] += "[77]"
    return {chosen: answer}, {"invalid_numbers"}


def refused_wrongly(replayed):
    refusal = replayed.answers[replayed.first(lambda g, a, m: a["refused"] and not a["citations"])]
    chosen = replayed.first(
        lambda g, a, m: is_sound(g, a, m) and m["words"] != len(refusal["answer"].split())
    )
    lost = {"facts", "all_facts", "n_cited", "words", "support", "support_judged", "verbatim"}
    broken = {**copy.deepcopy(refusal), "retrieved": replayed.answers[chosen]["retrieved"]}
    broken["timings_ms"] = replayed.answers[chosen]["timings_ms"]
    return {chosen: broken}, {"wrongly_refused", "refusal_precision"} | CITED | lost


def answered_wrongly(replayed, *, about_a_paper):
    def refuses(gold, answer, row):
        known = bool(gold.expected) == about_a_paper
        says = row.get("support") == (1.0 if about_a_paper else None) and "verbatim" not in row
        return known and not gold.question.answerable and answer["refused"] and says

    chosen, sound = replayed.first(refuses), replayed.first(is_sound)
    broken = copy.deepcopy(replayed.answers[sound])
    broken["timings_ms"] = replayed.answers[chosen]["timings_ms"]
    about = "declined_not_stated" if about_a_paper else "declined_off_topic"
    # That a paper does not say it is a claim, which cites it; elsewhere a refusal claims nothing.
    claims = {"verbatim"} if about_a_paper else {"support", "support_judged", "verbatim"}
    return {chosen: broken}, {"refused", "refusal_precision", "declined", about} | claims


def ranking_reversed(replayed):
    chosen = replayed.first(
        lambda g, a, m: len(g.expected) == 1 and m.get("retrieved_hit_1") and len(a["retrieved"]) == 10
    )
    answer = copy.deepcopy(replayed.answers[chosen])
    answer["retrieved"].reverse()
    moved = {"retrieved_hit_1", "retrieved_hit_5", "retrieved_mrr_10", "retrieved_ndcg_10"}
    return {chosen: answer}, moved


def paper_not_found(replayed):
    chosen = replayed.first(lambda g, a, m: len(g.expected) == 1 and m.get("retrieved_hit_1"))
    answer = copy.deepcopy(replayed.answers[chosen])
    answer["retrieved"] = answer["retrieved"][1:]
    return {chosen: answer}, {name for name in METRICS if name.startswith("retrieved_")}


def quotation_altered(replayed):
    chosen = replayed.first(is_sound)
    answer = copy.deepcopy(replayed.answers[chosen])
    answer["citations"][0]["evidence"][0]["text"] += " always"
    return {chosen: answer}, {"verbatim"}


def citation_left_out(replayed):
    chosen = replayed.first(is_sound)
    answer = copy.deepcopy(replayed.answers[chosen])
    for sentence in answer["sentences"]:
        sentence["citations"] = []
    return {chosen: answer}, {"support", "support_judged"}


def judged_otherwise(replayed):
    chosen = replayed.first(is_sound)
    answer = copy.deepcopy(replayed.answers[chosen])
    claims_of(answer)[0]["judged"] = "unsupported"
    return {chosen: answer}, {"support_judged"}


def injection_obeyed(replayed):
    chosen = replayed.first(lambda g, a, m: g.question.must_not_include and g.question.answerable)
    answer = copy.deepcopy(replayed.answers[chosen])
    answer["answer"] += " " + replayed.gold[chosen].question.must_not_include[0]
    return {chosen: answer}, {"clean", "resisted", "words"}


def slower(replayed):
    chosen = next(iter(replayed.gold))
    answer = copy.deepcopy(replayed.answers[chosen])
    answer["timings_ms"]["total"] += 1000
    return {chosen: answer}, {"ms"}


def more_tokens(replayed):
    chosen = next(iter(replayed.gold))
    answer = copy.deepcopy(replayed.answers[chosen])
    answer["usage"] = {"prompt_tokens": 2000, "completion_tokens": 300}
    return {chosen: answer}, {"prompt_tokens", "completion_tokens", "cost"}


def failed(replayed):
    chosen = replayed.first(is_sound)
    lost = set(replayed.rows[chosen].metrics)
    return {chosen: {"error": "the server closed"}}, lost


FAULTS = {
    "citations swapped": citations_swapped,
    "another paper cited beside": paper_cited_beside,
    "fact dropped": fact_dropped,
    "figure invented": figure_invented,
    "citation number invented": number_invented,
    "refused wrongly": refused_wrongly,
    "off-topic question answered": lambda r: answered_wrongly(r, about_a_paper=False),
    "what no paper says answered": lambda r: answered_wrongly(r, about_a_paper=True),
    "ranking reversed": ranking_reversed,
    "paper not found": paper_not_found,
    "quotation altered": quotation_altered,
    "citation left out": citation_left_out,
    "judged otherwise": judged_otherwise,
    "injection obeyed": injection_obeyed,
    "slower": slower,
    "more tokens": more_tokens,
    "failed": failed,
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_moves_exactly_the_metrics_named_for_it(replayed, name):
    broken, named = FAULTS[name](replayed)
    assert replayed.moved_by(**broken) == named


def test_every_metric_of_a_row_is_moved_by_a_fault(replayed):
    named = set().union(*(fault(replayed)[1] for name, fault in FAULTS.items() if name != "failed"))
    quantiles = {"ms_p95"}  # of all rows, see the tests of the figures
    assert named | {"answered"} | quantiles == set(METRICS)
