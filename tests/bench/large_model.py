"""Makes an export in the shape of NLLB-200-distilled-600M with random weights, in half precision, for bench:cuda.

    python large_model.py graphs FOLDER     exports the graphs; needs torch, transformers, optimum-onnx and onnxruntime
    python large_model.py weights FOLDER    makes the weights beside them; needs onnx and numpy

In two steps, so that the graphs can be made on one machine and the two gigabytes of weights on the one with the card.
"""

import shutil
import sys
import tempfile
from pathlib import Path

#: Bytes of a tensor that is kept in the graph itself.
SMALL = 1 << 14


def config():
    from transformers import M2M100Config

    return M2M100Config(
        vocab_size=256_206, d_model=1024, encoder_layers=12, decoder_layers=12, encoder_attention_heads=16,
        decoder_attention_heads=16, encoder_ffn_dim=4096, decoder_ffn_dim=4096, max_position_embeddings=1024, dropout=0.0,
        attention_dropout=0.0, activation_dropout=0.0, encoder_layerdrop=0.0, decoder_layerdrop=0.0, scale_embedding=True,
        activation_function="relu", pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2,
    )  # fmt: skip


def tensors_of(graph):
    """The weights of a graph and of the graphs in its nodes."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from tensors_of(attribute.g)


def graphs(folder: Path) -> None:
    import onnx
    import torch
    from onnxruntime.transformers.float16 import convert_float_to_float16
    from optimum.exporters.onnx import main_export
    from transformers import M2M100ForConditionalGeneration

    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        saved, exported = Path(scratch) / "saved", Path(scratch) / "exported"
        torch.manual_seed(1)
        M2M100ForConditionalGeneration(config()).save_pretrained(saved)
        main_export(str(saved), output=str(exported), task="text2text-generation-with-past", do_validation=False,
                    no_post_process=True)  # fmt: skip
        shutil.copy(exported / "config.json", folder / "config.json")
        for name in ("encoder_model", "decoder_model", "decoder_with_past_model"):
            half = convert_float_to_float16(onnx.load(exported / f"{name}.onnx"), keep_io_types=False, disable_shape_infer=True)
            offset = 0
            for tensor in tensors_of(half.graph):
                size = len(tensor.raw_data)
                if size < SMALL:
                    continue
                tensor.ClearField("raw_data")
                tensor.data_location = onnx.TensorProto.EXTERNAL
                entries = {"location": f"{name}_fp16.weights", "offset": str(offset), "length": str(size)}
                for key, value in entries.items():
                    tensor.external_data.add(key=key, value=value)
                offset += -(-size // 4096) * 4096
            onnx.save(half, folder / "onnx" / f"{name}_fp16.onnx")
            print(f"{name}: {offset:,} bytes of weights")


def weights(folder: Path) -> None:
    import numpy
    import onnx

    pool = (numpy.random.default_rng(1).standard_normal(1 << 24, dtype=numpy.float32) * 0.03).astype(numpy.float16).tobytes()
    for path in (folder / "onnx").glob("*_fp16.onnx"):
        for tensor in tensors_of(onnx.load(path, load_external_data=False).graph):
            if tensor.data_location != onnx.TensorProto.EXTERNAL:
                continue
            where = {entry.key: entry.value for entry in tensor.external_data}
            target = path.parent / where["location"]
            target.touch()
            with target.open("r+b") as file:
                file.seek(int(where["offset"]))
                left = int(where["length"])
                while left > 0:
                    left -= file.write(pool[: min(left, len(pool))])


if __name__ == "__main__":
    {"graphs": graphs, "weights": weights}[sys.argv[1]](Path(sys.argv[2]))
