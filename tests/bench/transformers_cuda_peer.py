"""NLLB-200-distilled-600M's shape with random weights in transformers' own greedy search, half precision, for bench:cuda.

    python transformers_cuda_peer.py < {"batches": [rows, ...], "tokens": N, "seconds": S} > [{"rows": N, "seconds": [...]}, ...]
"""

import json
import sys
import time

import torch
from transformers import M2M100ForConditionalGeneration

from large_model import config


def main() -> None:
    jobs = json.load(sys.stdin)
    torch.manual_seed(1)
    with torch.device("cuda"):
        model = M2M100ForConditionalGeneration(config()).half().eval()
    tokens, results = jobs["tokens"], []
    for rows in jobs["batches"]:
        durations: list[float] = []
        until = None
        while until is None or time.perf_counter() < until:
            ids = torch.randint(100, 200_000, (rows, tokens), device="cuda")
            mask = torch.ones_like(ids)
            torch.cuda.synchronize()
            began = time.perf_counter()
            model.generate(ids, attention_mask=mask, num_beams=1, do_sample=False, forced_bos_token_id=1_000,
                           min_new_tokens=tokens + 1, max_new_tokens=tokens + 1).cpu()  # fmt: skip
            durations.append(time.perf_counter() - began)
            if until is None and len(durations) == 2:
                durations.clear()
                until = time.perf_counter() + jobs["seconds"]
        results.append({"rows": rows, "seconds": durations})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
