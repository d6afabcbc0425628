#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deb.sh: BUILD/kamailio-ims-regmon-module_VERSION_ARCH.deb for the Kamailio package
# that is installed. VERSION is the module's with that of Kamailio's package:
# 0.1.0+kam5.6.3-2. packaging/debian has what debhelper needs, but the changelog.
#   DEB_REBUILD=1     another package of the same versions: 0.1.0+kam5.6.3-2+r1
#   DEBFULLNAME=, DEBEMAIL=   who builds it, as for all Debian tools
set -eu
tools=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$tools")
name=kamailio-ims-regmon-module

fail() {
	echo "ims_regmon: $*" >&2
	exit 1
}

[ -n "$KAMAILIO_PACKAGE" ] || fail "$KAMAILIO belongs to no Debian package that this one" \
	"could depend on: use 'make install'."
mkdir -p "$CACHE"
CACHE=$(cd "$CACHE" && pwd)
KAMAILIO=$(readlink -f "$KAMAILIO")
[ -z "$KAMAILIO_SRC" ] || KAMAILIO_SRC=$(cd "$KAMAILIO_SRC" && pwd)
build=$(cd "$BUILD" && pwd)
export CACHE KAMAILIO KAMAILIO_SRC
version=$(sed -n 's/^#define REGMON_VERSION "\(.*\)"/\1/p' "$top/ims_regmon.h")
version=$version+kam${KAMAILIO_PACKAGE_VERSION#*:}${DEB_REBUILD:++r$DEB_REBUILD}
work=$build/deb
tree=$work/tree
rm -rf "$work"
mkdir -p "$tree"
tar -C "$top" --exclude=./.git --exclude=./build --exclude="./$BUILD" \
	--exclude=__pycache__ -cf - . | tar -C "$tree" -xf -
cp -Rp "$top/packaging/debian" "$tree/debian"
if [ -n "${DEBEMAIL:-}" ]; then
	sed -i "s/^Maintainer: .*/Maintainer: ${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>/" \
		"$tree/debian/control"
fi
# The date of what changed last, so that the same source gives the same package.
seconds=$(find "$tree" -type f -printf '%T@\n' | sort -n | tail -n 1)
cat >"$tree/debian/changelog" <<X
$name ($version) unstable; urgency=medium

  * For $KAMAILIO_PACKAGE $KAMAILIO_PACKAGE_VERSION; CHANGELOG.md tells what changed in the module.

 -- $(sed -n 's/^Maintainer: //p' "$tree/debian/control")  $(date -Rud "@${seconds%.*}")
X

# Nothing of this make may reach that of the package.
unset MAKEFLAGS MFLAGS MAKELEVEL BUILD
if ! (cd "$tree" && dpkg-buildpackage --build=binary --no-sign --no-check-builddeps) \
	>"$work/log" 2>&1 </dev/null
then
	tail -n 20 "$work/log" >&2
	fail "the package could not be built (all of it: $work/log)."
fi
rm -f "$build/$name"*.deb
mv "$work"/*.deb "$build/"
echo "built $(ls "$build/$name"_*.deb) for $KAMAILIO_PACKAGE $KAMAILIO_PACKAGE_VERSION"
