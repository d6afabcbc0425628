#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# wire.sh: runs wire.py in a network namespace in which every address is the loopback's: whatever a mutated Via, Contact or
# Route names, no packet leaves it. Ends with "N passed, N failed".
#   COUNT=1000000   mutated REGISTERs (default 20000)
#   FUZZ_SEED=1     another row of them
set -u
here=$(dirname "$0")
python=/usr/bin/python3
[ -x $python ] || python=python3
inside='ip link set lo up && ip route add local default dev lo && exec "$@"'
for unshare in "unshare --net" "unshare --user --map-root-user --net"; do
	if $unshare sh -c "$inside" sh true 2>/dev/null; then
		# shellcheck disable=SC2086
		exec $unshare sh -c "$inside" sh env PYTHONDONTWRITEBYTECODE=1 $python "$here/wire.py"
	fi
done
echo "no network namespace can be made here: skipped (it takes root, or user namespaces)"
echo "0 passed, 0 failed"
