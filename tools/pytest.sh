#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# pytest.sh FOLDER: runs the scenario tests of a folder (ONLY= is pytest's -k)
# and ends with "N passed, N failed". Where nothing can be collected, it fails.
set -u
report=$BUILD/test/pytest.xml
mkdir -p "$BUILD/test"
rm -f "$report"
# Debian's pytest belongs to Debian's python3, whatever else is first in PATH.
python=/usr/bin/python3
[ -x $python ] || python=python3
PYTHONDONTWRITEBYTECODE=1 $python -m pytest -q -rfEs -p no:cacheprovider -o junit_family=xunit1 \
	--junitxml="$report" ${ONLY:+-k "$ONLY"} "$1" </dev/null
status=$?

number() {
	sed -n "s/.*<testsuite [^>]*[ ]$1=\"\([0-9]*\)\".*/\1/p" "$report" 2>/dev/null | head -n 1
}

total=$(number tests)
failures=$(number failures)
errors=$(number errors)
skipped=$(number skipped)
failed=$((${failures:-0} + ${errors:-0}))
passed=$((${total:-0} - failed - ${skipped:-0}))
# a test that fails and leaves something behind counts as both
[ $passed -ge 0 ] || passed=0
[ "$status" = 0 ] || [ $failed -gt 0 ] || failed=1
echo "$passed passed, $failed failed"
exit $status
