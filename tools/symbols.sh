#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# symbols.sh SO OBJECTS 'PURE_SOURCE...' OBJECT...: checks the names that leave a file.
# 1. The module exports nothing but what Kamailio's loader looks up.
# 2. Every global name of our objects starts with regmon_: modules of Kamailio
#    clash by global names, and this one may be built into others' trees.
# 3. Objects of pure folders call no clock, network, file, log or allocation.
set -eu
module=$1
objects=$2
pure_sources=$3
shift 3
mistakes=0

wrong() {
	echo "$*"
	mistakes=1
}

loader='^(exports|mod_register|module_version|module_flags|module_interface_ver)$'
extra=$(nm -D --defined-only "$module" | awk 'NF == 3 { print $3 }' |
	grep -v -E "$loader" || :)
[ -z "$extra" ] || wrong "$module exports:" $extra
nm -D --defined-only "$module" | grep -q ' module_version$' ||
	wrong "$module has no module_version: Kamailio would refuse it"

[ $# -gt 0 ] || wrong "no objects"
for object; do
	names=$(nm -g --defined-only "$object" | awk 'NF == 3 { print $3 }' |
		grep -v -E "$loader|^regmon_" || :)
	[ -z "$names" ] || wrong "$object: make static or name regmon_*:" $names
done

impure='^(time|gettimeofday|clock_gettime|clock|localtime(_r)?|sleep|usleep|nanosleep'
impure="$impure|random|rand|srand|getrandom|getpid|getenv|socket|connect|bind|send|sendto"
impure="$impure|sendmsg|recv|recvfrom|getaddrinfo|open|open64|fopen|fopen64|read|write"
impure="$impure|printf|fprintf|puts|perror|syslog|_?exit|abort|malloc|calloc|realloc|free"
impure="$impure|strdup|strndup|asprintf|pthread_.*|_?(shm|pkg)_.*|_ksr_.*|_dprint_.*"
impure="$impure|get_debug_level|__(printf|fprintf|asprintf)_chk)(@.*)?\$"
for source in $pure_sources; do
	object=$objects/${source%.c}.o
	names=$(nm -u "$object" | awk '{ print $2 }' | grep -E "$impure" || :)
	[ -z "$names" ] || wrong "$source is in a pure folder but uses:" $names
done

echo "$# objects: global names and calls of pure folders"
echo "$((1 - mistakes)) passed, $mistakes failed"
exit $mistakes
