#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-module.sh SO VERSION FLAGS: refuses a module that the Kamailio it was
# built for would not load.
set -eu
module=$1
version=$2
flags=$3

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

texts=$(strings -n 4 "$module")
printf '%s\n' "$texts" | grep -qxF -- "$version" ||
	fail "the module does not say '$version', so this Kamailio would refuse it:" \
		"does ims_regmon.c have MODULE_VERSION? Else give the right source in KAMAILIO_SRC=."
printf '%s\n' "$texts" | grep -qxF -- "$flags" ||
	fail "this Kamailio was built with a flag that its headers do not know, and would" \
		"refuse the module: give the very source it was built from in KAMAILIO_SRC=."
undefined=$(nm -D --undefined-only "$module" | awk '$2 ~ /^regmon_/ { print $2 }')
[ -z "$undefined" ] || fail "used but defined nowhere:" $undefined
