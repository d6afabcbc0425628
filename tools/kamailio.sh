#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kamailio.sh OUT CACHE [KAMAILIO [KAMAILIO_SRC]]: finds out how that Kamailio
# was built and where its headers are. Writes OUT/kamailio.h (its defines, as
# every source must see them) and OUT/kamailio.mk (facts for the Makefile).
#
# The loader compares two strings, version and compile flags, exactly. They come
# from macros, so the macros are derived from the strings of the binary.
set -eu
out=$1
cache=$2
kamailio=${3:-}
source=${4:-}
compiler=${CC:-gcc}

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

check_compiler() {
	command -v "${compiler%% *}" >/dev/null ||
		fail "no compiler '$compiler': run 'tools/setup.sh build' or" \
			"'apt-get install gcc libc6-dev libxml2-dev libssl-dev zlib1g-dev'."
	printf '#include <stdio.h>\n#include <libxml/parser.h>\n#include <openssl/evp.h>\n#include <zlib.h>\n' |
		$compiler -E -isystem /usr/include/libxml2 -x c - >/dev/null 2>&1 ||
		fail "headers of the C library, libxml2, OpenSSL or zlib are missing: run" \
			"'tools/setup.sh build' or 'apt-get install libc6-dev libxml2-dev libssl-dev zlib1g-dev'."
}

# Sets info, version (as the loader compares it), release, arch, os, modules.
ask_binary() {
	[ -n "$kamailio" ] ||
		fail "no kamailio found: 'apt-get install kamailio', or run" \
			"make KAMAILIO=/path/to/kamailio KAMAILIO_SRC=/path/to/its/source."
	[ -f "$kamailio" ] && [ -x "$kamailio" ] ||
		fail "KAMAILIO=$kamailio is no program: give the path of the kamailio binary."
	info=$("$kamailio" -I 2>/dev/null </dev/null) || info=""
	version=$(printf '%s\n' "$info" |
		sed -n 's/^ *Version: *\([^ ]* [^ ]* ([^)]*)\).*/\1/p')
	case $version in
		*" "*" ("*/*")") ;;
		*) fail "$kamailio -I tells no Kamailio version:" \
			"give the path of the kamailio binary in KAMAILIO=." ;;
	esac
	name=${version%% *}
	release=${version#* }
	release=${release%% *}
	arch=${version#*\(}
	os=${arch#*/}
	os=${os%\)}
	arch=${arch%%/*}
	modules=$(printf '%s\n' "$info" | sed -n 's/^ *Default paths to modules: *//p')
}

# `kamailio -I` prints more flags than the loader compares (6.1 adds DBG_*), so
# the flags are read from a module that was built with this binary.
ask_module() {
	flags=""
	for directory in $(printf %s "$modules" | tr : ' '); do
		for module in pv kex tm sl; do
			[ -e "$directory/$module.so" ] || continue
			strings -n 4 "$directory/$module.so" | grep -qxF -- "$version" ||
				fail "$directory/$module.so was not built for $version of $kamailio:" \
					"two Kamailios share that folder; install one of them anew," \
					"or give the right one in KAMAILIO=."
			flags=$(strings -n 20 "$directory/$module.so" |
				grep -m1 -E '(^|, )(SHM_MMAP|PKG_MALLOC|Q_MALLOC|F_MALLOC)(,|$)') || :
			[ -z "$flags" ] || return 0
		done
	done
	flags=$(printf '%s\n' "$info" | sed -n 's/^ *Compile flags: *//p')
	[ -n "$flags" ] || fail "$kamailio -I tells no compile flags:" \
		"this Kamailio cannot be built against."
}

# Sets package, package_version and source_version; "" for one of no Debian package.
find_package() {
	package=""
	package_version=""
	command -v dpkg-query >/dev/null || return 0
	package=$(dpkg-query -S "$(readlink -f "$kamailio")" 2>/dev/null | sed 's/[:,].*//;q')
	[ -n "$package" ] || return 0
	package_version=$(dpkg-query -W -f '${Version}' "$package")
	source_version=$(dpkg-query -W -f '${source:Version}' "$package")
}

fetch_headers() {
	command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
		fail "this is not a Debian system, so the headers of $version cannot be" \
			"fetched: run make KAMAILIO_SRC=/path/to/the/source/of/it."
	[ -n "$package" ] || fail "$kamailio belongs to no Debian package:" \
		"run make KAMAILIO=$kamailio KAMAILIO_SRC=/path/to/the/source/it/was/built/from."
	source_package=$(dpkg-query -W -f '${source:Package}' "$package")
	"$(dirname "$0")/headers.sh" "$cache" "$source_package" "$source_version" || exit 1
	home=$cache/$source_package-$source_version
	source=$home/src
	upstream=${source_version#*:}
	for tarball in "$cache/${source_package}_${upstream%-*}".orig.tar.*z*; do
		case $tarball in *.asc) ;; *) break ;; esac
	done
}

number() {
	sed -n "s/^$1 *= *\([^ 	]*\).*/\1/p" "$source/Makefile.defs" | head -n 1
}

check_source() {
	[ -e "$source/core/ver_defs.h" ] || source=$source/src
	[ -e "$source/core/ver_defs.h" ] && [ -e "$source/Makefile.defs" ] ||
		fail "KAMAILIO_SRC=${source%/src} is no Kamailio source:" \
			"give the folder that holds src/core/ver_defs.h."
	source=$(cd "$source" && pwd)
	has=$(number VERSION).$(number PATCHLEVEL).$(number SUBLEVEL)$(number EXTRAVERSION)
	[ "$has" = "$release" ] ||
		fail "the source in $source is $has, but $kamailio is $release:" \
			"give the source of $release in KAMAILIO_SRC=."
}

define() {
	for macro; do echo "#define ${macro%%=*} $(case $macro in
		*=*) echo "${macro#*=}" ;; *) echo 1 ;; esac)"; done
}

write_defines() {
	echo "/* How $kamailio was built. Written by tools/kamailio.sh. */"
	numbers=$(echo "${release%%[!0-9.]*}" |
		awk -F. '{ print $1 * 1000000 + $2 * 1000 + $3 }')
	define NAME="\"$name\"" VERSION="\"$release\"" VERSIONVAL="$numbers" \
		ARCH="\"$arch\"" OS_QUOTED="\"$os\"" OS="${os}_" "__CPU_$arch" \
		"__OS_$(echo "$os" | tr '[:upper:]' '[:lower:]')"
	# Not part of the compared strings; the same in all builds for Linux.
	define CC_GCC_LIKE_ASM STATISTICS USE_CORE_STATS MALLOC_STATS WITH_XAVP \
		MEM_JOIN_FREE HAVE_GETHOSTBYNAME2 HAVE_UNION_SEMUN HAVE_SCHED_YIELD \
		HAVE_MSG_NOSIGNAL HAVE_MSGHDR_MSG_CONTROL HAVE_ALLOCA_H HAVE_TIMEGM \
		HAVE_SCHED_SETSCHEDULER HAVE_IP_MREQN HAVE_EPOLL HAVE_SIGIO_RT \
		SIGINFO64_WORKARROUND HAVE_SELECT
	loops=$(printf '%s\n' "$info" | sed -n 's/^ *ADAPTIVE_WAIT_LOOPS=\([0-9]*\).*/\1/p')
	for flag in $(printf %s "$flags" | tr ',' ' '); do
		case $flag in *-NOSMP) define NOSMP; flag=${flag%-NOSMP} ;; esac
		case $flag in
			FAST_LOCK-ADAPTIVE_WAIT)
				define FAST_LOCK ADAPTIVE_WAIT "ADAPTIVE_WAIT_LOOPS=${loops:-1024}" ;;
			FAST_LOCK-BUSY_WAIT) define FAST_LOCK BUSY_WAIT ;;
			TLS_PTHREAD_MUTEX_SHARED) define KSR_PTHREAD_MUTEX_SHARED ;;
			MEM_JOIN_FREE) ;;
			*) define "$flag" ;;
		esac
	done
}

write_facts() {
	cat <<-X
		# Written by tools/kamailio.sh.
		KAMAILIO_VERSION := $version
		KAMAILIO_FLAGS := $flags
		KAMAILIO_HEADERS := $source
		KAMAILIO_CORE := $home/core
		KAMAILIO_PACKAGE := $package
		KAMAILIO_PACKAGE_VERSION := $package_version
		KAMAILIO_TARBALL := $tarball
		MODULES_DIR := ${modules%%:*}
	X
}

check_compiler
ask_binary
ask_module
find_package
mkdir -p "$out"
tarball=""
home=$out/kamailio
if [ -z "$source" ]; then
	fetch_headers
else
	rm -rf "$home"
fi
check_source
write_defines >"$out/kamailio.h.new"
write_facts >"$out/kamailio.mk.new"
mv "$out/kamailio.h.new" "$out/kamailio.h"
mv "$out/kamailio.mk.new" "$out/kamailio.mk"
