#!/usr/bin/env bash
# Makes the embedded model anew: trains on the corpus, calibrates, exports to inference/models/embedded.
# usage: bash inference/training/make-model.sh MINUTES [--resume]
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
"$python" export.py "$work/run/checkpoint.pt" "$work/run/sentencepiece.model" ../models/embedded "$(date +%Y.%m.%d)"
"$python" corpus.py >"$work/held-out.tsv"
(cd ../.. && npx node inference/evaluation/calibrate.ts inference/models/embedded .cache/training/held-out.tsv)
(cd ../models/embedded && sha256sum -- *.json onnx/*.onnx >SHA256SUMS)
echo "Now: npm run eval:model, and update MODEL_CARD.md."
