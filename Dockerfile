# The inference server (docs/inference.md, "In a container"). `docker build .` makes the image for processors,
# `docker build --target cuda .` the one for NVIDIA cards. Written for Docker on Linux x64. Neither was built or run where this
# was written, which has no Docker: the doctor's lines during the build, and once in the running container, are what to trust.

FROM node:24-bookworm-slim AS server
WORKDIR /meeshy
COPY package.json package-lock.json ./
# No package's own script runs: ONNX Runtime's would fetch its CUDA provider, for which the processor has no use.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY proto proto
COPY inference inference
# Certificate and fetched models: mount a volume here to keep them.
RUN mkdir data && chown 1000:1000 data
ENV NODE_ENV=production HOST=0.0.0.0 GRPC_PORT=8443 TLS_DIR=/meeshy/data/tls MODELS_DIR=/meeshy/data/models

# What ONNX Runtime's CUDA provider is built for: CUDA 12 and cuDNN 9.
FROM nvidia/cuda:12.9.1-cudnn-runtime-ubuntu24.04 AS cuda
COPY --from=server /usr/local/bin/node /usr/local/bin/node
COPY --from=server /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /meeshy
COPY --from=server /meeshy .
# Microsoft's own installer takes the provider from NuGet, in the version of the package.
RUN ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js && chown 1000:1000 data
ENV NODE_ENV=production HOST=0.0.0.0 GRPC_PORT=8443 TLS_DIR=/meeshy/data/tls MODELS_DIR=/meeshy/data/models
USER 1000:1000
# There is no card while an image is built, but everything else must be there. Fails unless the embedded model serves.
RUN npm run doctor
EXPOSE 8443
CMD ["node", "inference/main.ts"]

FROM server AS cpu
USER 1000:1000
RUN npm run doctor
EXPOSE 8443
CMD ["node", "inference/main.ts"]
