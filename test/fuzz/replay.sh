#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# replay.sh TARGET...: runs each target over its seeds and its former findings, with the compiler and the sanitizers of
# the unit tests, and ends with "N passed, N failed".
set -u
here=$(dirname "$0")
passed=0
failed=0
for target; do
	program=$BUILD/unit/replay/$target
	log=$program.log
	set --
	for folder in "$BUILD/fuzz-seeds/$target" "$here/regressions/$target"; do
		[ ! -d "$folder" ] || set -- "$@" "$folder"
	done
	UBSAN_OPTIONS=print_stacktrace=1 "$program" "$@" >"$log" 2>&1 </dev/null
	status=$?
	files=$(sed -n 's/^\([0-9]*\) files$/\1/p' "$log" | tail -n 1)
	if [ $status = 0 ] && [ "${files:-0}" -gt 0 ]; then
		printf '  %-12s %5d inputs\n' "$target" "$files"
		passed=$((passed + 1))
	else
		printf '  %-12s FAILED (status %d)\n' "$target" $status
		tail -n 40 "$log"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
