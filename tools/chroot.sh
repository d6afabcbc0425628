#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Small Debian systems beside this one, for `make matrix` and `make deb-check`.
#   chroot.sh bare SUITE ROOT        a bare Debian of SUITE (bookworm, trixie, sid)
#   chroot.sh run ROOT COMMAND...    runs a command in it, with this machine's network
#   chroot.sh alone ROOT COMMAND...  the same with a loopback interface of its own only
#   chroot.sh possible               says what is in the way of that here, if anything is
#
# Mounts and processes live in namespaces of their own, so nothing of them can be
# left behind, whatever ends the command. Downloads are kept in CACHE.
#   MIRROR=   the Debian archive (default: this machine's, else debootstrap's)
set -eu

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

[ "$(id -u)" = 0 ] || fail "a system in a chroot needs root: run it as root or with sudo."
unshare --mount --pid --fork true 2>/dev/null ||
	fail "this machine lets nobody mount (a container?): run it on a machine or" \
		"in a container that may (CAP_SYS_ADMIN)."

system_mirror() {
	apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' \
		'Origin: Debian' 'Component: main' 2>/dev/null | grep -v security | head -n 1
}

# An archive's mirror may be some days old, which is no reason not to test with it;
# signatures are checked all the same.
configure() {
	{
		echo 'Acquire::Check-Valid-Until "false";'
		echo 'Acquire::Languages "none";'
		echo 'APT::Install-Recommends "false";'
		apt-config dump 2>/dev/null | grep -E '^Acquire::https?::Proxy' || :
	} >"$1/etc/apt/apt.conf.d/99beside"
	# a Kamailio that is installed here must not be started by its package
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
}

bare() {
	suite=$1
	root=$2
	mkdir -p "$CACHE"
	archive=$(cd "$CACHE" && pwd)/debian-$suite.tar.gz
	exec 9>"$archive.lock"
	flock 9
	if [ ! -e "$archive" ]; then
		command -v debootstrap >/dev/null ||
			fail "debootstrap is missing: run 'tools/setup.sh matrix'."
		mirror=${MIRROR:-$(system_mirror || :)}
		echo "making a bare Debian $suite${mirror:+ from $mirror}" >&2
		work=$(mktemp -d "$CACHE/debian-$suite.XXXXXX")
		trap 'rm -rf "$work"' EXIT
		trap 'exit 1' INT TERM
		chmod 755 "$work"
		unshare --mount --pid --fork --kill-child --mount-proc \
			debootstrap --variant=minbase "$suite" "$work" $mirror \
			>"$archive.log" 2>&1 </dev/null || {
			tail -n 5 "$archive.log" >&2
			fail "debootstrap could not make $suite (all of it: $archive.log)."
		}
		configure "$work"
		tar -C "$work" -cf - . | gzip -1 >"$archive.new"
		mv "$archive.new" "$archive"
		rm -rf "$work"
		trap - EXIT INT TERM
	fi
	rm -rf "$root"
	mkdir -p "$root"
	tar -C "$root" -xzf "$archive"
}

# Without /sys: nothing here needs it.
inside() {
	network=$1
	root=$2
	shift 2
	[ -x "$root/bin/sh" ] || fail "$root is no system."
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || :
	# it dies with whoever asked for it, even where that was killed and could not say so
	exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child $network sh -eu -c '
		root=$1
		shift
		if [ "$1" = --net ]; then
			ip link set lo up
			shift
		fi
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		# the first process of a namespace is deaf to signals but for those it
		# traps; with it all others end
		trap "exit 130" INT
		trap "exit 143" TERM HUP
		chroot "$root" "$@" &
		wait $!
	' sh "$root" $network env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} "$@"
}

what=${1:-}
[ $# -lt 3 ] || shift
case $what in
	bare) bare "$@" ;;
	run) inside '' "$@" ;;
	alone) inside --net "$@" ;;
	possible) ;;
	*) fail "usage: chroot.sh bare SUITE ROOT, run|alone ROOT COMMAND..., possible" ;;
esac
