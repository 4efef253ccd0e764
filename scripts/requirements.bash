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

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

update_packages() { as_root apt-get update -q >&2; }

# Installs those of the named packages that are missing; asks the network for nothing when none is.
install_packages() {
    local package missing=()
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
    fi
    say "installing ${missing[*]}"
    update_packages
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# Takes one program out of a package without installing that: PACKAGE, the program's path in it, where to put it. A whole Prometheus would begin
# to run as a service.
fetch_program() {
    local package=$1 inside=$2 file=$3 folder
    [ ! -x "$file" ] || return 0
    mkdir -p "$(dirname "$file")"
    if ! command -v apt-get >/dev/null; then
        command -v "$(basename "$inside")" >/dev/null || fail "$(basename "$inside") is missing"
        ln -sf "$(command -v "$(basename "$inside")")" "$file"
        return
    fi
    say "fetching $(basename "$inside") from the package $package"
    folder=$(mktemp -d)
    if ! (cd "$folder" && { apt-get download -q "$package" || { update_packages && apt-get download -q "$package"; }; } >&2); then
        rm -rf "$folder"
        fail "the package $package cannot be downloaded"
    fi
    dpkg-deb --fsys-tarfile "$folder"/*.deb | tar --extract --directory="$folder" "./$inside"
    mv "$folder/$inside" "$file"
    rm -rf "$folder"
}

# What Swift needs to build us: the system libraries we use, and what a bare system may lack besides.
build_packages=(libhiredis-dev libssl-dev redis-server git ca-certificates pkg-config libc6-dev)
if ! compgen -G '/usr/include/c++/*' >/dev/null; then
    build_packages+=(g++)
fi
