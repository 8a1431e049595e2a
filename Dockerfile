# Built from the hashed lock, in two stages; runs as a user without rights.
#   docker build -t muster . && docker run -p 127.0.0.1:8080:8080 -v muster:/var/lib/muster muster
# BASE may be any image with python3 (3.11 or newer) and its venv module.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
RUN python3 -m venv /opt/venv
WORKDIR /opt/muster
COPY requirements.lock ./
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
# What the pages load, built once; neither Node.js nor its packages go into the image.
COPY requirements-web.lock ./
RUN python3 -m venv /opt/web && /opt/web/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-web.lock
COPY web web
RUN mkdir -p server/static && /opt/web/bin/python web/build.py
COPY pyproject.toml README.md LICENSE ./
COPY server server
COPY processes processes
COPY forms forms
COPY organisation organisation
# The package stays where its processes and forms are: `muster serve` deploys them from beside it.
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --editable . \
    && /opt/venv/bin/python -m compileall -q /opt/muster/server \
    && rm -r web

FROM ${BASE}
RUN groupadd --gid 10001 muster \
    && useradd --uid 10001 --gid muster --home-dir /var/lib/muster --create-home --skel /dev/null --shell /usr/sbin/nologin muster
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/muster /opt/muster
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MUSTER_DATA_DIR=/var/lib/muster \
    MUSTER_BIND=0.0.0.0:8080
USER muster
WORKDIR /var/lib/muster
VOLUME /var/lib/muster
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['MUSTER_BIND'].rpartition(':')[2] + '/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
# An installation of one's own starts without the example district and its people.
CMD ["muster", "serve", "--no-demo"]
