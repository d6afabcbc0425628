#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docs-check.sh BUILD PAGE...: every generated page is what its program prints
# now, and the manual names every parameter, function, variable, RPC command,
# question by HTTP, counter and metric that the code has.
set -u
build=$1
shift
passed=0
failed=0
ok() {
	passed=$((passed + 1))
}
bad() {
	echo "docs-check: $*"
	failed=$((failed + 1))
}

for page in "$@"; do
	"$build/${page}doc" >"$build/$page.md"
	if diff -u "doc/$page.md" "$build/$page.md"; then
		ok
	else
		bad "doc/$page.md is old: run make docs"
	fi
done

# names KIND PATTERN FILE...: each name that the pattern finds stands in the
# manual between backticks, or as a word behind one
names() {
	kind=$1
	pattern=$2
	shift 2
	found=$(sed -n "$pattern" "$@" | sort -u)
	[ -n "$found" ] || bad "no $kind found in $*"
	for name in $found; do
		if grep -q "\`[^\`]*\\b$name\\b[^\`]*\`" doc/manual.md; then
			ok
		else
			bad "doc/manual.md does not name the $kind $name"
		fi
	done
}

names parameter 's/^\t\t{"\([a-z_]*\)", PARAM_.*/\1/p' ims_regmon.c
names function 's/^\t\t{"\(ims_regmon_[a-z_]*\)", (cmd_function).*/\1/p' hooks/functions.c
names "question by HTTP" 's/^\t\t{"\([a-z]*\)",.*/api\/\1/p' show/http_api.c
names "RPC command" 's/.*{"ims_regmon\.\([a-z_]*\)".*/\1/p' show/*.c
names counter 's/^\tX(\([a-z0-9_]*\), .*/\1/p' measure/counters.h measure/measure.h
names metric 's/.*\(family(metrics, \|gauge(&*metrics, \|one(metrics, \|COUNTED(\)"\([a-z_]*\)".*/ims_regmon_\2/p' \
	show/metrics.c show/metrics_measure.c
variables=$(sed -n '/^#define VARIABLES/,/^$/p' show/variables.c | grep -o 'X([a-z_]*)' |
	sed 's/X(\(.*\))/\1/; /^X$/d')
[ -n "$variables" ] || bad "no variable found in show/variables.c"
for name in $variables; do
	if sed -n '/^## Variables/,/^## RPC/p' doc/manual.md | grep -q "\`$name\`"; then
		ok
	else
		bad "doc/manual.md does not name the variable $name"
	fi
done

verdicts=$(sed -n 's/^\tX([A-Z_]*, "\([a-z-]*\)",.*/\1/p' aka/verdict.h)
[ -n "$verdicts" ] || bad "no verdict found in aka/verdict.h"
for name in $verdicts; do
	for page in doc/aka.md doc/rpc-fields.txt; do
		if [ "$name" = none ] || grep -q "\b$name\b" $page; then
			ok
		else
			bad "$page does not name the verdict $name"
		fi
	done
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
