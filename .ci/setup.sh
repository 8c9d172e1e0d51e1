#!/bin/sh
# Finds what the project needs from the system, installs it where it may, and otherwise says in one sentence how.
#   setup.sh make              GNU make is there
#   setup.sh python            prints a Python that is new enough and can make virtual environments
#   setup.sh chromium PYTHON   a Chromium is there, best one that has no window at all, which takes two thirds of the
#                              time; PYTHON is the one that Playwright is installed in
set -u

quit() {
    echo "$1" >&2
    exit 1
}

# Installs Debian packages when we are root; says nothing unless it fails.
install_as_root() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    echo "Installing $* with apt-get" >&2
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if { apt-get -o DPkg::Lock::Timeout=300 update &&
        apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        new_enough "$name" && echo "$name" && return 0
    done
    return 1
}

makes_environments() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

need_python() {
    python=$(find_python) || { install_as_root python3 python3-venv && python=$(find_python); } ||
        quit "Kutsu needs Python 3.11 or newer: run 'sudo apt-get install python3 python3-venv' (Debian 12 and later have it)."
    makes_environments "$python" || { install_as_root python3-venv && makes_environments "$python"; } ||
        quit "$python cannot make virtual environments: run 'sudo apt-get install python3-venv'."
    echo "$python"
}

find_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null && return 0
    done
    return 1
}

has_own_chromium() {
    "$1" - 2>/dev/null <<'EOF'
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.path.exists(playwright.chromium.executable_path))
EOF
}

runs_playwright() {
    "$1" -m playwright --version >/dev/null 2>&1
}

need_chromium() {
    sentence="The browser tests need Chromium and libatomic: run 'sudo apt-get install chromium libatomic1'."
    runs_playwright "$1" || { install_as_root libatomic1 && runs_playwright "$1"; } || quit "$sentence"
    command -v chromium-headless-shell >/dev/null ||
        install_as_root chromium-headless-shell fonts-dejavu-core || find_chromium ||
        install_as_root chromium fonts-dejavu-core || has_own_chromium "$1" ||
        "$1" -m playwright install chromium >/dev/null 2>&1 ||
        quit "$sentence"
}

need_make() {
    command -v make >/dev/null || install_as_root make ||
        quit "Kutsu needs GNU make: run 'sudo apt-get install make'."
}

case "${1:-}" in
make) need_make ;;
python) need_python ;;
chromium) need_chromium "$2" ;;
*) quit "setup.sh knows make, python and chromium, not '${1:-}'." ;;
esac
