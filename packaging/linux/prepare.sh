# Sourced by ./run and ./test: what a Debian machine needs, installed once and said aloud.

say() { printf '\033[1m%s\033[0m\n' "$*"; }

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
target=$CARGO_TARGET_DIR
# Every build names the same crates and features, so that none is built twice.
one_set_of_features='--features desktop-app/custom-protocol'

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "these packages are missing and there is no sudo: ask an administrator for: $*" >&2; return 1
  fi
}

# Installs those of the named packages that are missing.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  say "installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 install "${missing[@]}" >/dev/null
}

# gcc and friends for crates that build C; libclang for the camera's bindings; OpenSSL for SQLCipher.
need_build_packages() {
  need_packages build-essential pkg-config cmake libssl-dev libclang1-14 curl ca-certificates
  command -v cargo >/dev/null || { echo "Rust is missing: install it with rustup, then run this again" >&2; return 1; }
}

need_window_packages() { need_packages libwebkit2gtk-4.1-dev fonts-noto-core; }

need_test_packages() { need_packages xvfb webkit2gtk-driver chromium fonts-dejavu-core strace python3-venv postgresql-15; }

need_node_modules() {
  command -v npm >/dev/null || { echo "Node.js is missing: version 20.19 or later, then run this again" >&2; return 1; }
  local stamp=node_modules/.from-lock
  if ! cmp -s package-lock.json "$stamp"; then
    say "installing what the screens are built with"
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
  fi
}

# Builds the screens when anything they are made of is newer than what was built.
build_screens() {
  local built=desktop-app/ui/dist/.built
  if [ ! -e "$built" ] || [ ! -e sync-server/console/dist/index.html ] || [ -n "$(find shared-model/web desktop-app/ui sync-server/console package.json package-lock.json \
      -newer "$built" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/compiled/*' -print -quit)" ]; then
    say "building the screens"
    npm run --silent build
    touch "$built"
  fi
}

build_programs() {
  say "building the programs (the first time takes some minutes)"
  cargo build --locked --workspace --bins $one_set_of_features
}
