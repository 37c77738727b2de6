"""Questions in another language than English, told by their script or their function words.

The papers and the search are English. The words that only hold another language's sentence together
are taken out of such a question, as English ones are, and what is left, mostly names and words of
Latin and Greek that languages share, is searched for.
"""

import re
import unicodedata

from assistant.words import STOPWORDS

__all__ = ["without_foreign_words"]

# The commonest function and question words of the languages with most readers, without those that
# English questions hold as well ("in", "a", "on").
_FUNCTION_WORDS = tuple(
    frozenset(words.split())
    for words in (
        # Spanish
        """qué que cuál cual cuáles quién quien quiénes cómo como cuándo cuando dónde donde cuánto
        cuántos por para con sin sobre es son fue está están hay los las una unos unas del al y su sus
        este esta estos estas ese esa pero más muy también se lo nos me dime muestra artículos
        artículo tratan trata hablan habla""",
        # German
        """was wer wie wo wann warum welche welcher welches welchen ist sind war waren wird werden wurde
        hat haben gibt der die das den dem des ein eine einen einem einer und oder nicht mit von für
        über auf aus bei nach zum zur auch es sich kann zeige zeig mir erkläre handeln handelt""",
        # French
        """quel quelle quels quelles qui que quoi comment quand où pourquoi combien est sont était ont
        fait les des une du au aux et ou dans avec pour sur sans par ce cette ces ses son leur leurs
        il elle ils elles ne pas plus moi d l qu parlent parle traitent traite c'est""",
        # Italian
        """che cosa cos chi quale quali quando dove come perché quanto quanti è sono era hanno gli il lo
        una uno di del della dei delle degli nel nella con per su sul sulla tra e ed ma più non si
        parlano parla""",
        # Portuguese
        """o que qual quais quem quando onde como por porque quanto quantos é são foi está estão há os as
        um uma uns do da dos das no na nos nas em com para sobre sem e ou mas mais não se falam fala
        artigos artigo""",
        # Dutch
        """wat wie waar wanneer waarom welke hoe is zijn was waren heeft hebben wordt worden het een van
        voor met over op uit bij naar en of niet ook er zich kan gaan gaat""",
    )
)  # fmt: skip
# Parts of people's names, and words that English texts borrow: no sign by themselves.
_IN_NAMES = frozenset(
    """de la las los el le les du des da das dos do di del della dei van von der den dem des ter ten
    al y e en et o il lo me d l c'est son is was was over no as die war per como""".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:'s)?")
_FEWEST = 2  # function words of one language that make a question one of it
_OTHER_SCRIPT = 2  # letters of one; Greek ones are symbols
_SCRIPTS = frozenset(
    "CJK HIRAGANA KATAKANA HANGUL CYRILLIC ARABIC HEBREW"
    " DEVANAGARI BENGALI TAMIL TELUGU THAI GEORGIAN ARMENIAN".split()
)
# Words that open a question, and are neither English nor a name: one is enough.
_OPENING = frozenset(
    """qué cómo quién quiénes cuál cuáles cuándo dónde cuántos wie warum wieso welche welcher welches
    quel quelle quels quelles pourquoi combien perché quale quali quais hoe waarom welke resúmeme
    erkläre""".split()
)


def without_foreign_words(question: str) -> str | None:
    """What `question` holds beside the function words of another language; None when it is English."""
    words = [word.lower() for word in _WORD.findall(question.replace("’", "'"))]
    english = sum(word in STOPWORDS for word in words)
    others = [c for c in question if c.isalpha() and _is_of_other_script(c)]
    if len(others) >= _OTHER_SCRIPT and not english:
        return " ".join("".join(c if c not in others else " " for c in question).split())
    best: frozenset[str] = max(_FUNCTION_WORDS, key=lambda known: sum(word in known for word in words))
    found = [word for word in words if word in best]
    telling = [word for word in found if word not in _IN_NAMES and word not in STOPWORDS and len(word) > 1]
    opened = bool(words) and words[0] in _OPENING and not english
    if not opened and (len(found) < _FEWEST or not telling or len(found) <= english):
        return None
    dropped = best | _IN_NAMES | _OPENING
    rest = _WORD.sub(lambda m: " " if m[0].lower() in dropped else m[0], question)
    return " ".join(re.sub(r"[¿¡«»]|(?<![^\W\d_])['’]", " ", rest).split())


def _is_of_other_script(letter: str) -> bool:
    return unicodedata.name(letter, "").split(" ")[0] in _SCRIPTS
