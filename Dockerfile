# Edgewise as an image: compiled, without the demo, the local workspace and the tools of development. Runs as user 10001, writes only to
# DATA_DIR and /tmp, so it works with a read-only root file system.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-fund --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY .ci/build.ts .ci/build.ts
COPY src src
RUN npm run build && npm prune --omit=dev --no-fund --no-audit

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    LISTEN=0.0.0.0:8080 \
    OPS_LISTEN=0.0.0.0:9091 \
    DATA_DIR=/var/lib/edgewise
WORKDIR /app
COPY package.json LICENSE THIRD_PARTY_NOTICES ./
COPY templates templates
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
RUN mkdir -p /var/lib/edgewise && chown 10001:10001 /var/lib/edgewise
USER 10001:10001
VOLUME /var/lib/edgewise
EXPOSE 8080 9091
ENTRYPOINT ["node", "dist/entry.cjs"]
CMD ["serve"]
