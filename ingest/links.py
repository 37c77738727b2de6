"""Web addresses in a text, and whether they lead to code."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from assistant.sentences import split_sentences

_HOSTS_WITHOUT_SCHEME = r"(?:www\.[a-z0-9-]+\.|(?:github|gitlab|bitbucket|huggingface)\.(?:com|org|co)/)"
_URL = re.compile(
    rf"""(?:https?://|(?<![\w@./-]){_HOSTS_WITHOUT_SCHEME})(?:\\[_%\#&~]|[^\s<>"{{}}|\\^`“”‘’«»„])+""", re.I
)
_SIGNS = ("://", "www.", ".com/", ".org/", ".co/")  # every address has one of them
_ESCAPED = re.compile(r"\\([_%#&~])")
_PAIRS = {")": "(", "]": "["}
_CODE_HOSTS = re.compile(
    r"(?:^|\.)(?:github\.com|gitlab\.[\w.]+|bitbucket\.org|huggingface\.co|codeberg\.org|sourceforge\.net)$"
)
_CODE_WORDS = re.compile(
    r"\b(?:source\s+codes?|codes?|codebase|implementations?|software|repository|toolbox|toolkit)\b", re.I
)


def find_urls(text: str) -> tuple[str, ...]:
    """The web addresses in `text`, in order, each once, freed of LaTeX and of the sentence's own signs."""
    found: dict[str, str] = {}
    # Few abstracts hold one, and the pattern takes thirty times as long to say so.
    lower = text.lower()
    if not any(sign in lower for sign in _SIGNS):
        return ()
    for match in _URL.finditer(text):
        url = _clean(match.group())
        if url:
            found.setdefault(url.rstrip("/").lower(), url)
    return tuple(found.values())


def links_to_code(text: str) -> bool:
    """True when the text links to a code host, or speaks of code in a sentence that has a link."""
    if not _URL.search(text):
        return False
    if any(_CODE_HOSTS.search(urlsplit(url).netloc.lower()) for url in find_urls(text)):
        return True
    sentences = (text[s.start : s.end] for s in split_sentences(text))
    return any(_URL.search(s) and _CODE_WORDS.search(_URL.sub(" ", s)) for s in sentences)


def _clean(url: str) -> str:
    url = _ESCAPED.sub(r"\1", url)
    while url:
        last = url[-1]
        unopened = last in _PAIRS and url.count(last) > url.count(_PAIRS[last])
        if last not in ".,;:!?'*$…、。，；：" and not unopened:
            break
        url = url[:-1]
    if not url.lower().startswith("http"):
        url = f"https://{url}"
    try:
        host = urlsplit(url).netloc
    except ValueError:  # "http://[" and the like
        return ""
    return url if re.search(r"\w", host) else ""
