#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# test.sh PART...: runs each part as `make PART`, goes on when one fails, shows
# the failed ones again and ends with the sum "N passed, N failed".
#
# A part counts for itself: the last line "N passed, N failed" that it prints.
# One that ends badly without a failure in that line, or prints no such line,
# counts as one failure, so that nothing passes by saying nothing.
set -u
logs=$BUILD/test
mkdir -p "$logs"
passed=0
failed=0
broken=""

for part; do
	echo "== $part"
	log=$logs/$part.log
	{ ${MAKE:-make} --no-print-directory "$part" 2>&1; echo "$?" >"$logs/$part.status"; } |
		tee "$log" | grep -v '^  CC '
	status=$(cat "$logs/$part.status")
	counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	good=${counts%% *}
	bad=${counts#*, }
	bad=${bad%% *}
	if [ -z "$counts" ] || { [ "$status" != 0 ] && [ "$bad" = 0 ]; }; then
		good=${good:-0}
		bad=1
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	[ "$bad" = 0 ] || broken="$broken $part"
done

for part in $broken; do
	echo
	echo "== FAILED: $part (all of it: $logs/$part.log)"
	grep -v -e '^  CC ' -e '^  [^ ]* *[0-9]* passed$' "$logs/$part.log" | tail -n 60
done
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
