#!/usr/bin/env bash
# Installs what is missing on Debian or Ubuntu. Without root it prints the packages to install instead.
#   infra/install.sh            Deno (from npm), ffmpeg, the project's packages
#   infra/install.sh chromium   the browser for tests
set -euo pipefail
cd "$(dirname "$0")/.."

DENO_VERSION=2.9.6
TOOLS=.akashi/tools

say() { echo "install  $*" >&2; }

packages() { # what for, packages…
  local purpose=$1; shift
  local root=()
  [ "$(id -u)" = 0 ] || root=(sudo -n)
  if ! "${root[@]}" true 2>/dev/null; then
    say "$purpose is missing and this is not root. Install it with: sudo apt-get install $*"
    exit 1
  fi
  say "$purpose is missing: installing $*"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

require_deno() {
  [ "$(deno --version 2>/dev/null | sed -n 's/^deno \([0-9.]*\).*/\1/p')" = "$DENO_VERSION" ] && return
  command -v npm >/dev/null || { say "npm is missing: install Node.js 18 or newer first"; exit 1; }
  say "installing Deno $DENO_VERSION from npm into $TOOLS"
  npm install --silent --no-fund --no-audit --prefix "$TOOLS" "deno@$DENO_VERSION" >/dev/null
}

require_browser() {
  for name in chromium chromium-browser google-chrome; do command -v "$name" >/dev/null && return; done
  ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome >/dev/null 2>&1 && return
  # Ubuntu's package is a stub for a snap, which containers cannot run: take Playwright's own build there.
  if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
    say "Chromium is missing: installing Playwright's build"
    deno run -A npm:playwright@1.65.1 install --with-deps chromium
  else
    packages Chromium chromium
  fi
}

export PATH="$PWD/$TOOLS/node_modules/.bin:$PATH"
case "${1:-}" in
chromium)
  require_browser
  command -v curl >/dev/null || packages curl curl
  ;;
*)
  require_deno
  { command -v ffmpeg && command -v ffprobe; } >/dev/null || packages ffmpeg ffmpeg
  infra/compose/make_env.sh
  [ -e node_modules/.deno ] || { say "fetching packages"; deno install --frozen --quiet; }
  ;;
esac
