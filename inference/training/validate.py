"""Checks every file of the corpus, and says what is wrong where.

    python validate.py [FOLDER]

Exits with 1 when a row is unusable, or when a row of the frozen set of chat is nearly one of the corpus: of what they have in words and runs of
four words, half or more is the same in English. Near-duplicates and rows whose protected spans differ between languages are counted, not
refused: such rows are left out of the training, the first by no one, the second by corpus.with_placeholders.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from corpus import EVALUATION, FOLDER, problems, read_file, with_placeholders
from normalize import normalize


def main(folder: Path) -> int:
    rows = unusable = differing = 0
    seen: Counter[str] = Counter()
    words: set[str] = set()
    for path in sorted(folder.glob("*.tsv")):
        count = 0
        for number, cells in read_file(path):
            found = problems(cells)
            if found:
                unusable += 1
                print(f"{path.name}:{number}: {'; '.join(found)}")
                continue
            count += 1
            normalised = tuple(normalize(cell) for cell in cells)
            differing += with_placeholders(normalised) is None
            seen[re.sub(r"\W+", " ", normalised[0].lower()).strip()] += 1
            words.update(re.findall(r"[a-z']+", normalised[0].lower()))
        rows += count
        print(f"{path.name}: {count} rows")
    again = sum(times - 1 for times in seen.values())
    print(f"{rows} rows, {again} with an English text that another row has, {differing} whose protected spans differ, "
          f"{unusable} unusable; {len(words)} English word forms")
    known = near_duplicates(folder)
    for text, learnt in known:
        print(f"evaluation: {text!r} is nearly {learnt!r} of the corpus")
    return 1 if unusable or known else 0


def runs(text: str) -> set[tuple[str, ...]]:
    """The runs of four words of a text, or all of its words when it has fewer."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 4]) for at in range(len(words) - 3)} or {tuple(words)}


def near_duplicates(folder: Path) -> list[tuple[str, str]]:
    """Messages of the frozen set of chat, with a message of the corpus that is nearly the same."""
    texts: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(folder.glob("*.tsv")):
        for _, cells in read_file(path):
            for run in runs(cells[0]):
                texts.setdefault(run, []).append(cells[0])
    found = []
    for _, cells in read_file(EVALUATION / "chat.tsv"):
        mine = runs(cells[0])
        near = (text for run in mine for text in texts.get(run, []) if 2 * len(mine & runs(text)) >= len(mine | runs(text)))
        if (nearest := next(near, None)) is not None:
            found.append((cells[0], nearest))
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
