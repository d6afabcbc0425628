#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# in-tree-check.sh: builds the module within Kamailio's own source, by make and
# where there is one by CMake, and loads it: into the Kamailio that is installed
# when that was built the same way, else into the core of that source, which is
# then built the same way, too (once; BUILD/in-tree keeps it).
set -u
tools=$(cd "$(dirname "$0")" && pwd)
work=$BUILD/in-tree
passed=0
failed=0
check() {
	if [ "$2" = 0 ]; then
		echo "ok      $1"
		passed=$((passed + 1))
	else
		echo "FAILED  $1"
		failed=$((failed + 1))
	fi
}

# Kamailio's build files must see nothing of ours.
clean() {
	env -i PATH="$PATH" HOME="${HOME:-/}" LANG=C.UTF-8 "$@"
}

unpack() {
	from=${KAMAILIO_TARBALL:-$KAMAILIO_HEADERS}
	[ "$(cat "$work/from" 2>/dev/null)" != "$from" ] || return 0
	rm -rf "$work"
	mkdir -p "$work/source" || return 1
	if [ -n "$KAMAILIO_TARBALL" ]; then
		tar -C "$work/source" --strip-components=1 -xf "$KAMAILIO_TARBALL"
	else
		tar -C "$KAMAILIO_HEADERS/.." --exclude=./.git -cf - . | tar -C "$work/source" -xf -
	fi && echo "$from" >"$work/from"
}

# loads HOW SO CORE COMMAND...: COMMAND builds CORE
loads() {
	how=$1
	so=$2
	core=$3
	shift 3
	if strings -n 4 "$so" | grep -qxF -- "$KAMAILIO_VERSION" &&
		strings -n 4 "$so" | grep -qxF -- "$KAMAILIO_FLAGS"
	then
		core=$KAMAILIO
		whose="the Kamailio installed"
	else
		whose="a core built the same way"
		if [ ! -x "$core" ]; then
			echo "        building that core (once)"
			clean "$@" >"$work/core-$how.log" 2>&1 || {
				tail -n 20 "$work/core-$how.log"
				check "$how: Kamailio's core" 1
				return
			}
		fi
	fi
	KAMAILIO=$core "$tools/load-check.sh" "$so" >"$work/load.log" 2>&1
	status=$?
	[ $status = 0 ] || cat "$work/load.log"
	check "$how: $whose loads it" $status
}

# builds HOW SO COMMAND...
builds() {
	how=$1
	so=$2
	shift 2
	rm -f "$so"
	clean sh -ec "$*" >"$work/$how.log" 2>&1
	status=$?
	[ $status = 0 ] || tail -n 20 "$work/$how.log"
	[ -e "$so" ] || status=1
	# one that misses the sources of the folders links all the same
	[ $status != 0 ] || ! nm -D --undefined-only "$so" | grep -q ' regmon_' || status=1
	[ $status != 0 ] || ! grep -q ': warning: ' "$work/$how.log" || {
		grep ': warning: ' "$work/$how.log"
		status=1
	}
	check "$how: builds without a warning, all of it" $status
	return $status
}

jobs=-j$(nproc)
unpack || { echo "no source of $KAMAILIO_VERSION"; echo "0 passed, 1 failed"; exit 1; }
work=$(cd "$work" && pwd)
source=$work/source
module=$source/src/modules/ims_regmon
so=$module/ims_regmon.so

"$tools/in-tree.sh" "$source" >"$work/in-tree.log" 2>&1
check "the tree goes into the source" $?
[ -e "$source/src/config.mak" ] || clean make -C "$source/src" cfg >"$work/cfg.log" 2>&1
builds make "$so" "make $jobs -C '$source/src' modules modules=modules/ims_regmon" &&
	loads make "$so" "$source/src/kamailio" make "$jobs" -C "$source/src" kamailio
sources=$(find "$module" -name '*.[ch]' | wc -l)
if [ -e "$source/doc/docbook/Makefile" ]; then
	# its own rules, as for the README of each module
	rm -f "$module/README"
	clean make -C "$module/doc" README check >"$work/readme.log" 2>&1 &&
		grep -q '^[0-9.]* *ims_regmon_check(\[profile\])' "$module/README"
	check "make: Kamailio's own tools make the README of the manual" $?
fi
clean make -C "$module" proper >"$work/proper.log" 2>&1
[ "$(find "$module" -name '*.[ch]' | wc -l)" = "$sources" ] &&
	[ -z "$(find "$module" -name '*.o')" ]
check "make: 'make proper' removes what was built and nothing else" $?

if [ -e "$source/src/CMakeLists.txt" ]; then
	so=$work/cmake/src/modules/ims_regmon/ims_regmon.so
	builds cmake "$so" "cmake -S '$source' -B '$work/cmake' -DMODULE_GROUP_NAME= \
		-DINCLUDE_MODULES=ims_regmon && cmake --build '$work/cmake' $jobs -t ims_regmon" &&
		loads cmake "$so" "$work/cmake/src/kamailio" \
			cmake --build "$work/cmake" "$jobs" -t kamailio
else
	echo "--      cmake: Kamailio has it since 6.0"
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
