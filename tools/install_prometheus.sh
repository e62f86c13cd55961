#!/bin/sh
# Install Debian's `prometheus` package (it brings `promtool`) for the tests marked `prometheus`, and for trying the
# rules by hand. Needs root and apt-get. Running it again changes nothing. No daemon is left running or enabled:
# the package starts one by default, and a test machine must not scrape anything.
set -eu

policy=/usr/sbin/policy-rc.d
kept=""

put_policy_back() {
    rm -f "$policy"
    if [ -n "$kept" ]; then
        mv "$kept" "$policy"
    fi
}

install_without_starting() {
    # invoke-rc.d asks this file; 101 means "do not start". A file that is there already comes back afterwards.
    if [ -e "$policy" ] || [ -L "$policy" ]; then
        kept="$policy.before-thidua"
        mv "$policy" "$kept"
    fi
    trap put_policy_back EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends prometheus
    if command -v systemctl > /dev/null; then
        systemctl disable --quiet prometheus.service
    fi
}

if ! command -v promtool > /dev/null || ! command -v prometheus > /dev/null; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "install_prometheus.sh: run it as root, or install Debian's package prometheus yourself." >&2
        exit 1
    fi
    install_without_starting
fi

prometheus --version
promtool --version
