#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Called by `make measure-cost`: measure_cost.sh PROGRAM. Instructions for each ended
# attempt, by callgrind: with and without somebody who measures, and in the timer.
set -eu
program=$1
attempts=${ATTEMPTS:-4000}
budget=800
out=$program.callgrind
over=0

# counted FUNCTION CASE MEASURE: instructions inside of the function
counted() {
	valgrind -q --tool=callgrind --toggle-collect="$1" --callgrind-out-file="$out" \
		"$program" "$2" "$3" "$attempts" >/dev/null 2>&1
	awk '/^(summary|totals):/ { n = $2 } END { print n + 0 }' "$out"
}

for case in success failure flood; do
	off=$(counted counted $case 0)
	on=$(counted counted $case 1)
	timer=$(counted settled $case 1)
	worker=$(((on - off) / attempts))
	printf '%-8s an attempt costs a worker %5d of %5d instructions, the timer %5d\n' \
		$case $worker $((on / attempts)) $((timer / attempts))
	[ $worker -le $budget ] || over=1
done
echo "budget of a worker: $budget"
exit $over
