"""What people's keyboards do to a message: the source is made a little worse, the translation stays as it should be."""

import random
import re

_LATIN = ("en", "fr", "es", "de", "pt")
_NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "o": "p", "t": "r", "n": "m", "s": "d", "r": "t", "l": "k", "d": "f"}


def augment(text: str, language: str, rng: random.Random) -> str:
    chance = rng.random()
    if chance < 0.12:
        text = re.sub(r"[.!。！]$", "", text).rstrip()
    elif chance < 0.15:
        text = re.sub(r"[?？؟]$", "", text).rstrip()
    if language in _LATIN:
        chance = rng.random()
        if chance < 0.12:
            text = lower(text)
        elif chance < 0.14:
            text = re.sub(r"<PH(\d)>", r"<ph\1>", text.upper())
        elif chance < 0.18:
            text = mistype(text, rng)
    return text or "."


def lower(text: str) -> str:
    return text.lower()


def mistype(text: str, rng: random.Random) -> str:
    """One slip in one word of at least four letters: two letters swapped, one doubled, dropped or hit beside."""
    words = [match for match in re.finditer(r"[^\W\d_]{4,}", text)]
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    if "<" in text[max(0, word.start() - 1) : word.end()]:
        return text
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1 :]
    return text[:at] + _NEIGHBOURS.get(text[at], text[at]) + text[at + 1 :]
