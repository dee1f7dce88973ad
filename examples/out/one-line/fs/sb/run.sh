#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy one-line.mcp, server fs, SHA-256 4b5df96216e5b708cf8d7dfc144f2ad7b5cb4e93a639a2baa8caea67a07ca8a0.
# Everything that the policy denies is enforced here.
#
# Starts the server inside its sandbox. Every step that protects is fatal when it fails.
set -eu
umask 077

fail() {
  printf 'mcpc: %s\n' "$1" >&2
  exit 126
}

[ "$(/usr/bin/id -u)" -ne 0 ] || fail 'a server never runs as root'
[ -x /usr/bin/sandbox-exec ] || fail '/usr/bin/sandbox-exec is missing'

here=$(CDPATH='' cd -P -- "$(/usr/bin/dirname -- "$0")" && pwd -P)

# A path must still be what it was when the policy was compiled: no symlink in its place or above it.
same() {
  [ ! -L "$1" ] || fail "$1 has become a symlink; compile the policy again"
  if [ -d "$1" ]; then
    real=$(CDPATH='' cd -P -- "$1" && pwd -P)
  else
    [ -e "$1" ] || fail "$1 is missing"
    real=$(CDPATH='' cd -P -- "$(/usr/bin/dirname -- "$1")" && pwd -P)
    real="${real%/}/$(/usr/bin/basename -- "$1")"
  fi
  [ "$real" = "$1" ] || fail "$1 now leads to $real; compile the policy again"
}
same '/srv/mcp/one-line/project'

ulimit -c 0 || fail 'a limit could not be set'


# Descriptors that this script was given beside 0, 1 and 2.
for path in /dev/fd/*; do
  fd=${path##*/}
  case $fd in
    0 | 1 | 2 | *[!0-9]*) ;;
    *) eval "exec $fd<&-" 2>/dev/null || : ;;
  esac
done

cd -- '/' || fail 'the working directory is missing'

[ "$#" -gt 0 ] || fail 'usage: run.sh PROGRAM [ARGUMENT ...]; the policy names no program'

set -- /usr/bin/env -i 'HOME=/nonexistent' 'PATH=/usr/local/bin:/usr/bin:/bin' /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/localtime' -D 'P14=/private/var/db/dyld' -D 'P15=/private/var/db/oah' -D 'P16=/private/var/db/timezone' -D 'P17=/srv/mcp/one-line/project' -D 'P18=/usr/lib' -D 'P19=/usr/share/icu' -D 'P20=/usr/share/locale' -D 'P21=/usr/share/zoneinfo' -D 'P22=/usr/share/zoneinfo.default' -D 'P23=/Library' -D 'P24=/Library/Apple' -D 'P25=/Library/Apple/usr' -D 'P26=/Library/Apple/usr/libexec' -D 'P27=/System' -D 'P28=/System/Cryptexes' -D 'P29=/System/Library' -D 'P30=/System/Library/CoreServices' -D 'P31=/System/Volumes' -D 'P32=/System/Volumes/Preboot' -D 'P33=/System/Volumes/Preboot/Cryptexes' -D 'P34=/dev' -D 'P35=/private' -D 'P36=/private/etc' -D 'P37=/private/var' -D 'P38=/private/var/db' -D 'P39=/srv' -D 'P40=/srv/mcp' -D 'P41=/srv/mcp/one-line' -D 'P42=/usr' -D 'P43=/usr/share' -- "$@"

exec "$@"
