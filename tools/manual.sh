#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# manual.sh: doc/ims_regmon.html and doc/ims_regmon.txt from doc/ims_regmon.xml, which has
# to be valid DocBook; each section has to be in both.
set -u
passed=0
failed=0
check() {
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		echo "FAILED  $1"
		failed=$((failed + 1))
	fi
}
finish() {
	[ $failed = 0 ] && echo "doc/ims_regmon.html, doc/ims_regmon.txt"
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
	exit
}

xmllint --nonet --noout --xinclude --nofixup-base-uris --postvalid doc/ims_regmon.xml
check "doc/ims_regmon.xml is valid DocBook 4.4" $?
[ $failed = 0 ] || finish

mkdir -p "$BUILD"
new=$BUILD/ims_regmon.html
xsltproc --nonet --xinclude -o "$new" tools/manual_html.xsl doc/ims_regmon.xml 2>"$BUILD/manual.log" &&
	mv "$new" doc/ims_regmon.html
status=$?
[ $status = 0 ] || cat "$BUILD/manual.log"
check "HTML" $status
lynx -nolist -dump -width=120 -force_html -display_charset=utf-8 -assume_charset=utf-8 \
	doc/ims_regmon.html >"$BUILD/ims_regmon.txt" && mv "$BUILD/ims_regmon.txt" doc/ims_regmon.txt
check "text" $?
[ $failed = 0 ] || finish

# the words that sections of names are about
names=$(sed -n 's/^<section id="ims_regmon\.[pfr]\.\([a-z_]*\)">$/\1/p' doc/ims_regmon_admin.xml)
for name in $names; do
	grep -q "$name" doc/ims_regmon.html && grep -q "$name" doc/ims_regmon.txt
	check "$name is in HTML and text" $?
done
[ -n "$names" ]
check "there are sections" $?
finish
