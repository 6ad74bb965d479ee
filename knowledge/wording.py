"""French as it is spoken on the phone, cut into comparable words.

Pure text, no model: apostrophes, elision, accents, Snowball stems, numbers, and a rough phonetic
spelling under which the homophones that recognisers confuse look alike.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

_ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'(?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)?", re.UNICODE)
_DIGIT_GROUPS = re.compile(r"(?<=\d)[\s\u202f](?=\d{3}\b)")
_TYPOGRAPHY = str.maketrans({"’": "'", "ʼ": "'", "`": "'", "œ": "oe", "Œ": "OE", "æ": "ae"})

STOP_WORDS = frozenset(
    """
    a ai aie aient aies ait allo alors as au aura aurai aurais aurait aussi autre aux avais
    avait avec avez aviez avons ayant bah ben bien bon bonjour bonsoir c ca car ce cela celle
    celui ces cet cette ceux chez ci comme d dans de des dis dit dites donc du elle elles en
    encore enfin entre es est et etaient etais etait etant ete etes etiez etre eu euh eux faire
    fait faites fallait faudrait faut font hein heu hum il ils j je juste l la le les leur leurs
    lui m ma madame mais me meme merci mes mieux moi mon monsieur n ne ni non nos notre nous on
    ont or ou oui par parce pas peu peut peux plait plus pour pourrais pourrait pourriez pouvez
    pouvoir pu puis qu quand que quel quelle quelles quels qui quoi s sa sais savez savoir se
    sera serait seriez ses si sinon soit sommes son sont sous suis sur t ta te tes toi ton tous
    tout toute toutes tres tu un une va vais vas vers veut veux voila vont vos votre voudrais
    voulais voulez vous y ya
    """.split()  # noqa: SIM905  # a list of 200 strings reads worse
)

_NUMBERS = {
    "un": "1", "une": "1", "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6",
    "sept": "7", "huit": "8", "neuf": "9", "dix": "10", "onze": "11", "douze": "12",
    "treize": "13", "quatorze": "14", "quinze": "15", "seize": "16", "vingt": "20",
    "trente": "30", "quarante": "40", "cinquante": "50", "soixante": "60", "cent": "100",
    "mille": "1000", "midi": "12", "minuit": "0",
}  # fmt: skip


def plain(text: str) -> str:
    """Lower case, straight apostrophes, no accent: `L'été, œuf` becomes `l'ete, oeuf`."""
    spelled = unicodedata.normalize("NFKD", text.lower()).translate(_TYPOGRAPHY).lower()
    if spelled.isascii():
        return spelled
    return "".join(sign for sign in spelled if not unicodedata.combining(sign))


def words(text: str) -> list[str]:
    """The words of a text in order, without accents, elided articles or punctuation."""
    joined = _DIGIT_GROUPS.sub("", _ELIDED.sub(" ", plain(text)))
    return _WORD.findall(joined)


def content_words(text: str) -> list[str]:
    """The words that carry meaning."""
    return [word for word in words(text) if word not in STOP_WORDS and len(word) > 1]


def spelled_words(text: str) -> list[str]:
    """The words that carry meaning, with their accents, for dictionaries that know them."""
    lowered = _ELIDED.sub(" ", text.translate(_TYPOGRAPHY).lower())
    return [
        word
        for word in _WORD.findall(unicodedata.normalize("NFC", lowered))
        if len(word) > 1 and not word[0].isdigit() and plain(word) not in STOP_WORDS
    ]


def stems(text: str) -> list[str]:
    """Stems of the words that carry meaning, numbers in digits."""
    return [stem(word) for word in content_words(text)]


class _ThreadStemmer(threading.local):
    """Snowball stemmers keep the word being worked on: each thread has its own."""

    def __init__(self) -> None:
        import snowballstemmer

        self.stemmer = snowballstemmer.stemmer("french")


_STEMMERS: list[_ThreadStemmer] = []


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The Snowball stem of one unaccented word; a number word becomes its digits."""
    if word in _NUMBERS:
        return _NUMBERS[word]
    if word[0].isdigit():
        return re.sub(r"(?<=\d)(?:h|heures?|euros?|eme|er)$", "", word) or word
    if not _STEMMERS:
        _STEMMERS.append(_ThreadStemmer())
    stemmed = str(_STEMMERS[0].stemmer.stemWord(word))
    # Snowball expects accents; without them the plural and the infinitive survive too often.
    if len(stemmed) > 4:
        stemmed = re.sub(r"(?:ement|ees|ee|es|er|ez|e|s)$", "", stemmed)
    return stemmed[:-1] + "i" if stemmed.endswith("y") else stemmed


_PHONETIC = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"(?:eaux|eau|aux|au|hauts?|ot|os)\b|eau|au", "o"),
        (r"(?:ais|ait|aient|aie|ez|er|ee|ees|et|es|ai|ei)\b|ai|ei", "e"),
        (r"ph", "f"),
        (r"qu|ck|ch(?=[rl])|c(?=[aoulr])", "k"),
        (r"c(?=[eiy])|ss|tion|sc(?=[ei])", "s"),
        (r"ge(?=[ao])|g(?=[eiy])", "j"),
        (r"gu(?=[ei])", "g"),
        (r"[ae][nm](?=[^aeiouynm]|\b)", "an"),
        (r"(?:ain|ein|in|im|yn|ym|un|um)(?=[^aeiouynm]|\b)", "in"),
        (r"o[nm](?=[^aeiouynm]|\b)", "on"),
        (r"y", "i"),
        (r"h", ""),
        (r"([^\d])\1+", r"\1"),
        (r"(?<=\w{2})[tdspxze]+\b", ""),
    )
]


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """A rough phonetic spelling: `payer`, `payé` and `payez` sound alike."""
    for pattern, written in _PHONETIC:
        word = pattern.sub(written, word)
    return word


def sound_grams(text: str) -> list[str]:
    """Trigrams and quadrigrams of the sounds of the words that carry meaning."""
    grams: list[str] = []
    for word in content_words(text):
        heard = f"<{sound(word)}>"
        grams.extend(heard[i : i + n] for n in (3, 4) for i in range(len(heard) - n + 1))
    return grams
