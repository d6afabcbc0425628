#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What one REGISTER costs with the module off and on; see bench.py for options.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-build}
KAMAILIO=${KAMAILIO:-kamailio}
export BUILD KAMAILIO
mkdir -p "$BUILD/bench"
${CC:-gcc} -O2 -o "$BUILD/bench/register_load" "$here/register_load.c"
# Debian's, whatever else is first in PATH
python=/usr/bin/python3
[ -x $python ] || python=python3
exec $python -B "$here/bench.py"
