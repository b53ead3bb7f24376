"""A synchronous grammar: sentence frames in eight languages, filled from the lexicon with the forms that each language asks for.

It multiplies what one entry teaches: a noun that the corpus has once is met with its gender, cases, article and measure word.
The lexicon gives whole forms wherever a rule could go wrong; the rules here are those without exceptions among its entries,
and a frame that would need a form which an entry does not have is not filled with it.
"""

import random
import re
from dataclasses import dataclass
from pathlib import Path

from corpus import Row, problems
from languages import LANGUAGES
from normalize import normalize

FOLDER = Path(__file__).parent / "lexicon"

#: French words before whose h nothing is elided.
ASPIRATED = re.compile(r"^(?:h(?:ibou|aricot|omard|amster|andball|amac|ache|aie|all\b|amburger|anche|arpe|asard|auteur|éros\b|ockey"
                       r"|ousse|ublot|ot-dog|érisson|utte|âte|onte|aine|areng|oquet|ors|ongrois|obby)|yaourt|yoga|yacht|onz)")
VOWEL = re.compile(r"^[aeiouyâàéèêëîïôùûhœ]", re.IGNORECASE)
#: Spanish feminine nouns with "el": they begin with a stressed a.
STRESSED_A = re.compile(r"^(?:agua|águila|arma|hambre|alma|área|aula|hacha|ave|ala|hada|ancla|asma|ama|aguja de|alga|ánfora)\b")
#: Arabic feminine nouns without a feminine ending.
FEMININE = frozenset("شمس نار يد عين أذن قدم ساق رجل أرض نفس روح حرب بئر سكين سوق دار ريح سماء كأس أم أخت بنت عروس كتف إصبع صحراء كهرباء موسيقى ذكرى شكوى حمى عدوى خنفساء".split())
#: Second words that look like adjectives and are nouns.
ARABIC_NOUNS = frozenset("شاي كي هوية جلي شعيرية".split())
#: Arabic nouns whose last letter comes back with the article, and one that changes with it.
WITH_ARTICLE = {"قاض": "القاضي", "محام": "المحامي", "مغن": "المغني", "تحد": "التحدي", "ناد": "النادي", "امرأة": "المرأة"}
#: What the rules above would put together wrongly: German negates "ein" with "kein".
WRONG = re.compile(r"\bnicht ein(?:e|en|em|er)?\b")
FUTURE, PAST = "future", "past"


def elided(word: str) -> bool:
    return bool(VOWEL.match(word)) and not ASPIRATED.match(word)


@dataclass(frozen=True)
class Frame:
    kinds: frozenset[str]
    cells: tuple[str, ...]

    def needs(self, slot: str) -> bool:
        return any("{" + slot + "}" in cell for cell in self.cells)


def read(name: str) -> list[dict[str, str]]:
    lines = [line.split("\t") for line in (FOLDER / name).read_text(encoding="utf-8").split("\n") if line.strip()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def without_article(text: str) -> str:
    return re.sub(r"^(?:une?|du|de la|una|uma|um|un|der|die|das) |^de l'", "", text)


def noun_forms(noun: dict[str, str], adjectives: list[dict[str, str]]) -> list[dict[str, str]]:
    """The forms of a noun in each language; a form that is not there is missing, and then a frame with it is not for this noun."""
    return [english(noun), french(noun, adjectives), spanish(noun, adjectives), german(noun), portuguese(noun, adjectives),
            {"n": noun["zh"], "m": noun["zh_measure"]}, {"n": noun["ja"]}, arabic(noun, adjectives)]


def is_mass(noun: dict[str, str]) -> bool:
    return noun["en_pl"] == "-"


def english(noun: dict[str, str]) -> dict[str, str]:
    word = noun["en"]
    forms = {"n": word, "the": f"the {word}"}
    if is_mass(noun):
        return forms | {"some": f"some {word}", "gen": word, "at": "at"}
    article = "an" if re.match(r"^(?:[aeio]|u(?!ni|se|ten|ro|kr)|hour|heir|honest|honou?r|MRI|x-ray)", word) else "a"
    return forms | {"a": f"{article} {word}", "some": f"{article} {word}", "pl": noun["en_pl"], "gen": noun["en_pl"], "at": "at"}


def french(noun: dict[str, str], adjectives: list[dict[str, str]]) -> dict[str, str]:
    word = without_article(noun["fr"])
    feminine = noun["fr"].startswith(("une ", "de la "))
    forms = {"bare": word, "un": noun["fr"]}
    if elided(word):
        le, du, au = f"l'{word}", f"de l'{word}", f"à l'{word}"
    elif feminine:
        le, du, au = f"la {word}", f"de la {word}", f"à la {word}"
    else:
        le, du, au = f"le {word}", f"du {word}", f"au {word}"
    forms |= {"le": le, "du": du, "au": au, "gen": le}
    if noun["fr"].startswith(("un ", "une ")):
        forms |= {"dun": f"d'{noun['fr']}"}
    if not is_mass(noun) and noun["fr_pl"] != "-":
        forms |= {"pl": noun["fr_pl"], "gen": f"les {noun['fr_pl']}"}
    if noun["fr"].startswith("de l'"):
        return forms
    return forms | {adjective["name"]: adjective["fr_f" if feminine else "fr_m"] for adjective in adjectives}


def spanish(noun: dict[str, str], adjectives: list[dict[str, str]]) -> dict[str, str]:
    word = without_article(noun["es"])
    feminine = noun["es"].startswith("una ")
    el = "el" if not feminine or STRESSED_A.match(word) else "la"
    forms = {"bare": word, "el": f"{el} {word}", "un": f"{'un' if el == 'el' else 'una'} {word}",
             "del": f"del {word}" if el == "el" else f"de la {word}", "al": f"al {word}" if el == "el" else f"a la {word}",
             "some": f"{'un' if el == 'el' else 'una'} {word}", "gen": f" {el} {word}"}
    if is_mass(noun):
        forms |= {"some": word}
    elif noun["es_pl"] != "-":
        plural = f"{'las' if feminine else 'los'} {noun['es_pl']}"
        forms |= {"pl": noun["es_pl"], "losPl": plural, "gen": f"n {plural}"}
    return forms | {adjective["name"]: adjective["es_f" if feminine else "es_m"] for adjective in adjectives}


def german(noun: dict[str, str]) -> dict[str, str]:
    article, word = noun["de"].split(" ", 1)
    accusative = {"der": "den", "die": "die", "das": "das"}[article]
    dative = {"der": "dem", "die": "der", "das": "dem"}[article]
    forms = {"bare": word, "derN": noun["de"], "derA": f"{accusative} {word}", "derD": f"{dative} {word}",
             "zu": f"{'zur' if article == 'die' else 'zum'} {word}"}
    if is_mass(noun):
        return forms | {"some": word, "gen": word}
    nominative = {"der": "ein", "die": "eine", "das": "ein"}[article]
    forms |= {"einN": f"{nominative} {word}", "einA": f"{'einen' if article == 'der' else nominative} {word}",
              "einD": f"{'einer' if article == 'die' else 'einem'} {word}"}
    forms |= {"some": forms["einA"]}
    plural = noun["de_pl"]
    if plural != "-":
        last = plural.split(" ")[0]
        dative_plural = plural if last.endswith(("n", "s", "a")) or " " in plural else f"{plural}n"
        forms |= {"pl": plural, "gen": plural, "plD": dative_plural}
    return forms


def portuguese(noun: dict[str, str], adjectives: list[dict[str, str]]) -> dict[str, str]:
    word = without_article(noun["pt"])
    feminine = noun["pt"].startswith("uma ")
    forms = {"bare": word, "um": noun["pt"], "dum": f"de {noun['pt']}", "some": noun["pt"], "gen": word}
    definite = {"o": ("o", "a"), "do": ("do", "da"), "no": ("no", "na"), "ao": ("ao", "à"), "pelo": ("pelo", "pela")}
    forms |= {slot: f"{pair[feminine]} {word}" for slot, pair in definite.items()}
    if is_mass(noun):
        forms |= {"some": word}
    elif noun["pt_pl"] != "-":
        forms |= {"pl": noun["pt_pl"], "gen": noun["pt_pl"]}
    return forms | {adjective["name"]: adjective["pt_f" if feminine else "pt_m"] for adjective in adjectives}


def arabic(noun: dict[str, str], adjectives: list[dict[str, str]]) -> dict[str, str]:
    words = noun["ar"].split(" ")
    feminine = words[0].endswith(("ة", "ا")) or words[0] in FEMININE
    forms = {"n": noun["ar"], "this": "هذه" if feminine else "هذا", "y": "ت" if feminine else "ي", "t": "ت" if feminine else ""}
    definite = None
    if len(words) == 1:
        definite = WITH_ARTICLE.get(words[0], f"ال{words[0]}")
    elif len(words) == 2 and words[1].endswith("ية" if feminine else "ي") and words[1] not in ARABIC_NOUNS:
        # A noun and an adjective that agrees with it: both take the article. In a genitive only the second would, and by the
        # letters alone a genitive cannot be told from other adjectives.
        definite = f"ال{words[0]} ال{words[1]}"
    if definite is not None:
        forms |= {"al": definite}
    if is_mass(noun):
        if definite is not None:
            forms |= {"alGen": definite}
    elif noun["ar_pl"] != "-":
        forms |= {"pl": noun["ar_pl"]}
        if " " not in noun["ar_pl"]:
            forms |= {"alPl": f"ال{noun['ar_pl']}", "alGen": f"ال{noun['ar_pl']}"}
    return forms | {adjective["name"]: adjective["ar_f" if feminine else "ar_m"] for adjective in adjectives}


def verb_forms(verb: dict[str, str]) -> list[dict[str, str]]:
    prefixed = (lambda letter: letter + "أ" + verb["ar"][1:]) if verb["ar"][0] == "آ" else (lambda letter: letter + verb["ar"][1:])
    return [
        {"v": verb["en"], "past": verb["en_past"]},
        {"v": verb["fr"], "part": verb["fr_part"]},
        {"v": verb["es"], "pret": verb["es_pret"]},
        {"v": verb["de"], "part": verb["de_part"]},
        {"v": verb["pt"], "pret": verb["pt_pret"]},
        {"v": verb["zh"]},
        {"masu": verb["ja_masu"], "te": verb["ja_te"], "nai": verb["ja_nai"], "dict": verb["ja_dict"]},
        {"i": verb["ar"], "you": prefixed("ت"), "she": prefixed("ت"), "he": prefixed("ي"), "we": prefixed("ن"), "past": verb["ar_past"]},
    ]


SLOT = re.compile(r"\{(\w+)\}")


def fill(template: str, forms: dict[str, str]) -> str | None:
    """The template with its slots filled; None when a form is missing."""
    if any(slot not in forms for slot in SLOT.findall(template)):
        return None
    return SLOT.sub(lambda match: forms[match[1]], template)


def capitalised(text: str) -> str:
    first = re.search(r"\w", text)
    return text if first is None else text[: first.start()] + first[0].upper() + text[first.end() :]


class Grammar:
    """Random sentences of the grammar, the same for the same random numbers."""

    def __init__(self) -> None:
        adjectives = read("adjectives.tsv")
        self.nouns: list[tuple[dict[str, str], list[dict[str, str]]]] = []
        for name in sorted(path.name for path in FOLDER.glob("nouns_*.tsv")):
            self.nouns += [(noun, noun_forms(noun, adjectives)) for noun in read(name)]
        self.verbs = [verb_forms(verb) for name in sorted(path.name for path in FOLDER.glob("verbs_*.tsv")) for verb in read(name)]
        self.noun_frames = [frame_of(row) for row in read("noun_frames.tsv")]
        self.verb_frames = [frame_of(row) for row in read("verb_frames.tsv")]
        self.parts: dict[str, list[list[str]]] = {}
        for row in read("small_talk.tsv"):
            self.parts.setdefault(row["part"], []).append([row[language] for language in LANGUAGES])
        self.times = {when: [[row[language] for language in LANGUAGES] for row in read("times.tsv") if row["when"] == when]
                      for when in (FUTURE, PAST)}

    def sample(self, rng: random.Random, count: int) -> list[Row]:
        """So many different sentences; none of those that are held out."""
        rows: dict[tuple[str, ...], Row] = {}
        while len(rows) < count:
            row = self.one(rng)
            if row is not None and not row.is_held_out:
                rows.setdefault(row.cells, row)
        return list(rows.values())

    def held_out(self, rng: random.Random, count: int) -> list[Row]:
        """So many different sentences that no training sees."""
        rows: dict[tuple[str, ...], Row] = {}
        while len(rows) < count:
            row = self.one(rng)
            if row is not None and row.is_held_out:
                rows.setdefault(row.cells, row)
        return list(rows.values())

    def one(self, rng: random.Random) -> Row | None:
        chance = rng.random()
        cells = self.small_talk(rng) if chance < 0.05 else self.about_verb(rng) if chance < 0.35 else self.about_noun(rng)
        if cells is None or problems(cells):
            return None
        return Row(tuple(normalize(cell) for cell in cells), "grammar")

    def about_noun(self, rng: random.Random) -> list[str] | None:
        noun, forms = rng.choice(self.nouns)
        frame = rng.choice(self.noun_frames)
        if noun["kind"] not in frame.kinds:
            return None
        if frame.needs("the2"):
            other, others = rng.choice(self.nouns)
            if other["kind"] not in frame.kinds or other["en"] == noun["en"]:
                return None
            forms = [one | {f"{slot}2": form for slot, form in two.items()} for one, two in zip(forms, others, strict=True)]
        return self.filled(frame, forms)

    def about_verb(self, rng: random.Random) -> list[str] | None:
        forms = rng.choice(self.verbs)
        frame = rng.choice(self.verb_frames)
        for slot, when in (("t", FUTURE), ("p", PAST)):
            if frame.needs(slot):
                forms = [one | {slot: time} for one, time in zip(forms, rng.choice(self.times[when]), strict=True)]
        return self.filled(frame, forms)

    def small_talk(self, rng: random.Random) -> list[str]:
        """A greeting and what follows it, or two sentences out of those that everybody says every day."""
        def some(part: str) -> list[str]:
            return rng.choice(self.parts[part])

        chance = rng.random()
        if chance < 0.45:
            greeting, follow = some("greet"), some("follow")
            name = some("name") if rng.random() < 0.4 else None
            exclaims = rng.random() < 0.5
            return [greeted(language, *cells, exclaims) for language, *cells in
                    zip(LANGUAGES, greeting, name or [""] * len(LANGUAGES), follow, strict=True)]
        if chance < 0.65:
            return joined(some("answer"), some("back"))
        if chance < 0.75:
            return joined(some("thank"), some("answer"))
        if chance < 0.9:
            return joined(some("thank"), some("close"))
        return [capitalised(cell) for cell in some(rng.choice(["follow", "answer", "back", "close", "thank"]))]

    def filled(self, frame: Frame, forms: list[dict[str, str]]) -> list[str] | None:
        cells = [fill(template, form) for template, form in zip(frame.cells, forms, strict=True)]
        if any(cell is None for cell in cells) or WRONG.search(cells[3] or ""):
            return None
        found = [cell for cell in cells if cell is not None]
        # Words and groups of words stay as they are; a sentence begins with a capital.
        return [capitalised(cell) for cell in found] if re.search(r"[.!?]$", found[0]) else found


def joined(first: list[str], second: list[str]) -> list[str]:
    return [f"{one}{'' if language in ('zh', 'ja') else ' '}{two}" for language, one, two in zip(LANGUAGES, first, second, strict=True)]


def greeted(language: str, greeting: str, name: str, follow: str, exclaims: bool) -> str:
    """A greeting, perhaps with a name, and what follows it: after a comma, or as a sentence of its own."""
    comma = {"zh": "，", "ja": "、", "ar": "، "}.get(language, ", ")
    full = {"zh": "！", "ja": "！", "fr": " ! "}.get(language, "! ")
    if name:
        # "Hi Anna" and "Good morning, Anna": without a comma where one may do without.
        greeting = f"{greeting} {name}" if language in ("en", "fr", "de") else f"{greeting}{comma}{name}"
        greeting = f"{name}、{greeting.removesuffix(comma + name)}" if language == "ja" else greeting
    if exclaims:
        opening = "¡" if language == "es" else ""
        return f"{opening}{greeting}{full}{capitalised(follow)}"
    return f"{greeting}{comma}{follow}"


def frame_of(row: dict[str, str]) -> Frame:
    return Frame(frozenset(row.get("kinds", "").split(" ")), tuple(row[language] for language in LANGUAGES))


if __name__ == "__main__":
    # Some sentences to read.
    for row in Grammar().sample(random.Random(1), 60):
        print(" | ".join(row.cells))
