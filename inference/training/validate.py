"""Checks every file of the corpus, and says what is wrong where.

    python validate.py [FOLDER]

Exits with 1 when a row is unusable. Near-duplicates and rows whose protected spans differ between languages are counted, not
refused: such rows are left out of the training, the first by no one, the second by corpus.with_placeholders.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from corpus import FOLDER, problems, read_file, with_placeholders
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
    return 1 if unusable else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
