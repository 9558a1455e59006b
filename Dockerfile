# scoremill as a container: docker run --rm -v "$PWD:/work" scoremill run jobs/churn.yaml
# It runs as user 1000, on a read-only root file system if asked to (--read-only --tmpfs /tmp). See docs/operations.md.

ARG NODE_IMAGE=node:20-slim

FROM ${NODE_IMAGE} AS build
# Models with text operators load only where this locale is installed; tini is process 1 of the container.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends locales tini \
 && localedef --no-archive -i en_US -f UTF-8 en_US.UTF-8
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY build build
COPY src src
RUN npm run build
# Without the tools, and without ONNX Runtime for other systems (200 MB).
RUN npm prune --omit=dev \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d \
      ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} + \
 && find node_modules/onnxruntime-node/bin -type d -empty -delete

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
COPY --from=build /usr/lib/locale/en_US.utf8 /usr/lib/locale/en_US.utf8
# Process 1 ignores signals that it does not handle: tini hands them on, so every command can be stopped.
COPY --from=build /usr/bin/tini /usr/bin/tini
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["tini", "--", "node", "/app/dist/cli/main.js"]
CMD ["--help"]
