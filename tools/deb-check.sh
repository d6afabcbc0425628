#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deb-check.sh SUITE: builds the Debian package in the system of that line (line.sh),
# and a second one of a higher version; lintian; then, in a bare SUITE of its own:
# install, start Kamailio with a shipped example, ask it by kamcmd, upgrade, remove.
set -u
suite=$1
tools=$(cd "$(dirname "$0")" && pwd)
name=kamailio-ims-regmon-module
home=/root/ims_regmon
work=$BUILD/deb-check/$suite
# the systems in CACHE are for one at a time
if [ -z "${SYSTEMS_ARE_OURS:-}" ]; then
	mkdir -p "$CACHE"
	export SYSTEMS_ARE_OURS=yes
	exec flock "$CACHE/systems.lock" "$0" "$@"
fi
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
finish() {
	rm -rf "$work/clean"
	echo "$passed passed, $failed failed"
	[ $failed = 0 ]
	exit
}
# step NAME COMMAND...: its output is shown when it fails
step() {
	what=$1
	shift
	"$@" >"$work/log" 2>&1 </dev/null
	status=$?
	[ $status = 0 ] || tail -n 20 "$work/log"
	check "$what" $status
	return $status
}

mkdir -p "$work"
rm -f "$work"/*.deb
line=$("$tools/line.sh" "$suite") || { echo "0 passed, 1 failed"; exit 1; }
eval "$line"

# build NUMBER [DEB_REBUILD=N]: leaves the package as $work/NUMBER.deb
build() {
	number=$1
	shift
	"$tools/chroot.sh" alone "$root" make --no-print-directory -C $home deb \
		${source:+KAMAILIO_SRC="$source"} "$@" &&
		cp "$root$home"/build/${name}_*.deb "$work/$number.deb"
}
field() {
	dpkg-deb -f "$work/1.deb" "$1"
}

step "make deb" build 1 || finish
"$tools/chroot.sh" alone "$root" sh -c "lintian --allow-root --fail-on error,warning \
	$home/build/${name}_*.deb" \
	>"$work/lintian" 2>&1 </dev/null
status=$?
grep -v 'root privileges' "$work/lintian"
check "lintian has no error and no warning" $status
echo "        $name $(field Version): $(field Depends)"
step "make deb DEB_REBUILD=1" build 2 DEB_REBUILD=1 || finish

clean=$work/clean
trap 'rm -rf "$clean"' EXIT
trap 'exit 1' INT TERM
"$tools/chroot.sh" bare "$suite" "$clean" || { check "a bare $suite" 1; finish; }
cp "$work/1.deb" "$work/2.deb" "$clean/root/"
cat >"$clean/root/ask" <<'X'
# starts Kamailio as no service, with a shipped example, and asks the module
set -eu
run=$(mktemp -d)
kamailio -DD -E -f "/usr/share/doc/kamailio-ims-regmon-module/examples/$1" \
	-Y "$run" -P "$run/pid" >"$run/log" 2>&1 &
tries=0
until kamcmd -s "unix:$run/kamailio_ctl" ims_regmon.summary 2>"$run/error"; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] && kill -0 $! || { cat "$run/log"; exit 1; }
	sleep 0.1
done
! grep -E 'ERROR|CRITICAL' "$run/log"
# one SIGTERM may come too early in its start to be heard
while kill $! 2>"$run/error"; do
	sleep 0.5
done
wait $!
X
in_clean() {
	"$tools/chroot.sh" run "$clean" "$@"
}
left_over() {
	! in_clean find / -xdev -path /proc -prune -o -path /dev -prune -o \
		-path '/var/log/*' -prune -o -path '/root/*' -prune -o \
		-iname '*ims?regmon*' -print | grep . &&
		! in_clean dpkg-query -W $name
}

step "installs in a bare $suite, with the Kamailio it depends on" \
	in_clean sh -c 'apt-get -qq update; apt-get -qq -y install /root/1.deb' || finish
echo "        $(in_clean dpkg-query -W kamailio | tr '\t' ' ')"
for example in demo.cfg pcscf-minimal.cfg; do
	step "Kamailio starts with $example, kamcmd ims_regmon.summary answers" \
		"$tools/chroot.sh" alone "$clean" sh /root/ask $example
done
sed -n 's/^/        /p' "$work/log" | head -n 8
step "upgrades" in_clean apt-get -qq -y install /root/2.deb
step "is now the higher version" in_clean sh -c \
	"[ \"\$(dpkg-query -W -f '\${Version}' $name)\" = '$(dpkg-deb -f "$work/2.deb" Version)' ]"
step "works after the upgrade" "$tools/chroot.sh" alone "$clean" sh /root/ask demo.cfg
step "no file differs from the package" in_clean dpkg -V $name
step "is removed" in_clean apt-get -qq -y purge $name
step "leaves nothing behind" left_over
step "and Kamailio is as before" in_clean kamailio -v
finish
