#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# setup.sh GROUP: installs the Debian packages of a group of packages.txt that
# are missing. Says nothing and needs neither root nor network when all are there.
set -eu
here=$(dirname "$0")
group=${1:?usage: setup.sh build|demo|test|bench|fuzz|in-tree|deb|matrix|manual|format}

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

case $group in
	build|matrix|fuzz|manual|format) groups=$group ;;
	in-tree|deb) groups="build manual $group" ;;
	demo) groups="build demo" ;;
	test) groups="build demo manual test" ;;
	bench) groups="build demo bench" ;;
	*) fail "tools/setup.sh knows the groups build, demo, test, bench, fuzz, in-tree, deb," \
		"matrix, manual and format, not '$group'." ;;
esac

wanted=$(awk -v groups=" $groups " \
	'!/^#/ && NF && index(groups, " " $1 " ") { print $2 }' "$here/packages.txt")

if ! command -v dpkg-query >/dev/null; then
	fail "this is not a Debian system, so install what stands for these packages" \
		"yourself, then run make without demo or test:" $wanted
fi

missing=""
for package in $wanted; do
	# a package that is wanted for a program: whoever brought that, it will do
	program=$(awk -v package="$package" '!/^#/ && $2 == package && $3 ~ /^\(.*\)$/ {
		gsub(/[()]/, "", $3); print $3; exit }' "$here/packages.txt")
	if [ -n "$program" ] && command -v "$program" >/dev/null; then
		continue
	fi
	state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || :)
	[ "$state" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root="env"
elif command -v sudo >/dev/null; then
	as_root="sudo env"
else
	fail "these packages are missing, and only root can install them (or sudo," \
		"which is not here): apt-get install$missing"
fi

echo "installing:$missing"
# Kamailio is wanted here as a program: its package must not start a server
# that listens on this machine's addresses.
policy=/usr/sbin/policy-rc.d
made_policy=no
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
	made_policy=yes
fi
forget_policy() {
	[ $made_policy = no ] || $as_root rm -f $policy
}
trap forget_policy EXIT
trap 'exit 1' INT TERM

log=$(mktemp)
# A single unreachable archive among several is no reason to stop: whether the
# packages can be had is decided by the install.
$as_root apt-get -qq update >"$log" 2>&1 || :
if ! $as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	--no-install-recommends install $missing >>"$log" 2>&1 </dev/null
then
	tail -20 "$log" >&2
	rm -f "$log"
	fail "apt-get could not install$missing (its last words are above)."
fi
rm -f "$log"
