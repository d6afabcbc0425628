#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh TARGET...: libFuzzer on each target for FUZZ_S seconds, FUZZ_JOBS at a time, from the seeds and the former
# findings; what it learned is kept in BUILD/fuzz/learned. Prints a line for each target and ends with
# "N passed, N failed". What it finds is left in BUILD/fuzz/found, ready to be put into test/fuzz/regressions.
set -u
here=$(dirname "$0")
seconds=${FUZZ_S:-20}
jobs=${FUZZ_JOBS:-1}
seed=${FUZZ_SEED:-1}
[ "$seed" != random ] || seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
work=$BUILD/fuzz
found=$work/found
mkdir -p "$found" "$work/log"

# The longest input of a target: longer ones teach nothing that a shorter one does not, and cost time.
longest() {
	case $1 in
		request|answer|decode) echo 4000 ;;
		recall) echo 3000 ;;
		profile|reginfo) echo 6000 ;;
		sequence) echo 400 ;;
		http) echo 3000 ;;
		rpc|lab_keys|credentials|extra) echo 1500 ;;
		*) echo 600 ;;
	esac
}

# one TARGET: BUILD/fuzz/log/TARGET and TARGET.status
one() {
	target=$1
	log=$work/log/$target
	# Learned in former runs only where somebody asks for another row of inputs: else each run would be another one.
	learned=$work/learned/$target
	[ "${FUZZ_SEED:-1}" != 1 ] || rm -rf "$learned"
	before=$work/seeds-of/$target
	mkdir -p "$learned" "$before" "$BUILD/fuzz-seeds/$target"
	rm -f "$found/$target-"*
	set -- -seed="$seed" -max_total_time="$seconds" -max_len="$(longest "$target")" -timeout=25 \
		-rss_limit_mb=1500 -print_final_stats=1 -artifact_prefix="$found/$target-" \
		"$learned" "$BUILD/fuzz-seeds/$target"
	[ ! -d "$here/regressions/$target" ] || set -- "$@" "$here/regressions/$target"
	[ ! -f "$BUILD/fuzz-seeds/$target.dict" ] || set -- -dict="$BUILD/fuzz-seeds/$target.dict" "$@"
	UBSAN_OPTIONS=print_stacktrace=1 "$work/$target" "$@" >"$log" 2>&1 </dev/null
	echo $? >"$log.status"
}

number() {
	sed -n "s/^stat::$1: *//p" "$2" | tail -n 1
}

report() {
	target=$1
	log=$work/log/$target
	runs=$(number number_of_executed_units "$log")
	took=$(sed -n 's/^Done [0-9]* runs in \([0-9]*\) second.*/\1/p' "$log" | tail -n 1)
	coverage=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\).*/\1 \2/p' "$log" | tail -n 1)
	added=$(number new_units_added "$log")
	finds=$(find "$found" -name "$target-*" | wc -l)
	rate=${runs:+$((runs / (${took:-0} > 0 ? ${took:-0} : 1)))}
	printf '  %-12s %10s %8s %8s %8s %6s %9s\n' "$target" "${runs:-?}" "${rate:-?}" \
		"${coverage% *}" "${coverage#* }" "${added:-?}" "$finds"
	if [ "$(cat "$log.status")" = 0 ] && [ "$finds" = 0 ] && [ "${runs:-0}" -gt 0 ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	grep -av -e '^#[0-9]*	' -e '^stat::' "$log" | head -n 60
	for input in "$found/$target-"*; do
		[ ! -e "$input" ] || echo "  input: $input; it belongs into test/fuzz/regressions/$target/ with the fix"
	done
}

passed=0
failed=0
echo "$seconds s for each target, seed $seed"
printf '  %-12s %10s %8s %8s %8s %6s %9s\n' target executions per_s edges features new findings
running=0
waiting=""
for target; do
	one "$target" &
	waiting="$waiting $target"
	running=$((running + 1))
	if [ $running -ge "$jobs" ]; then
		wait
		for done in $waiting; do report "$done"; done
		running=0
		waiting=""
	fi
done
wait
for done in $waiting; do report "$done"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
