"""Makes the tiny checkpoints that the engine's tests translate with, and says what transformers itself makes of them.

Random weights in the architectures of NLLB-200, T5, mT5 and MADLAD-400, exported by Optimum. Run it in an environment
with torch, transformers, optimum-onnx, onnxruntime and sentencepiece:

    python inference/engine/testing/make-checkpoints.py [NAME...]
"""

import gzip
import json
import shutil
import sys
import tempfile
from pathlib import Path

import onnx
import sentencepiece
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16
from optimum.exporters.onnx import main_export
from optimum.onnxruntime import ORTModelForSeq2SeqLM
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    MT5Config,
    MT5ForConditionalGeneration,
    NllbTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
    T5TokenizerFast,
)

LANGUAGES = ["en", "fr", "de", "es"]
FLORES = {"en": "eng_Latn", "fr": "fra_Latn", "de": "deu_Latn", "es": "spa_Latn"}
NAMES = {"en": "English", "fr": "French", "de": "German", "es": "Spanish"}
TEXTS = [
    "Good morning!",
    "I will be a little late because the train stopped between two stations again.",
    "On se retrouve demain matin ?",
    "Danke, bis gleich.",
    "¿Dónde estás? Te espero aquí desde las tres.",
    "Yes",
]
PAIRS = [("en", "fr"), ("en", "de"), ("fr", "en"), ("de", "es"), ("es", "en"), ("en", "es")]
LIMIT = 12


def vocabulary(folder: Path, special: dict, symbols: list[str]) -> Path:
    """A SentencePiece model of the texts themselves."""
    prefix = folder / "sentencepiece"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 20),
        model_prefix=str(prefix),
        vocab_size=120 + len(symbols),
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",
        user_defined_symbols=symbols,
        minloglevel=2,
        **special,
    )
    return prefix.with_suffix(".model")


def lively(model, seed: int, embedding: float = 1.0, weights: float = 1.6):
    """Weights large enough that a translation wanders through the vocabulary and the likeliest token is clearly so."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() > 1:
                is_embedding = any(part in name for part in ["shared", "lm_head", "embed"])
                scale = embedding if is_embedding else weights * weight.shape[-1] ** -0.5
                weight.copy_(torch.randn(weight.shape, generator=generator) * scale)
    return model.eval()


T5_SHAPE = dict(
    d_model=16, d_kv=12, d_ff=32, num_layers=2, num_decoder_layers=2, num_heads=2, relative_attention_num_buckets=8,
    relative_attention_max_distance=20, dropout_rate=0.0, max_length=None,
)  # fmt: skip


def nllb(folder: Path):
    spm = vocabulary(folder, dict(unk_id=0, bos_id=1, eos_id=2, pad_id=-1), [])
    tokenizer = NllbTokenizerFast(vocab_file=str(spm), additional_special_tokens=[FLORES[code] for code in LANGUAGES])
    config = M2M100Config(
        vocab_size=len(tokenizer), d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=64, dropout=0.0,
        attention_dropout=0.0, activation_dropout=0.0, encoder_layerdrop=0.0, decoder_layerdrop=0.0, scale_embedding=True,
        activation_function="relu", pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2,
    )  # fmt: skip

    def encode(text, source, target):
        tokenizer.src_lang = FLORES[source]
        return tokenizer(text).input_ids, {"forced_bos_token_id": tokenizer.convert_tokens_to_ids(FLORES[target])}

    languages = {code: FLORES[code] for code in LANGUAGES}
    return tokenizer, M2M100ForConditionalGeneration(config), encode, {"family": "m2m100", "languages": languages}


def t5_like(config_class, model_class, prompt, languages, special, symbols, **settings):
    def make(folder: Path):
        spm = vocabulary(folder, special, symbols)
        pieces = {"unk_id": "unk_token", "pad_id": "pad_token", "eos_id": "eos_token"}
        processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))
        tokens = {name: processor.id_to_piece(special[key]) for key, name in pieces.items()}
        tokenizer = T5TokenizerFast(vocab_file=str(spm), extra_ids=0, **tokens)
        config = config_class(
            vocab_size=len(tokenizer), pad_token_id=special["pad_id"], eos_token_id=special["eos_id"],
            **{**T5_SHAPE, **settings},
        )  # fmt: skip

        def encode(text, source, target):
            filled = prompt.replace("{source}", languages[source]).replace("{target}", languages[target])
            return tokenizer(filled.replace("{text}", text)).input_ids, {}

        identity = {"family": "t5", "prompt": prompt, "languages": languages}
        return tokenizer, model_class(config), encode, identity

    return make


SAME = {code: code for code in LANGUAGES}
BY_NAME = "translate {source} to {target}: {text}"
FAMILIES = {
    # Name: how it is made, its weights, and which files are kept.
    "nllb": (nllb, dict(seed=236, embedding=0.3, weights=3.0), ["merged", "merged_quantized", "merged_fp16"]),
    "t5": (
        t5_like(T5Config, T5ForConditionalGeneration, BY_NAME, NAMES, dict(pad_id=0, eos_id=1, unk_id=2, bos_id=-1), [],
                feed_forward_proj="relu", decoder_start_token_id=0),
        dict(seed=209), ["pair", "pair_quantized"],
    ),
    "mt5": (
        t5_like(MT5Config, MT5ForConditionalGeneration, "{target}: {text}", SAME,
                dict(pad_id=0, eos_id=1, unk_id=2, bos_id=-1), [], feed_forward_proj="gated-gelu",
                tie_word_embeddings=False, decoder_start_token_id=0),
        dict(seed=113), ["merged", "pair_fp16"],
    ),
    "madlad": (
        t5_like(T5Config, T5ForConditionalGeneration, "<2{target}> {text}", SAME,
                dict(unk_id=0, pad_id=1, eos_id=2, bos_id=-1, pad_piece="<s>"), [f"<2{code}>" for code in LANGUAGES],
                feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0),
        dict(seed=266), ["merged", "merged_quantized"],
    ),
}  # fmt: skip


def variants(folder: Path) -> None:
    for path in list(folder.glob("*.onnx")):
        small = path.with_stem(f"{path.stem}_quantized")
        quantize_dynamic(path, small, weight_type=QuantType.QInt8, extra_options={"EnableSubgraph": True})
        half = convert_float_to_float16(onnx.load(path), keep_io_types=False, disable_shape_infer=True)
        onnx.save(half, path.with_stem(f"{path.stem}_fp16"))


def graphs(kept: list[str]) -> list[str]:
    decoders = {"merged": ["decoder_model_merged"], "pair": ["decoder_model", "decoder_with_past_model"]}
    names = []
    for one in kept:
        layout, _, suffix = one.partition("_")
        suffix = f"_{suffix}" if suffix else ""
        names += [f"{name}{suffix}.onnx" for name in ["encoder_model", *decoders[layout]]]
    return names


def generate(model, ids: list[int], forced: dict) -> list[int]:
    """What transformers' greedy search says, without start and language, with its end."""
    output = model.generate(
        torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), num_beams=1, do_sample=False,
        max_new_tokens=LIMIT + len(forced), **forced,
    )  # fmt: skip
    return output[0].tolist()[1 + len(forced) :]


def make(name: str, target: Path) -> None:
    build, weights, kept = FAMILIES[name]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tokenizer, model, encode, identity = build(folder)
        lively(model, **weights)
        saved, exported = folder / "saved", folder / "exported"
        model.save_pretrained(saved)
        tokenizer.save_pretrained(saved)
        main_export(str(saved), output=str(exported), task="text2text-generation-with-past", do_validation=False)
        variants(exported)
        prompts = [(text, source, goal, *encode(text, source, goal)) for text, (source, goal) in zip(TEXTS, PAIRS)]
        cases = [
            {
                "text": text, "from": source, "to": goal, "source": ids,
                # Half precision says what full precision says; eight bits do not have to.
                "output": generate(model, ids, forced),
            }
            for text, source, goal, ids, forced in prompts
        ]  # fmt: skip
        quantized_layout = next((one for one in kept if one.endswith("_quantized")), None)
        if quantized_layout is not None:
            encoder, *decoders = graphs([quantized_layout])
            names = ["decoder_file_name", "decoder_with_past_file_name"]
            quantized = ORTModelForSeq2SeqLM.from_pretrained(
                exported, use_merged=len(decoders) == 1, encoder_file_name=encoder, **dict(zip(names, decoders))
            )
            for case, (*_, ids, forced) in zip(cases, prompts):
                case["quantized"] = generate(quantized, ids, forced)
        target.mkdir(parents=True, exist_ok=True)
        description = {"name": f"tiny-{name}", "version": "1", "license": "MIT", **identity}
        for file, content in {"model.json": description, "cases.json": {"limit": LIMIT, "cases": cases}}.items():
            (target / file).write_text(json.dumps(content, ensure_ascii=False) + "\n")
        for file in ["config.json", "tokenizer.json", "tokenizer_config.json"]:
            shutil.copy(exported / file, target / file)
        for file in graphs(kept):
            # A fixed time stamp: the same weights are the same file.
            (target / f"{file}.gz").write_bytes(gzip.compress((exported / file).read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    for name in sys.argv[1:] or FAMILIES:
        make(name, Path(__file__).parent / "checkpoints" / name)
