#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# valgrind.sh: memcheck on every unit test (objects of their own, without
# sanitizers) and on one scenario; ends with "N passed, N failed".
#   ONLY=test_x    one program of the unit tests, and no scenario
set -u
memcheck="valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite"
logs=$BUILD/valgrind
mkdir -p "$logs"
command -v valgrind >/dev/null || { echo "valgrind is missing: 'make valgrind' installs it"; echo "0 passed, 1 failed"; exit 1; }
valgrind --version
passed=0
failed=0

# part NAME COMMAND...: a part that counts for itself
part() {
	log=$logs/$1.log
	shift
	"$@" 2>&1 | tee "$log" | grep -v '^  CC '
	counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	[ -n "$counts" ] || counts="0 passed, 1 failed"
	passed=$((passed + ${counts%% *}))
	bad=${counts#*, }
	failed=$((failed + ${bad%% *}))
}

echo "== memcheck: unit tests"
# what gcc thinks may be cut depends on how much it optimises
part unit env UNDER="$memcheck" ${MAKE:-make} --no-print-directory BUILD="$logs/build" UNIT_FLAGS='-O1 -g -Wno-format-truncation' unit
if [ -z "${ONLY:-}" ]; then
	echo "== memcheck: a scenario"
	part scenario env VALGRIND=yes ONLY=under_memcheck tools/pytest.sh test/scenario
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
