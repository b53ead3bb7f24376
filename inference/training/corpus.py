"""The parallel corpus: reading, checking, splitting, and putting placeholders where the text has to stay as it is."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from languages import LANGUAGES, PLACEHOLDERS
from normalize import normalize

FOLDER = Path(__file__).parent / "corpus"
EVALUATION = Path(__file__).parent / "evaluation"

#: What the server keeps out of the model's hands (inference/text/protect.ts is the full list): links, addresses, mentions,
#: hashtags, code, file names, emoji, and numbers with what is glued to them.
SPAN = re.compile(
    r"https?://\S+|www\.\S+"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|`[^`]+`"
    r"|(?<![\w@])[@#][\w.-]*\w"
    r"|\b[\w-]+\.(?:pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|zip|csv|txt|mp[34]|json|ts|js|py|html)\b"
    r"|[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d\u2764]+"
    r"|[$€£¥]\s?\d[\d.,]*|\d[\d.,:/]*\d|\d",
    re.ASCII,
)

_SCRIPTS: dict[str, re.Pattern[str]] = {
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ja": re.compile("[\u3040-\u30ff\u4e00-\u9fff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
}
_LATIN = re.compile("[A-Za-zÀ-ÿœŒ]")
_KANA = re.compile("[\u3040-\u30ff]")
_CJK_OR_ARABIC = re.compile("[\u3040-\u30ff\u4e00-\u9fff\u0600-\u06ff]")
_DIACRITICS = re.compile("[\u064b-\u0652]")


@dataclass(frozen=True)
class Row:
    """One message in eight languages, normalised, in the order of LANGUAGES."""

    cells: tuple[str, ...]
    source: str

    @property
    def is_held_out(self) -> bool:
        """One row in fifty is never trained on. By its English text, so that the choice outlives any reordering."""
        digest = hashlib.sha256(self.cells[0].casefold().encode()).digest()
        return int.from_bytes(digest[:4], "big") % 50 == 0


def problems(cells: list[str]) -> list[str]:
    """What is wrong with a row; empty when it may be learnt from."""
    found = []
    if len(cells) != len(LANGUAGES):
        return [f"{len(cells)} cells instead of {len(LANGUAGES)}"]
    for language, cell in zip(LANGUAGES, cells, strict=True):
        if not cell.strip():
            found.append(f"{language} is empty")
            continue
        words = SPAN.sub("", cell)
        letters = [character for character in words if unicodedata.category(character)[0] == "L"]
        if language in _SCRIPTS:
            if letters and not _SCRIPTS[language].search(words) and len(letters) > 12:
                found.append(f"{language} is in another script")
        elif _CJK_OR_ARABIC.search(words):
            found.append(f"{language} is in another script")
        elif letters and not _LATIN.search(words):
            found.append(f"{language} is in another script")
    if not found and _KANA.search(cells[5]):
        found.append("zh has kana")
    if not found and _DIACRITICS.search(cells[7]):
        found.append("ar has diacritics")
    if not found:
        longest, shortest = max(len(cell) for cell in cells[:5]), min(len(cell) for cell in cells[:5])
        if longest > 3.2 * shortest + 14:
            found.append("the lengths do not go together")
        for language, index in (("zh", 5), ("ja", 6)):
            if len(cells[index]) > 1.6 * len(cells[0]) + 12:
                found.append(f"{language} is too long")
    return found


def read_file(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and the eight cells of each row; a column `pos` before them is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")
    skipped = lines[0].split("\t").index("en")
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            yield number, line.split("\t")[skipped:]


def read_corpus(folder: Path = FOLDER) -> list[Row]:
    """All sound rows, each English text with the same translations once."""
    rows: dict[tuple[str, ...], Row] = {}
    for path in sorted(folder.glob("*.tsv")):
        for _, cells in read_file(path):
            if not problems(cells):
                normalised = tuple(normalize(cell) for cell in cells)
                rows.setdefault(normalised, Row(normalised, path.stem))
    return list(rows.values())


def with_placeholders(cells: tuple[str, ...]) -> tuple[str, ...] | None:
    """
    The row with `<ph0>`, `<ph1>`… for spans that are the same in all languages, numbered as they stand in English.
    None when the languages do not agree on them: the model would learn to change what must stay.
    """
    found = [SPAN.findall(cell) for cell in cells]
    if not found[0]:
        return cells if not any(found) else None
    if len(found[0]) > len(PLACEHOLDERS) or any(sorted(spans) != sorted(found[0]) for spans in found):
        return None
    masked = []
    for cell in cells:
        free = list(enumerate(found[0]))

        def number(match: re.Match[str], free: list[tuple[int, str]] = free) -> str:
            taken = next(item for item in free if item[1] == match[0])
            free.remove(taken)
            return PLACEHOLDERS[taken[0]]

        masked.append(SPAN.sub(number, cell))
    return tuple(masked)


if __name__ == "__main__":
    # The rows that no training sees, for calibration.
    print("\t".join(LANGUAGES))
    for held_out in read_corpus():
        if held_out.is_held_out:
            print("\t".join(held_out.cells))
