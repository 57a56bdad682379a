# syntax=docker/dockerfile:1
# Only the fake API server, from the package as it is packed. In a checkout:
#   npm pack
#   docker build -f deploy/fake.Dockerfile -t fake-kubernetes .
#   docker run --rm --network host -v "$PWD:/out" fake-kubernetes --write-kubeconfig /out/kubeconfig
# It listens on 127.0.0.1: of the host with --network host, of a pod where it runs beside others.
ARG NODE=node:24-slim

FROM ${NODE} AS install
WORKDIR /app
COPY crd-watcher-*.tgz /tmp/
RUN echo '{"private":true,"type":"module"}' > package.json \
 && npm install --omit=dev --omit=peer --no-audit --no-fund /tmp/crd-watcher-*.tgz

FROM ${NODE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=install /app /app
USER 1000:1000
# The program itself is process 1: it gets SIGTERM. Further flags are appended.
ENTRYPOINT ["node", "/app/node_modules/crd-watcher/dist/cli/main.js", "--mode", "cluster"]
