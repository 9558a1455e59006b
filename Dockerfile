# scoremill as a container: docker run --rm -v "$PWD:/work" scoremill run jobs/churn.yaml
# The user is 1000; where the output belongs to somebody else, give --user.

FROM node:20-slim AS build
# Models with text operators load only where this locale is installed.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends locales \
 && localedef --no-archive -i en_US -f UTF-8 en_US.UTF-8
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN node_modules/.bin/tsc -p tsconfig.build.json
# Without the tools, and without ONNX Runtime for other systems (200 MB).
RUN npm prune --omit=dev \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d \
      ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} +

FROM node:20-slim
ENV NODE_ENV=production
COPY --from=build /usr/lib/locale/en_US.utf8 /usr/lib/locale/en_US.utf8
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["--help"]
