#!/bin/sh
# Installs what the browser tests need where that is possible without asking: on Debian and Ubuntu, as root.
# Elsewhere these tests are skipped, and `make test` says so at its end.
set -u
for name in chromium chromium-browser google-chrome-stable google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo 'Installing Chromium and a Chinese font for the browser tests (once) …'
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei; } >/dev/null ||
    echo 'Chromium could not be installed: the browser tests will be skipped.'
fi
exit 0
