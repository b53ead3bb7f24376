"""The embedded model in CTranslate2, int8 and greedy, on the sentences of bench:inference.

    python ctranslate2_peer.py CHECKPOINT SENTENCEPIECE_MODEL THREADS scores|tokens < JOBS > RESULTS

With `scores` it also says how likely each translation is, as our engine always does: without, it need not compute probabilities.

JOBS: JSON {"rows": [{"source": [token ids], "target": token id}], "batch": N, "single": N}. Every id sequence is what our own tokenizer
gives. RESULTS: JSON with the seconds for all rows in batches, the seconds of each single row, and the tokens that came out.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "inference" / "training"))

import ctranslate2
import sentencepiece
from ctranslate2.converters.transformers import M2M100Loader

from export import load_model
from languages import BOS, EOS, PAD, TAGS, UNK, tag_ids


def tokens_of(vocabulary: str, size: int) -> list[str]:
    pieces = sentencepiece.SentencePieceProcessor(model_file=vocabulary)
    tokens = [pieces.id_to_piece(index) for index in range(pieces.get_piece_size())]
    tokens += [TAGS[language] for language, _ in sorted(tag_ids(len(tokens)).items(), key=lambda item: item[1])]
    return tokens + [f"<unused{index}>" for index in range(size - len(tokens))]


def main() -> None:
    checkpoint, vocabulary, threads, scores = sys.argv[1:]
    jobs = json.load(sys.stdin)
    model = load_model(Path(checkpoint))
    tokens = tokens_of(vocabulary, model.config.vocab_size)
    spec = M2M100Loader().get_model_spec(model)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = tokens[BOS], tokens[EOS], tokens[UNK]
    spec.config.decoder_start_token = tokens[EOS]
    spec.validate()
    spec.optimize(quantization="int8")
    with tempfile.TemporaryDirectory() as folder:
        spec.save(folder)
        translator = ctranslate2.Translator(folder, device="cpu", compute_type="int8", inter_threads=int(threads), intra_threads=1)
        sources = [[tokens[token] for token in row["source"]] for row in jobs["rows"]]
        targets = [[tokens[row["target"]]] for row in jobs["rows"]]
        options = {"beam_size": 1, "max_decoding_length": 200, "return_scores": scores == "scores"}
        translator.translate_batch(sources[:64], target_prefix=targets[:64], max_batch_size=jobs["batch"], **options)
        began = time.perf_counter()
        results = translator.translate_batch(sources, target_prefix=targets, max_batch_size=jobs["batch"], **options)
        seconds = time.perf_counter() - began
        single = []
        for source, target in list(zip(sources, targets, strict=True))[: jobs["single"]]:
            began = time.perf_counter()
            translator.translate_batch([source], target_prefix=[target], **options)
            single.append(time.perf_counter() - began)
    produced = sum(len(result.hypotheses[0]) for result in results)
    json.dump({"version": ctranslate2.__version__, "seconds": seconds, "single": single, "tokens": produced,
               "pad": PAD}, sys.stdout)


if __name__ == "__main__":
    main()
