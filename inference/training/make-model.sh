#!/usr/bin/env bash
# Makes the embedded model anew: trains on the corpus, calibrates, exports to inference/models/embedded.
# usage: [CARD_MINUTES=N] bash inference/training/make-model.sh MINUTES [--resume]
# With CARD_MINUTES the model is grown afterwards, and trained so long on an NVIDIA card.
# Optional and apart from the rest of Meeshy: needs Python 3.11 or newer and about 5 GB for PyTorch.
set -euo pipefail
cd "$(dirname "$0")"
minutes=${1:?"usage: make-model.sh MINUTES [--resume]"}
shift
work=../../.cache/training
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --requirement requirements.txt
fi
python="$work/venv/bin/python"
"$python" validate.py
"$python" -u train.py --minutes "$minutes" --output "$work/run" "$@"
made=$work/run
if [ "${CARD_MINUTES:-0}" != 0 ]; then
  made=$work/card
  mkdir -p "$made"
  cp "$work/run/sentencepiece.model" "$made"
  "$python" train.py --tables "$made/tables.pt" --output "$made"
  "$python" -u train.py --tables "$made/tables.pt" --start "$work/run/checkpoint.pt" --output "$made" --minutes "$CARD_MINUTES" \
    --device cuda --tokens 32000 --encoder-layers 8 --dropout 0.1 --report 15
fi
"$python" export.py "$made/checkpoint.pt" "$made/sentencepiece.model" ../models/embedded "$(date +%Y.%m.%d)"
"$python" corpus.py >"$work/held-out.tsv"
(cd ../.. && npx node inference/evaluation/calibrate.ts inference/models/embedded .cache/training/held-out.tsv)
(cd ../models/embedded && sha256sum -- *.json onnx/*.onnx >SHA256SUMS)
echo "Now: npm run eval:model, and update MODEL_CARD.md."
