#!/usr/bin/env bash
# Installs what is missing on Debian or Ubuntu: as root or with sudo it says what it installs, otherwise it names all
# packages at once and stops.
#   infra/install.sh            Node.js with npm, Deno (from npm), ffmpeg, the project's packages
#   infra/install.sh chromium   the same, and the browser for tests
set -euo pipefail
cd "$(dirname "$0")/.."

DENO_VERSION=2.9.6
TOOLS=.akashi/tools
export PATH="$PWD/$TOOLS/node_modules/.bin:$PATH"

say() { echo "install  $*" >&2; }
have() { command -v "$1" >/dev/null; }

has_deno() { [ "$(deno --version 2>/dev/null | sed -n 's/^deno \([0-9.]*\).*/\1/p')" = "$DENO_VERSION" ]; }

has_browser() {
  for name in chromium chromium-browser google-chrome; do have "$name" && return; done
  ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome >/dev/null 2>&1
}

# Ubuntu's chromium is a stub for a snap, which containers cannot run: Playwright's own build is used there.
is_ubuntu() { grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; }

missing_packages() { # with chromium or without
  has_deno || have npm || echo nodejs npm ca-certificates
  { have ffmpeg && have ffprobe; } || echo ffmpeg
  [ "${1:-}" = chromium ] || return 0
  has_browser || is_ubuntu || echo chromium
  have curl || echo curl
}

install_packages() {
  local root=()
  [ $# -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || root=(sudo -n)
  if ! "${root[@]}" true 2>/dev/null; then
    say "these packages are missing, and this is not root. Install them with:"
    say "  sudo apt-get install --no-install-recommends $*"
    exit 1
  fi
  have apt-get || { say "these are missing, and there is no apt-get to install them with: $*"; exit 1; }
  say "installing from the distribution: $*"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

install_deno() {
  say "installing Deno $DENO_VERSION from npm into $TOOLS"
  npm install --silent --no-fund --no-audit --prefix "$TOOLS" "deno@$DENO_VERSION" >/dev/null
}

# shellcheck disable=SC2046 # names of packages, one word each
install_packages $(missing_packages "${1:-}")
has_deno || install_deno
infra/compose/make_env.sh
[ -e node_modules/.deno ] || { say "fetching packages"; deno install --frozen --quiet; }
if [ "${1:-}" = chromium ] && ! has_browser; then
  say "Chromium is missing: installing Playwright's build"
  deno run -A npm:playwright@1.65.1 install --with-deps chromium
fi
