# Flotilla in a container. Its jobs run on the Docker engine whose socket is mounted into it.
#
#   docker build -t flotilla .
#   docker run -p 127.0.0.1:3000:3000 -v flotilla:/var/lib/flotilla -v /var/run/docker.sock:/var/run/docker.sock flotilla
#
# BUILD_IMAGE, RUNTIME_IMAGE  Debian 12 by another name, where no registry can be reached
# CA_CERTIFICATES             authorities, in PEM, that the build trusts besides: --build-arg CA_CERTIFICATES="$(cat ca.pem)"
ARG BUILD_IMAGE=debian:12
ARG RUNTIME_IMAGE=debian:12-slim

FROM $BUILD_IMAGE AS build
ARG CA_CERTIFICATES
WORKDIR /source
# npm believes those authorities too.
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
COPY tools tools
RUN tools/trust "$CA_CERTIFICATES" && tools/packages build
COPY . .
RUN tools/build release flotilla && strip build/release/flotilla
# The packages whose libraries it needs.
RUN ldd build/release/flotilla | awk '$3 ~ "^/" { print $3 }' | xargs -n 1 basename | sed 's|^|*/|' \
    | xargs dpkg -S | cut -d : -f 1 | sort -u >/packages

FROM $RUNTIME_IMAGE
ARG CA_CERTIFICATES
COPY --from=build /packages /source/tools/trust /tmp/
RUN /tmp/trust "$CA_CERTIFICATES" && apt-get update \
    && xargs apt-get install -y --no-install-recommends ca-certificates curl skopeo </tmp/packages \
    && rm -rf /var/lib/apt/lists/* /tmp/*
COPY --from=build /source/build/release/flotilla /usr/local/bin/
COPY deploy/docker/config.yml /etc/flotilla/
VOLUME /var/lib/flotilla
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s CMD curl --fail --silent --output /dev/null http://127.0.0.1:3000/health
CMD ["flotilla", "serve", "--config", "/etc/flotilla"]
