"""The languages of the corpus, in the order of its columns, with their tags in the model's vocabulary."""

LANGUAGES: tuple[str, ...] = ("en", "fr", "es", "de", "pt", "zh", "ja", "ar")

#: FLORES-200 codes, as NLLB models use them; the same table as proto/languages.ts.
TAGS: dict[str, str] = {
    "en": "eng_Latn",
    "fr": "fra_Latn",
    "es": "spa_Latn",
    "de": "deu_Latn",
    "pt": "por_Latn",
    "zh": "zho_Hans",
    "ja": "jpn_Jpan",
    "ar": "arb_Arab",
}

#: Ids of the special tokens, as in NLLB.
BOS, PAD, EOS, UNK = 0, 1, 2, 3

#: Stand for protected spans (links, mentions, numbers); the model copies them.
PLACEHOLDERS: tuple[str, ...] = tuple(f"<ph{index}>" for index in range(10))


def tag_ids(pieces: int) -> dict[str, int]:
    """Ids of the language tags, which follow the `pieces` SentencePiece pieces in alphabetical order."""
    ordered = sorted(TAGS.values())
    return {language: pieces + ordered.index(tag) for language, tag in TAGS.items()}
