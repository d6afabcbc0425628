#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# headers.sh CACHE PACKAGE VERSION: headers (and core sources, for the tests) of
# one Debian source package, in CACHE/PACKAGE-VERSION/src. No distribution ships
# Kamailio's headers, so they come from the source package. Needs no root and
# leaves the system's package lists alone: it reads them into lists of its own.
set -eu
cache=$1
package=$2
version=$3

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
ready=$cache/$package-$version
exec 9>"$cache/lock"
flock 9
[ ! -e "$ready/src/core/ver_defs.h" ] || exit 0

upstream=${version#*:}
upstream=${upstream%-*}
log=$cache/fetch.log
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

find_tarball() {
	for tarball in "$1/${package}_$upstream".orig.tar.*z*; do
		case $tarball in *.asc) continue ;; esac
		[ ! -e "$tarball" ] || { echo "$tarball"; return; }
	done
}

# The system's sources with every "deb" turned into "deb-src".
write_sources() {
	mkdir -p "$work/parts" "$work/lists/partial" "$work/archives/partial"
	for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -e "$list" ] || continue
		sed -n 's/^[ \t]*deb\(-src\)\{0,1\}[ \t]/deb-src /p' "$list" |
			sort -u >"$work/parts/$(basename "$list" .list).list"
	done
	for list in /etc/apt/sources.list.d/*.sources; do
		[ -e "$list" ] || continue
		sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/parts/$(basename "$list")"
	done
}

private_apt() {
	apt-get -qq -o Dir::Etc::sourcelist=/dev/null \
		-o Dir::Etc::sourceparts="$work/parts" -o Dir::State::lists="$work/lists" \
		-o Dir::Cache="$work" -o APT::Sandbox::User= -o Debug::NoLocking=1 \
		-o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}

tarball=$(find_tarball "$cache")
if [ -z "$tarball" ]; then
	echo "fetching the headers of $package $version"
	write_sources
	private_apt update >"$log" 2>&1 || :
	# A signature file that the archive lacks makes apt-get fail after the
	# tarball, whose checksum it verified, has arrived: the tarball decides.
	(cd "$work" && private_apt --download-only source "$package=$version") \
		>>"$log" 2>&1 || :
	tarball=$(find_tarball "$work")
	if [ -z "$tarball" ] && grep -q 'Can not find version' "$log"; then
		fail "the package archive has no source of $package $version (any more):" \
			"upgrade with 'apt-get update && apt-get install kamailio'," \
			"or run make KAMAILIO_SRC=/path/to/that/source."
	fi
	[ -n "$tarball" ] || fail "the headers of $package $version could not be fetched" \
		"($log says why): run make again when the package archive can be reached," \
		"or put ${package}_$upstream.orig.tar.gz into $cache," \
		"or run make KAMAILIO_SRC=/path/to/that/source."
	mv "$tarball" "$cache/"
	tarball=$cache/$(basename "$tarball")
fi

mkdir "$work/tree"
if ! tar xf "$tarball" -C "$work/tree" --strip-components=1 --wildcards \
	'*/src/Makefile.defs' '*/src/*.h' '*/src/main.c' '*/src/core/*' 2>>"$log"
then
	rm -f "$tarball"
	fail "$tarball was no complete source of $package, so it was removed: run make again."
fi
rm -rf "$ready"
mv "$work/tree" "$ready"
