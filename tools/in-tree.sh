#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# in-tree.sh DIR: puts this tree into the Kamailio source in DIR, as its module
# src/modules/ims_regmon, with the build files of packaging/in-tree and the manual.
# Where `make manual` was run, its text is the README that Kamailio's modules have.
set -eu
folder=${1:-}
top=$(cd "$(dirname "$0")/.." && pwd)

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

[ -n "$folder" ] || fail "say where Kamailio's source is: make in-tree DIR=/path/to/kamailio."
[ -e "$folder/src/Makefile.defs" ] && [ -d "$folder/src/modules" ] ||
	fail "DIR=$folder is no Kamailio source: give the folder that holds src/modules."
module=$folder/src/modules/ims_regmon
if [ -e "$module" ]; then
	grep -qs '^NAME=ims_regmon.so' "$module/Makefile" ||
		fail "$module is there and not ours: remove it first."
	rm -rf "$module"
fi
mkdir "$module"
cp "$top"/*.[ch] "$module"
for part in $FOLDERS; do
	[ -d "$top/$part" ] || continue
	mkdir "$module/$part"
	cp "$top/$part"/*.[ch] "$module/$part"
done
# Kamailio's build knows C alone
"$top/tools/embed.sh" "$module/page_files.c" "$top"/show/page/*
cp -R "$top/packaging/in-tree/." "$module"
cp "$top"/doc/ims_regmon*.xml "$top"/doc/*.md "$module/doc"
[ ! -e "$top/doc/ims_regmon.txt" ] || cp "$top/doc/ims_regmon.txt" "$module/README"
cat <<-X
	ims_regmon is in $module. Kamailio builds it by make
	  make -C $folder/src cfg
	  make -C $folder/src modules modules=modules/ims_regmon
	or, from 6.0 on, by CMake
	  cmake -S $folder -B $folder/build -DINCLUDE_MODULES=ims_regmon
	  cmake --build $folder/build -t ims_regmon
	X
