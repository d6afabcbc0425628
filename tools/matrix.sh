#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# matrix.sh SUITE...: this tree on the Kamailio of each Debian, in the system that
# line.sh makes and keeps: builds it there by its own Makefile, then runs
#   TARGETS="unit load-check scenario load in-tree-check deb-check"
# and prints a table. When all targets of all lines that the Makefile names were run
# and are good, the table is put into doc/compatibility.md.
#   FLOWS=20000   of the target load        ONLY=   of the target scenario
set -u
tools=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$tools")
home=/root/ims_regmon
all_suites="bookworm trixie sid"
all_targets="unit load-check scenario load in-tree-check deb-check"
targets=${TARGETS:-$all_targets}
suites=$*
work=$BUILD/matrix
mkdir -p "$work"
# the systems in CACHE are for one at a time
if [ -z "${SYSTEMS_ARE_OURS:-}" ]; then
	mkdir -p "$CACHE"
	export SYSTEMS_ARE_OURS=yes
	exec flock "$CACHE/systems.lock" "$0" "$@"
fi
passed=0
failed=0

# of what was installed, as the table shows it
facts() {
	"$tools/chroot.sh" run "$root" sh -c '
		version() { dpkg-query -W -f "\${Version}" "$1" 2>/dev/null; }
		. /etc/os-release
		echo "system=\"Debian${VERSION_ID:+ $VERSION_ID} ('"$suite"')\""
		echo "package=$(version kamailio)"
		echo "binary=\"$(kamailio -I | sed -n "s/^ *Version: *\([^ ]* [^ ]* ([^)]*)\).*/\1/p")\""
		echo "gcc=$(gcc -dumpfullversion)"
		echo "libxml2=$(version libxml2-dev)"
		echo "openssl=$(version libssl-dev)"
		echo "python=$(python3 -c "import platform; print(platform.python_version())")"
		echo "headers=$(cat '"${source:-/nowhere}"'/nearest 2>/dev/null)"
	' </dev/null
}

# run TARGET LOG: as on any machine, but without a network
run() {
	case $1 in
		deb-check) "$tools/deb-check.sh" "$suite" ;;
		*) "$tools/chroot.sh" alone "$root" env ${ONLY:+ONLY="$ONLY"} \
			FLOWS="${FLOWS:-20000}" make --no-print-directory -C $home "$1" \
			${source:+KAMAILIO_SRC="$source"} ;;
	esac >"$2" 2>&1 </dev/null
}

# What pytest skipped and why, "REASON (N)" each.
skipped() {
	sed -n 's/<testcase/\n&/gp' "$root$home/build/test/pytest.xml" 2>/dev/null |
		sed -n 's/.*<skipped type="pytest.skip" message="\([^"]*\)".*/\1/p' |
		sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/\2 (\1)/'
}

# Adds one line to $work/results: SUITE TARGET PASSED FAILED SECONDS
try() {
	log=$work/$suite-$1.log
	began=$(date +%s)
	run "$1" "$log"
	status=$?
	took=$(($(date +%s) - began))
	counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
	good=${counts%% *}
	bad=${counts#*, }
	bad=${bad%% *}
	if [ "$1" = module ] && [ $status = 0 ]; then
		good=1
		bad=0
	elif [ -z "$counts" ] || { [ $status != 0 ] && [ "$bad" = 0 ]; }; then
		good=${good:-0}
		bad=1
	fi
	printf '   %-14s %4d passed, %d failed  %4d s\n' "$1" "$good" "$bad" "$took"
	[ "$bad" = 0 ] || tail -n 40 "$log"
	echo "$suite $1 $good $bad $took" >>"$work/results"
	passed=$((passed + good))
	failed=$((failed + bad))
	[ "$bad" = 0 ]
}

one_line() {
	line=$("$tools/line.sh" "$suite") || {
		echo "$suite system 0 1 0" >>"$work/results"
		failed=$((failed + 1))
		return
	}
	eval "$line"
	facts >"$work/$suite.facts"
	. "$work/$suite.facts"
	echo "== $system: $binary, package $package; gcc $gcc, libxml2 $libxml2, OpenSSL $openssl"
	[ -z "$headers" ] || echo "   the archive has no source of it: headers of $headers"
	try module || return
	: >"$work/$suite.skipped"
	for target in $targets; do
		try "$target"
		[ "$target" != scenario ] || skipped >"$work/$suite.skipped"
	done
}

# The part of doc/compatibility.md that comes from here.
pages() {
	echo
	echo "| | Kamailio | package | built with | gcc | libxml2 | OpenSSL |"
	echo "|---|---|---|---|---|---|---|"
	for suite in $suites; do
		. "$work/$suite.facts"
		case $binary in *Linux*) by=CMake ;; *) by=make ;; esac
		echo "| $system | ${binary#* }${headers:+, headers of $headers} | $package | $by | $gcc | $libxml2 | $openssl |"
	done
	echo
	printf '| checks passed |'
	for suite in $suites; do printf ' %s |' "$suite"; done
	printf '\n|---|'
	for suite in $suites; do printf -- '---|'; done
	for target in $targets; do
		printf '\n| `%s` |' "$target"
		for suite in $suites; do
			printf ' %s |' "$(awk -v suite="$suite" -v target="$target" \
				'$1 == suite && $2 == target { print $3 ($4 ? ", " $4 " failed" : "") }' \
				"$work/results")"
		done
	done
	printf '\n\n'
	if [ -n "$(cat "$work"/*.skipped)" ]; then
		printf 'Scenarios that do not apply in these systems, and why (how many):\n\n'
		for suite in $suites; do
			sed "s/^/- $suite: /" "$work/$suite.skipped"
		done
	else
		echo "All scenarios apply to all lines."
	fi
	echo
}

write_page() {
	page=$top/doc/compatibility.md
	awk -v part="$work/page.md" '
		/^<!-- make matrix writes/ {
			print
			while((getline line < part) > 0)
				print line
			inside = 1
		}
		/^<!-- end of it -->/ { inside = 0 }
		!inside' "$page" >"$page.new" && mv "$page.new" "$page"
	echo "written into doc/compatibility.md"
}

: >"$work/results"
for suite in $suites; do
	one_line
done
if [ $failed = 0 ]; then
	pages >"$work/page.md"
	cat "$work/page.md"
	[ "$suites" != "$all_suites" ] || [ "$targets" != "$all_targets" ] ||
		[ -n "${ONLY:-}" ] || write_page
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
