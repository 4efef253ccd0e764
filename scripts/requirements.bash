# Sourced by the scripts beside it: finds Swift, and installs what is missing on Debian and Ubuntu.

# shellcheck disable=SC2034 # used by the scripts that source this one
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "== $*" >&2; }
fail() {
    printf '%s\n' "$(basename "$0"): $*" >&2
    exit 69
}

# Puts the folder of `swift` on the PATH.
find_swift() {
    local folder
    for folder in "" /opt/swift/usr/bin "${HOME:-/root}/.local/share/swiftly/bin" /usr/local/swift/usr/bin; do
        if [ -n "$folder" ]; then
            [ -x "$folder/swift" ] || continue
            PATH=$folder:$PATH
            export PATH
        fi
        command -v swift >/dev/null || continue
        say "$(swift --version 2>/dev/null | head -n 1)"
        return
    done
    fail "swift is not on the PATH; get Swift 6.2 or newer from https://swift.org/install"
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the named packages that are missing; asks the network for nothing when none is.
install_packages() {
    local package missing=() as_root=()
    if ! command -v apt-get >/dev/null; then
        say "this is neither Debian nor Ubuntu: make sure yourself that there is what these packages bring: $*"
        return
    fi
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "missing: ${missing[*]}; install them as root with: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -q >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# What Swift needs to build us: the system libraries we use, and what a bare system may lack besides.
build_packages=(libhiredis-dev libssl-dev redis-server git ca-certificates pkg-config libc6-dev)
if ! compgen -G '/usr/include/c++/*' >/dev/null; then
    build_packages+=(g++)
fi
