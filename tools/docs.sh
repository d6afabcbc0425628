#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docs.sh BUILD INTO PAGE...: writes into the folder INTO what comes from the code:
# PAGE.md, printed by BUILD/PAGEdoc; the manual's reference; and manual.md of it all.
set -eu
build=$1
into=$2
shift 2

# program FILE COMMAND...: never half a page
program() {
	page=$1
	shift
	"$@" >"$into/$page.new"
	mv "$into/$page.new" "$into/$page"
}

for page in "$@"; do
	program "$page.md" "$build/${page}doc"
done
program ims_regmon_reference.xml "$build/manual_reference"
[ "$into" -ef doc ] || cp doc/ims_regmon.xml doc/ims_regmon_admin.xml "$into"
program manual.md xsltproc --nonet --novalid --xinclude tools/manual_markdown.xsl \
	"$into/ims_regmon.xml"
