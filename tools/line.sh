#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# line.sh SUITE: the system of one Kamailio line, CACHE/chroot-SUITE, with that
# Debian's Kamailio, all that the tests need, and this tree in /root/ims_regmon.
# It is made once and kept; remove the folder for a new one. Writes the path of the
# system, and where Kamailio's source is when the archive has lost it, for a shell:
#   root=...  source=...
set -eu
suite=$1
tools=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$tools")
mkdir -p "$CACHE"
cache=$(cd "$CACHE" && pwd)
root=$cache/chroot-$suite
home=/root/ims_regmon

copy_tree() {
	mkdir -p "$root$home"
	find "$root$home" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
	tar -C "$top" --exclude=./.git --exclude=./build --exclude="./$BUILD" \
		--exclude=__pycache__ -cf - . | tar -C "$root$home" -xf -
	# messages of real devices, where the tests look for them
	if [ -d "$top/../shared/corpus" ]; then
		rm -rf "$root/root/shared"
		mkdir -p "$root/root/shared"
		cp -R "$top/../shared/corpus" "$root/root/shared/"
	fi
	# what somebody has fetched here need not be fetched there
	mkdir -p "$root$home/build/cache"
	for archive in "$cache"/*.orig.tar.*z*; do
		[ ! -e "$archive" ] || cp -n "$archive" "$root$home/build/cache/"
	done
}

if [ ! -e "$root.made" ]; then
	rm -f "$root.source"
	"$tools/chroot.sh" bare "$suite" "$root" >&2
	echo "installing make into $suite" >&2
	"$tools/chroot.sh" run "$root" sh -c \
		'apt-get -qq update && apt-get -qq -y install make' >"$root.log" 2>&1 </dev/null || {
		tail -n 5 "$root.log" >&2
		echo "ims_regmon: apt-get failed in $suite (all of it: $root.log)." >&2
		exit 1
	}
fi
copy_tree
for group in test in-tree deb; do
	"$tools/chroot.sh" run "$root" "$home/tools/setup.sh" $group >&2 </dev/null
done
touch "$root.made"

# the archive may have the program and not its source (any more)
source=$(cat "$root.source" 2>/dev/null || :)
if [ -z "$source" ]; then
	if ! "$tools/chroot.sh" run "$root" make --no-print-directory -C $home \
		build/kamailio.mk >"$root.log" 2>&1 </dev/null
	then
		sed 's/^/  /' "$root.log" >&2
		echo "looking for the nearest source of $suite's Kamailio" >&2
		"$tools/chroot.sh" run "$root" "$home/tools/nearest-source.sh" \
			/root/kamailio >"$root.log" 2>&1 </dev/null || {
			tail -n 5 "$root.log" >&2
			echo "ims_regmon: there is no source for $suite's Kamailio (all of it:" \
				"$root.log): put its orig.tar.gz into $cache." >&2
			exit 1
		}
		source=/root/kamailio
	fi
	echo "$source" >"$root.source"
fi
echo "root='$root'"
echo "source='$source'"
