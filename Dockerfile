# One image for every process: docker run akashi [server | worker | scheduler | migrate | audit | backup | user | health].
# For reproducible builds pass digests: --build-arg BASE=debian:trixie-slim@sha256:… --build-arg DENO=…
ARG BASE=debian:trixie-slim
ARG DENO=denoland/deno:bin-2.9.6

FROM ${DENO} AS deno

FROM ${BASE} AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates >/dev/null
COPY --from=deno /deno /usr/local/bin/deno
ENV DENO_NO_UPDATE_CHECK=1
WORKDIR /app
COPY deno.json deno.lock ./
COPY islands/deno.json islands/
COPY tests/e2e/deno.json tests/e2e/
COPY tests/faults/deno.json tests/faults/
RUN deno install --quiet --frozen

# Run-time packages only: without those for building and tests, and without the embedded parts, which production refuses.
FROM build AS packages
COPY infra/image/prune infra/image/
RUN infra/image/prune node_modules

FROM build AS program
COPY lib lib
COPY islands islands
COPY infra infra
RUN deno run -A infra/islands.ts
COPY routes routes
COPY workers workers
# Transpiled at build time, because the container's file system is read-only.
RUN DENO_DIR=/deno-dir deno cache --quiet --frozen --node-modules-dir=manual routes/main.ts workers/main.ts workers/scheduler.ts \
    infra/audit.ts infra/backup.ts infra/migrate.ts infra/user.ts \
 && rm -rf /deno-dir/*_cache_v* /deno-dir/npm /deno-dir/latest.txt

FROM ${BASE}
COPY infra/image/install_tools /tmp/
RUN /tmp/install_tools && rm /tmp/install_tools
COPY --from=deno /deno /usr/local/bin/deno
# A V8 young generation of 2 MB instead of 16 frees upload buffers sooner: about 75 MB less memory per server.
ENV DENO_V8_FLAGS=--max-semi-space-size=2
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 AKASHI_DATA_DIR=/data METRICS_PORT=9464
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=packages /app/deno.json /app/deno.lock ./
COPY --from=packages /app/tests tests
COPY infra/image/entrypoint /usr/local/bin/akashi
COPY --from=program /app/dist dist
COPY --from=program /deno-dir /deno-dir
COPY islands/deno.json islands/
COPY infra/audit.ts infra/backup.ts infra/migrate.ts infra/user.ts infra/
COPY infra/migrations infra/migrations
COPY lib lib
COPY routes routes
COPY workers workers
# Without useradd, which records the date: the image must be reproducible.
RUN echo 'akashi:x:10001:10001:Akashi:/data:/usr/sbin/nologin' >>/etc/passwd && echo 'akashi:x:10001:' >>/etc/group \
 && install -d -o akashi -g akashi -m 700 /data && rm -f /etc/*- /var/log/*log
USER 10001:10001
VOLUME /data
EXPOSE 8000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["akashi", "health"]
ENTRYPOINT ["tini", "--", "akashi"]
CMD ["server"]
ARG VERSION=dev
ARG REVISION=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title="Akashi" \
      org.opencontainers.image.description="Media asset manager: server, worker, scheduler, migration and shell" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
