"""The form in which text reaches the model."""

import re
import unicodedata

_ASCII = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"'})
_FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_INVISIBLE = re.compile("[\u00ad\u200b\ufeff]")
#: White space as ECMAScript's \\s has it, so that the TypeScript twin agrees.
_SPACE = re.compile("[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")


def normalize(text: str) -> str:
    """Canonically composed, one ordinary space for any run of white space, ASCII quotes and apostrophes, ASCII letters and
    digits instead of full-width ones. Punctuation of Chinese, Japanese and Arabic stays.

    The twin of inference/text/normalize.ts; both are tested against normalize_cases.json.
    """
    text = unicodedata.normalize("NFC", text).translate(_ASCII)
    text = _FULL_WIDTH.sub(lambda match: chr(ord(match[0]) - 0xFEE0), text)
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip(" ")
