#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docs-check.sh BUILD PAGE...: every page that comes from the code is what the code
# says now; and the manual tells of every parameter, function, RPC command and
# variable that there is, and of none that is gone. (Counters, metrics, states,
# causes and rules are whole tables that come from the code.) The tests behind
# doc/security.md exist.
set -u
build=$1
shift
new=$build/docs
manual=doc/ims_regmon_admin.xml
passed=0
failed=0
ok() {
	passed=$((passed + 1))
}
bad() {
	echo "docs-check: $*"
	failed=$((failed + 1))
}

mkdir -p "$new"
tools/docs.sh "$build" "$new" "$@" || bad "the pages cannot be made"
for page in ims_regmon_reference.xml manual.md $(printf '%s.md ' "$@"); do
	if diff -u "doc/$page" "$new/$page"; then
		ok
	else
		bad "doc/$page is old: run make docs"
	fi
done

# same KIND NAMES NAMES: what the code has, what the manual has
same() {
	for name in $2; do
		if echo "$3" | grep -qx -- "$name"; then
			ok
		else
			bad "$manual does not tell of the $1 $name"
		fi
	done
	for name in $3; do
		echo "$2" | grep -qx -- "$name" || bad "$manual tells of the $1 $name, which is gone"
	done
	[ -n "$2" ] || bad "no $1 found in the code"
}

reference() {
	sed -n "s/.*$1.*/\1/p" "$new/ims_regmon_reference.xml" | sort -u
}
sections() {
	sed -n "s/^<section id=\"ims_regmon\.$1\.\([a-z_]*\)\">\$/\1/p" $manual | sort -u
}
same parameter "$(reference 'id="ims_regmon\.p\.\([a-z_]*\)\.facts"')" "$(sections p)"
same function "$(reference 'linkend="ims_regmon\.f\.\([a-z_]*\)"')" "$(sections f)"
same "RPC command" "$(reference 'linkend="ims_regmon\.r\.\([a-z_]*\)"')" "$(sections r)"
same variable "$(sed -n '/^#define VARIABLES/,/^$/p' show/variables.c | grep -o 'X([a-z_]*)' |
	sed 's/X(\(.*\))/\1/; /^X$/d')" \
	"$(sed -n '/id="ims_regmon.t.variables"/,/<\/informaltable>/p' $manual |
		tr '\n' ' ' | sed 's/<row>/\n&/g' | sed '1,2d; s/<\/entry>.*//' |
		grep -o '<literal>[a-z_]*</literal>' | sed 's/<[^>]*>//g')"

# Each parameter's section has its name and type for a title, its facts from the
# code, and an example; each of a function or command an example.
sections_with() {
	awk -v wanted="$2" -v kind="$1" '
		/^<section id=/ { split($0, part, "\""); id = part[2]; n = 0 }
		index($0, wanted) { n++ }
		/^<\/section>/ { if(index(id, "ims_regmon." kind ".") == 1 && !n) print id; id = "" }
	' $manual
}
for kind in p f r; do
	for id in $(sections_with $kind '<example'); do
		bad "$id has no example in $manual"
	done
done
for id in $(sections_with p '.facts"'); do
	bad "$id does not take its facts from ims_regmon_reference.xml"
done
for name in $(sections p); do
	type=$(sed -n "s/.*\"ims_regmon\.p\.$name\"><literal>[^<]*<\/literal><\/link><\/entry><entry>\([a-z]*\)<.*/\1/p" \
		"$new/ims_regmon_reference.xml")
	if grep -A 1 "id=\"ims_regmon\.p\.$name\"" $manual |
		grep -qF "<title><varname>$name</varname> ($type)</title>"
	then
		ok
	else
		bad "$manual: the title of ims_regmon.p.$name is not '$name ($type)'"
	fi
done

# Links between the pages lead somewhere.
for page in README.md doc/*.md; do
	for link in $(grep -o '](\([^)#:]*\)[^):]*)' "$page" | sed 's/^](//; s/[)#].*//' | sort -u); do
		if [ -e "$(dirname "$page")/$link" ]; then
			ok
		else
			bad "$page leads to $link, which is not there"
		fi
	done
done

# Each question by HTTP is in the table of doc/http.md.
questions=$(sed -n 's/^\t\t{"\([a-z]*\)", *"[^"]*", *\(true\|false\),.*/\1/p; s/^\t\t{"\([a-z]*\)",$/\1/p' show/http_api.c)
[ -n "$questions" ] || bad "no question by HTTP found in show/http_api.c"
for name in $questions; do
	if sed -n '/^## API/,$p' doc/http.md | grep -q "^|.*\`$name\`"; then
		ok
	else
		bad "doc/http.md does not tell of api/$name"
	fi
done

# Where -m for 100,000 phones is told, it is what the module asks for.
shm=$(sed -n 's/.*<entry>100000<.*<entry>\([0-9]*\)<.*/\1/p' "$new/ims_regmon_reference.xml")
[ -n "$shm" ] || bad "no kamailio -m in ims_regmon_reference.xml"
for page in README.md doc/start.md cfg-examples/ims/[ips]cscf.cfg; do
	if [ "$(grep -o 'kamailio -m [0-9]*' "$page" | sort -u)" = "kamailio -m $shm" ]; then
		ok
	else
		bad "$page does not tell of kamailio -m $shm for 100,000 phones"
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

# `PROGRAM::TEST` and `FOLDER::TEST` in doc/security.md: tests that there are
tests=$(grep -o '`[a-z0-9_-]*::[a-z0-9_]*`' doc/security.md | tr -d '`' | sort -u)
[ -n "$tests" ] || bad "doc/security.md names no test"
for name in $tests; do
	place=${name%%::*} test=${name#*::}
	if grep -qs "^static void $test(void \*\*" "test/unit/$place.c" ||
		grep -qs "^def $test(" "test/scenario/$place"/test_*.py "test/$place"/test_*.py; then
		ok
	else
		bad "doc/security.md names the test $name, which is not there"
	fi
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
