"""Author lines of listings, alone on their line or glued to the title.

"…via Message FlowsShurui Gui, Hao Yuan, Jie Wang et al. · harvard": where the first name begins is
decided by weighing every place where a name could be glued on. Evidence, in order of weight: what is
right of it are names and nothing else; the word left of it occurs elsewhere in the file (the abstracts
use the title's words); these pages cut author lists after three names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_ET_AL = re.compile(r"(?<!\s)(?:\s*,)?\s*\bet\.?\s*al\.?\s*$", re.I)  # from a run's start: else n cubed
_TAG = re.compile(r"\s+[·•]\s*([^·•]{1,60}(?:\s*[·•]\s*[^·•]{1,60})*)$")
_PARTICLE_LIST = """
van von der den de del della di da dos das du la le el al bin ibn ben ter ten zu zur af av y e i st san
abu' op vander vom dal lo ul ur mac ap
"""
_PARTICLES = frozenset(_PARTICLE_LIST.split())
# Those that a name may begin with and that are no usual end of a word ("dimension|al", "strength|en").
_OPENING_PARTICLES = frozenset(("van", "von", "de", "del", "della", "di", "da", "dos", "das", "du", "zu"))
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md"))
# Capitals inside one name: McKenzie, MacLeod, DeVries, LaTanya, O'Neil, FitzGerald, VanderPlas.
_INNER_CAPITAL = re.compile(
    r"^(?:Mc|Mac|De|Del|Di|Du|La|Le|Lo|Fitz|Van|Vander|Von|San|St|Al|El|Abd|Ben|Ter)$"
)
# Words that end titles and are no names, for entries whose abstract does not help.
_TITLE_WORD_LIST = """
learning network networks model models data analysis detection segmentation recognition classification
generation estimation optimization optimisation prediction framework approach method methods system
systems study survey review report benchmark dataset datasets images image videos video language
languages reasoning training adaptation transformer transformers diffusion attention graph graphs agents
agent search retrieval inference representation representations features knowledge distillation tuning
prompts prompt tasks task evaluation applications application design control planning robots robotics
vision speech text translation synthesis reconstruction registration imaging diagnosis medicine health
care domain domains time series privacy security attacks attack robustness uncertainty theory algorithms
algorithm bounds games game markets equations dynamics physics galaxies stars matter materials structure
structures proteins cells brain perspective perspectives overview challenges opportunities directions
future past present introduction supervision feedback alignment understanding compression quantization
pruning sampling clustering ranking recommendation recommendations code software programs program
environments environment world worlds scenes spaces space functions function processes process gradient
gradients descent decoding encoding embedding embeddings pretraining fine-tuning scale scaling
efficiency need you better faster them it us all
"""
_TITLE_WORDS = frozenset(_TITLE_WORD_LIST.split())
_WORD_ENDING = re.compile(
    r"(?:ing|tion|sion|ment|ness|ity|ies|ics|ism|ogy|ance|ence|ers|ors|els|ods|ure|ous|ive|ed|al)$"
)
_ORGANISATION = re.compile(
    r"\b(?:Collaborations?|Teams?|Group|Consortium|Project|Initiative|Network|Authors)$"
)
_OPENERS = "([{-/–—_\\\"'“‘&·:,;"
_MAX_LINE = 2000  # characters; a longer first line is an abstract, not a title
_MAX_NAMES = 3  # what these pages print before "et al."
_KNOWN_WORD = 2.5  # the title's last word occurs elsewhere in the file
_THRESHOLD = 1.0


@dataclass(frozen=True, slots=True)
class Byline:
    """Authors as printed; `et_al` when the list was cut; `affiliation_tag` of "· harvard"."""

    authors: tuple[str, ...] = ()
    et_al: bool = False
    affiliation_tag: str | None = None


def read_byline(line: str) -> Byline:
    """Take apart a line that holds nothing but authors."""
    line, tag = _take_tag(line)
    line, et_al = _take_et_al(line)
    return Byline(tuple(_split_names(line)), et_al, tag)


def is_byline(line: str, *, sure: bool = False) -> bool:
    """True when a line reads as a list of persons.

    `sure` asks for more than one capitalised word: a list, "et al.", or a full name.
    """
    rest, tag = _take_tag(line)
    rest, et_al = _take_et_al(rest)
    if not rest or len(rest) > 2000 or (rest[-1] in ".!?:;" and not re.search(r"\b(?:[A-Z]|Jr|Sr)\.$", rest)):
        return False
    names = _split_names(rest)
    if not names or any(len(name) > 60 for name in names):
        return False
    persons = sum(_is_name(name) for name in names)
    if et_al:  # organisations and unusual spellings beside persons
        return persons * 2 >= len(names) and all(len(name.split()) <= 6 for name in names)
    if persons < len(names):
        return False
    return not sure or len(names) > 1 or len(names[0].split()) > 1 or tag is not None


def split_glued(line: str, vocabulary: frozenset[str]) -> tuple[str, Byline] | None:
    """(title, byline) of a title with authors glued to it; None when no author can be told.

    `vocabulary` are words of the file in lower case, see `vocabulary_of`.
    """
    rest, tag = _take_tag(line)
    rest, et_al = _take_et_al(rest)
    if len(rest) > _MAX_LINE:
        return None
    best: tuple[float, int] | None = None
    for at in _glue_points(rest):
        score = _weigh(rest, at, et_al, vocabulary)
        # Of equals the later one: titles end in camel case ("PyTorch") more often than names begin so.
        if score is not None and score >= _THRESHOLD and (best is None or score >= best[0]):
            best = score, at
    if best is None:
        return None
    at = best[1]
    return rest[:at].strip(), Byline(tuple(_split_names(rest[at:])), et_al, tag)


def vocabulary_of(entries: Iterable[Sequence[str]]) -> frozenset[str]:
    """Words as the entries' abstracts write them: lower-case words, and coined ones such as LoRA.

    The first line of each entry is left out: that is where titles and names are glued together.
    """
    words: set[str] = set()
    for lines in entries:
        for line in [line for line in lines if line][1:]:
            words.update(re.findall(r"[^\W\d_][\w'’-]*", line))
    # A capitalised word counts only when it is no plain name: camel case, digits, or all capitals.
    kept = {w for w in words if w[0].islower()}
    kept |= {w for w in words if any(c.isupper() or c.isdigit() for c in w[1:])}
    return frozenset(kept)


def _take_tag(line: str) -> tuple[str, str | None]:
    line = line.strip()
    match = _TAG.search(line)
    if not match or len(match[1].split()) > 8:
        return line, None
    return line[: match.start()].strip(), ", ".join(t.strip() for t in re.split("[·•]", match[1]))


def _take_et_al(line: str) -> tuple[str, bool]:
    cut = _ET_AL.sub("", line)
    return cut.strip(), cut != line


def _split_names(text: str) -> list[str]:
    parts = re.split(r"\s*[,;]\s*|\s+and\s+|\s+&\s+", text)
    names: list[str] = []
    for part in parts:
        part = re.sub(r"^and\s+", "", part).strip()
        if names and part.rstrip(".").lower() in _SUFFIXES:
            names[-1] += f", {part}"
        elif part:
            names.append(part)
    return names


def _is_name(text: str) -> bool:
    """Two to six capitalised words or initials, particles between them; or one capitalised word."""
    tokens = text.split()
    if not 1 <= len(tokens) <= 7 or not any(c.isalpha() for c in text):
        return False
    plain = [t for t in tokens if t.lower().strip(",.") not in _SUFFIXES]
    if not plain or (plain[-1].lower() in _PARTICLES and plain[-1].islower()):
        return False
    return all(_is_name_token(t) or t.lower() in _PARTICLES for t in tokens) and any(
        map(_is_name_token, tokens)
    )


def _is_name_token(token: str) -> bool:
    """A capitalised word, an initial, a hyphenated or apostrophed name; scripts without case count."""
    if re.search(r"[\d:;?!/\\$%^_={}\[\]<>|+*#@“”\"]", token):
        return False
    core = token.strip("().,'’-")
    if not core or not core[0].isalpha():
        return False
    if core[0].isupper() or unicodedata.category(core[0]) == "Lo":
        return True
    # "al-Rfou", "d'Ascoli", "von-Neumann"
    return bool(re.match(r"(?:al|el|d|l|dell|de|van|von|bin|ben)[-'’][A-Z]", core))


def _glue_points(text: str) -> Iterator[int]:
    """Places inside a word where a capital could open a name."""
    for i in range(2, len(text) - 1):
        before, here, after = text[i - 1], text[i], text[i + 1]
        if before.isspace() or (before in _OPENERS and not _closes_quote(text, i)):
            continue
        if not (
            here.isupper() or (unicodedata.category(here) == "Lo" and unicodedata.category(before) != "Lo")
        ):
            if here.islower() and _opens_with_particle(text, i):
                yield i
            continue
        # After a capital only where a word begins: "VQA|John", "VQA|J. Smith", not inside "VQA".
        if before.isupper() and not (after.islower() or after in ".'’" or after.isspace()):
            continue
        yield i


def _closes_quote(text: str, i: int) -> bool:
    """A quotation mark before i that closes rather than opens, or an apostrophe in O'Neil."""
    if text[i - 1] not in "\"'”’":
        return False
    word = re.search(r"(\S*)$", text[: i - 1])
    return word is not None and len(word[1].lstrip("\"'“‘")) > 1


def _opens_with_particle(text: str, i: int) -> bool:
    match = re.match(r"([a-z]{2,6}) (?:(?:der|den|la|los|las|el) )?[A-Z][\w-]+ ?", text[i:])
    return match is not None and match[1] in _OPENING_PARTICLES and text[i - 1].isalnum()


def _weigh(text: str, at: int, et_al: bool, vocabulary: frozenset[str]) -> float | None:
    """How good it is to begin the names at `at`; None when what follows are no names."""
    names = _split_names(text[at:])
    if not names or not all(map(_is_name, names)):
        return None
    score = 1.0
    first = names[0].split()
    if len(first) == 1:
        score -= 1.5
    score += sum(-1.0 for name in names[1:] if len(name.split()) == 1)
    score += _count_score(len(names), et_al)
    left = _left_score(text, at, vocabulary)
    if text[at].islower() and left < _KNOWN_WORD:
        return None  # "…Learningvan der Berg", but not "Kallingal Joshy"
    score += left
    score += sum(_name_score(name, vocabulary) for name in names)
    if len(text[:at].split()) < 2:
        score -= 0.5
    if _cuts_coined_word(text, at, vocabulary):
        score -= 3.0
    if _leaves_names_behind(text, at):
        score -= 2.5
    return score


def _cuts_coined_word(text: str, at: int, vocabulary: frozenset[str]) -> bool:
    """True inside PyTorch or LoRA when the file's abstracts write that word."""
    left = re.search(r"[\w-]*$", text[:at])
    right = re.match(r"[\w-]*", text[at:])
    return left is not None and right is not None and left.group() + right.group() in vocabulary


def _leaves_names_behind(text: str, at: int) -> bool:
    """True when the title would end in "…LearningDohoon Choi, Young": names are glued on further left."""
    earlier = text[:at].rpartition(",")[0]
    return any(
        all(map(_is_name, _split_names(earlier[i:]))) for i in _glue_points(earlier) if " " in earlier[i:]
    )


def _count_score(count: int, et_al: bool) -> float:
    if et_al:
        return 3.0 if count == _MAX_NAMES else 0.5
    return 0.5 * min(count, _MAX_NAMES) if count <= _MAX_NAMES else -0.5


def _left_score(text: str, at: int, vocabulary: frozenset[str]) -> float:
    """Whether the title may end here: with a closing sign, or with a word that is known as one."""
    last = text[at - 1]
    if not last.isalnum():
        return 2.0 if last in "?!)”\"’'$%}" else 1.0
    match = re.search(r"[\w'’]+(?:[-–][\w'’]+)*$", text[:at])
    word = match.group() if match else last
    tail = re.split(r"[-–]", word)[-1]
    for candidate in (word, tail):
        if candidate in vocabulary or candidate.lower() in vocabulary or candidate.lower() in _TITLE_WORDS:
            return _KNOWN_WORD
    score = 0.0
    if re.search(r"[a-z][A-Z]", word):
        score -= 0.5  # a camel-case word that nothing in the file confirms
    if len(tail) < 3 and not tail.isdigit() and not tail.isupper():
        score -= 1.5
    if tail.isdigit() or (tail.isupper() and len(tail) > 1):
        score += 0.5
    if _WORD_ENDING.search(tail):
        score += 0.5
    if _INNER_CAPITAL.match(tail):
        score -= 2.5
    return score


def _name_score(name: str, vocabulary: frozenset[str]) -> float:
    """Negative for what is hardly a person: common words, capitals inside, odd spellings."""
    score = 0.0
    if _ORGANISATION.search(name):
        return score
    for token in name.split():
        bare = token.strip("().,'’")
        if len(bare) > 2 and (
            bare.lower() in _TITLE_WORDS or (bare.lower() in vocabulary and bare != "Will")
        ):
            score -= 1.5
        humps = re.split(r"(?<=[a-z])(?=[A-Z])", bare)
        if len(humps) > 1 and not _INNER_CAPITAL.match(humps[0]):
            # "ZhangYuan" happens, "TrainingJohn" is a title's last word with a name glued on.
            score -= 2.0 if humps[0].lower() in vocabulary | _TITLE_WORDS else 0.5
        if re.match(r"[A-Z]{2,}[a-z]", bare):
            score -= 1.0  # "DJohn": a capital too many
        if bare.isupper() and len(bare) > 3:
            score -= 0.5
    return score
