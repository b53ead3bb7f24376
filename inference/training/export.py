"""Exports a checkpoint to the layout of an Optimum export, quantised to int8.

    python export.py CHECKPOINT SENTENCEPIECE_MODEL OUTPUT_FOLDER VERSION

Weights get 7 bits (`reduce_range`): on processors without VNNI the int8 kernels add pairs of products in 16 bits, which
8-bit weights overflow, so that the same model would answer differently on different machines.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import sentencepiece
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from optimum.exporters.onnx import onnx_export_from_model
from optimum.onnx import merge_decoders
from transformers import M2M100Config, M2M100ForConditionalGeneration

from languages import BOS, EOS, PAD, TAGS, UNK, tag_ids


def load_model(checkpoint: Path) -> M2M100ForConditionalGeneration:
    """The checkpoint's weights in Hugging Face's own implementation of the architecture."""
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    size = saved["size"]
    config = M2M100Config(
        vocab_size=size["vocabulary"],
        d_model=size["width"],
        encoder_layers=size["encoder_layers"],
        decoder_layers=size["decoder_layers"],
        encoder_attention_heads=size["heads"],
        decoder_attention_heads=size["heads"],
        encoder_ffn_dim=size["feed_forward"],
        decoder_ffn_dim=size["feed_forward"],
        max_position_embeddings=256,
        activation_function="relu",
        scale_embedding=True,
        dropout=0.0,
        attention_dropout=0.0,
        encoder_layerdrop=0.0,
        decoder_layerdrop=0.0,
        bos_token_id=BOS,
        pad_token_id=PAD,
        eos_token_id=EOS,
        decoder_start_token_id=EOS,
        max_length=200,
        attn_implementation="eager",
    )
    model = M2M100ForConditionalGeneration(config)
    weights = {f"model.{name}": tensor for name, tensor in saved["model"].items()}
    for tied in ("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"):
        weights[tied] = weights["model.shared.weight"]
    model.load_state_dict(weights, strict=True)
    return model.eval()


def tokenizer_json(pieces: sentencepiece.SentencePieceProcessor) -> dict:
    """The SentencePiece vocabulary as Hugging Face's tokenizers read it; language tags follow the pieces."""
    count = pieces.get_piece_size()
    tags = tag_ids(count)
    vocabulary = [[pieces.id_to_piece(index), pieces.get_score(index)] for index in range(count)]
    added = [(index, pieces.id_to_piece(index)) for index in (BOS, PAD, EOS, UNK)]
    added += sorted((index, TAGS[language]) for language, index in tags.items())
    added.append((count + len(tags), "<mask>"))
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": index,
                "content": content,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for index, content in added
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "ByteFallback"},
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
            ],
        },
        "model": {"type": "Unigram", "unk_id": UNK, "vocab": vocabulary, "byte_fallback": True},
    }


def write_tokenizer(pieces: sentencepiece.SentencePieceProcessor, folder: Path) -> None:
    special = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    config = {
        "tokenizer_class": "NllbTokenizer",
        **special,
        "mask_token": "<mask>",
        "additional_special_tokens": sorted(TAGS.values()),
        "model_max_length": 256,
        "legacy_behaviour": False,
    }
    write_json(folder / "tokenizer.json", tokenizer_json(pieces), indent=None)
    write_json(folder / "tokenizer_config.json", config)
    write_json(folder / "special_tokens_map.json", special)


def quantise(source: Path, target: Path) -> None:
    """int8 weights with a scale per output channel; activations are quantised as they come."""
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Gather"],
        extra_options={"MatMulConstBOnly": True},
    )


def export(checkpoint: Path, vocabulary: Path, folder: Path, version: str) -> None:
    model = load_model(checkpoint)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    onnx = folder / "onnx"
    onnx.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        onnx_export_from_model(
            model, work, task="text2text-generation-with-past", opset=17, no_post_process=True, monolith=False,
            do_validation=False,
        )
        for name in ("encoder_model", "decoder_model", "decoder_with_past_model"):
            quantise(work / f"{name}.onnx", work / f"{name}_quantized.onnx")
        shutil.copy(work / "encoder_model_quantized.onnx", onnx)
        merge_decoders(
            work / "decoder_model_quantized.onnx",
            work / "decoder_with_past_model_quantized.onnx",
            save_path=onnx / "decoder_model_merged_quantized.onnx",
            # The step with a past does not repeat the keys and values of the encoder.
            strict=False,
        )
    model.config.architectures = ["M2M100ForConditionalGeneration"]
    write_json(folder / "config.json", model.config.to_diff_dict() | {"model_type": "m2m_100"})
    generation = {"bos_token_id": BOS, "pad_token_id": PAD, "eos_token_id": EOS, "decoder_start_token_id": EOS}
    write_json(folder / "generation_config.json", generation | {"max_length": 200})
    write_tokenizer(pieces, folder)
    description = {
        "name": "meeshy-embedded",
        "version": version,
        "family": "m2m100",
        "license": "MIT",
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "languages": TAGS,
    }
    write_json(folder / "model.json", description)


def write_json(path: Path, value: object, indent: int | None = 2) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8")


if __name__ == "__main__":
    checkpoint, vocabulary, folder, version = sys.argv[1:]
    export(Path(checkpoint), Path(vocabulary), Path(folder), version)
