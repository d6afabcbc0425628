#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# unit.sh PROGRAM...: runs cmocka programs, shows those that fail, and ends with
# "N passed, N failed". A program that dies counts as one failure.
#   UNDER=command   that runs each of them
set -u
UNDER=${UNDER:-}
passed=0
failed=0

count() {
	sed -n "s/^\[  $1  \] \([0-9][0-9]*\) test(s).*/\1/p" "$2" |
		awk '{ sum += $1 } END { print sum + 0 }'
}

for program; do
	name=$(basename "$program")
	log=$program.log
	$UNDER "$program" >"$log" 2>&1 </dev/null
	status=$?
	good=$(count PASSED "$log")
	# A test whose set-up or tear-down fails is an "ERROR", in no sum of cmocka's.
	bad=$(($(count FAILED "$log") + $(grep -c '^\[  ERROR   \]' "$log")))
	if [ "$bad" = 0 ] && [ "$status" != 0 ]; then
		bad=1
		echo "$name ended with status $status"
	elif [ "$good$bad" = 00 ] && grep -q '^\[  SKIPPED \]' "$log"; then
		printf '  %-40s skipped\n' "$name"
		continue
	elif [ "$good$bad" = 00 ]; then
		bad=1
		echo "$name ran no test"
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	if [ "$bad" = 0 ]; then
		printf '  %-40s %3d passed\n' "$name" "$good"
	else
		printf '  %-40s %3d passed, %d FAILED\n' "$name" "$good" "$bad"
		grep -v -e '^\[ RUN ' -e '^\[       OK' "$log" | head -n 100
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
