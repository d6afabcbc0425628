#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What one REGISTER costs with the module off and on (bench.py), and what readers
# cost (readers.py); see there for options. ONLY=readers: those alone. ONLY=document
# writes what was measured last into doc/performance.md.
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
if [ "${ONLY:-}" = document ]; then
	exec $python -B "$here/document.py" "$here/../../doc/performance.md" "$here/../../doc/performance.svg"
fi
[ "${ONLY:-}" = readers ] || $python -B "$here/bench.py"
[ "${ONLY:-readers}" != readers ] || $python -B "$here/readers.py"
