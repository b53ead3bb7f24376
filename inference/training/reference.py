"""What PyTorch makes of sentences of the evaluation set, and the same weights as an unquantised export, to hold the engine against.

    python reference.py CHECKPOINT SENTENCEPIECE_MODEL OUTPUT_FOLDER [SENTENCES [BEAMS]]

Writes OUTPUT_FOLDER/reference.json (source and output tokens of each sentence, greedy or with beams, by Hugging Face's own `generate`) and an fp32
export in the layout of the embedded model. Then: node inference/evaluation/compare.ts OUTPUT_FOLDER
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
import torch
from optimum.exporters.onnx import onnx_export_from_model
from optimum.onnx import merge_decoders

from corpus import EVALUATION, read_file, with_placeholders
from export import load_model, write_json
from languages import EOS, LANGUAGES, TAGS, tag_ids
from normalize import normalize

EMBEDDED = Path(__file__).parent.parent / "models" / "embedded"


@torch.no_grad()
def main(checkpoint: Path, vocabulary: Path, folder: Path, count: int = 200, beams: int = 1) -> None:
    model = load_model(checkpoint)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    tags = tag_ids(pieces.get_piece_size())
    pairs = [(source, target) for source in LANGUAGES for target in LANGUAGES if source != target]
    rows = [masked for _, cells in read_file(EVALUATION / "chat.tsv") if (masked := with_placeholders(tuple(map(normalize, cells))))]
    sentences = []
    for index, cells in enumerate(rows[:count]):
        source, target = pairs[index * 13 % len(pairs)]
        ids = [tags[source], *pieces.encode(cells[LANGUAGES.index(source)]), EOS]
        output = model.generate(torch.tensor([ids]), forced_bos_token_id=tags[target], num_beams=beams, do_sample=False,
                                length_penalty=0.0, max_new_tokens=len(ids) * 2 + 10)[0].tolist()
        # Begins with the decoder's start and the language, and ends with the end unless it was cut.
        tokens = output[2:-1] if output[-1] == EOS else output[2:]
        sentences.append({"source": ids, "target": tags[target], "limit": len(ids) * 2 + 10, "tokens": tokens})
    onnx = folder / "onnx"
    onnx.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        onnx_export_from_model(model, work, task="text2text-generation-with-past", opset=17, no_post_process=True, monolith=False,
                               do_validation=False)
        shutil.copy(work / "encoder_model.onnx", onnx / "encoder_model.onnx")
        merge_decoders(work / "decoder_model.onnx", work / "decoder_with_past_model.onnx",
                       save_path=onnx / "decoder_model_merged.onnx", strict=False)
    for name in ("config.json", "generation_config.json", "model.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(EMBEDDED / name, folder)
    write_json(folder / "model.json", {**json.loads((folder / "model.json").read_text()), "beams": beams})
    write_json(folder / "reference.json", {"languages": TAGS, "sentences": sentences}, indent=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))
