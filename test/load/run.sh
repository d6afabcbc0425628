#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Called by `make load`: many phones through four UDP workers, with packet loss.
#   FLOWS=100000   REGISTER, 401, REGISTER, 200 (default 20000)
#   PHONES=2000    that share them
#   RATE=150       phones that begin per second
#   LOST=3         percent of packets lost, in each direction
# And by `make load-mixed`: phones of every kind, and each figure compared.
#   ATTEMPTS=50000 of all kinds together (default 3000)
#   RATE=200       phones that begin per second
#   LONG=1         some fall silent or get no answer: that takes minutes
# And by `make soak`: faults and hostile messages between phones that know what they have to get.
#   MINUTES=15     how long
#   RATE=500       REGISTERs per second, of all together
script=${1:?usage: run.sh load.py|mixed.py|soak.py}
cd "$(dirname "$0")" || exit 1
# Debian's python3 has what Debian's packages brought, whatever else is first in PATH.
for python in /usr/bin/python3 python3; do
	command -v "$python" >/dev/null && exec env PYTHONDONTWRITEBYTECODE=1 "$python" "$script"
done
echo "python3 is missing: 'make test' installs what it needs" >&2
echo "0 passed, 1 failed"
exit 1
