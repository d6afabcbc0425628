#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# load-check.sh SO: the Kamailio that the module was built for must load it
# (version, flags and every symbol), which `kamailio -c` does without starting.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/load.cfg" <<X
listen=udp:127.0.0.1:5999
loadmodule "$(readlink -f "$1")"
request_route {
	exit;
}
X
if ! "$KAMAILIO" -c -Y "$folder" -f "$folder/load.cfg" >"$folder/log" 2>&1; then
	cat "$folder/log"
	echo "0 passed, 1 failed"
	exit 1
fi
echo "$KAMAILIO loads $1"
echo "1 passed, 0 failed"
