"""British and American spelling as one: "tumour" finds "tumor", "personalised" finds "personalized".

The stemmer keeps them apart ("personalis", "person"). Papers and questions are both written the American
way before they are analysed, so that a rule does no harm to a word of one spelling ("exercise" is "exercize"
in both). Rules that would part a word from its family are left out: the stem of "dependense" is not that of
"dependent".
"""

import re
from collections.abc import Callable

_PARTS = {
    **{"haem": "hem", "anaem": "anem", "leukaem": "leukem", "ischaem": "ischem", "glycaem": "glycem"},
    **{"anaesth": "anesth", "paediat": "pediat", "paedic": "pedic", "faec": "fec", "gynaec": "gynec"},
    **{"aetiol": "etiol", "oedem": "edem", "foet": "fet", "oesoph": "esoph", "oestr": "estr"},
    **{"diarrhoea": "diarrhea", "sulph": "sulf", "artefact": "artifact", "grey": "gray"},
    **{"defence": "defense", "offence": "offense", "licence": "license", "catalogue": "catalog"},
    **{"centred": "centered", "centre": "center", "theatre": "theater"},
    **{"fibre": "fiber", "litre": "liter", "metre": "meter", "programmes": "programs"},
}
_DOUBLED = "cancel|channel|counsel|fuel|label|level|model|panel|signal|total|travel|tunnel"
_VERB = r"(?:e(?:s|d|rs?)?|ing|ations?|ational|able)\b"
_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile("|".join(_PARTS)), lambda match: _PARTS[match[0]]),
    # Not "supervised" and "precise", which go with "supervision" and "precision".
    (re.compile(rf"(?<=[a-z]{{2}})(?<!v)(?<![enxr]c)(?<!cr)is(?={_VERB})"), "iz"),
    (re.compile(rf"(?<=l)ys(?={_VERB})"), "yz"),
    (re.compile(r"(?<=[a-z]{2})our(?=(?:s|al|ally|ed|ing|able|ite|hood|less)?\b)"), "or"),
    (re.compile(rf"({_DOUBLED})l(?=(?:ed|ing|ers?)\b)"), r"\1"),
)


def american(text: str) -> str:
    """`text` in lower case, its British spellings written the American way."""
    text = text.lower()
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
