#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy fetch.mcp, server fetch, SHA-256 4c234b2995f6138c00d7da48b04a91a6bf731330dda8b5fa0bdb4de0688842b0.
# Not enforced here:
#   net.connect: hosts can't be named: their ports are open to every host (accepted)
#   memory: macOS enforces no limit of memory (accepted)
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
same '/srv/mcp/fetch/node_modules'
same '/srv/mcp/fetch/node_modules/mcp-fetch-server/dist'
same '/srv/mcp/fetch/node_modules/mcp-fetch-server/dist/index.js'
same '/srv/mcp/fetch/node_modules/mcp-fetch-server/package.json'
same '/srv/mcp/fetch/package.json'
same '/usr/bin/node'

ulimit -c 0 || fail 'a limit could not be set'


# Descriptors that this script was given beside 0, 1 and 2.
for path in /dev/fd/*; do
  fd=${path##*/}
  case $fd in
    0 | 1 | 2 | *[!0-9]*) ;;
    *) eval "exec $fd<&-" 2>/dev/null || : ;;
  esac
done

cd -- '/srv/mcp/fetch' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/fetch/node_modules/mcp-fetch-server/dist/index.js' 

set -- /usr/bin/env -i 'HOME=/nonexistent' 'PATH=/usr/local/bin:/usr/bin:/bin' /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/hosts' -D 'P14=/private/etc/localtime' -D 'P15=/private/etc/protocols' -D 'P16=/private/etc/resolv.conf' -D 'P17=/private/etc/services' -D 'P18=/private/etc/ssl/openssl.cnf' -D 'P19=/private/var/db/dyld' -D 'P20=/private/var/db/oah' -D 'P21=/private/var/db/timezone' -D 'P22=/private/var/run/resolv.conf' -D 'P23=/srv/mcp/fetch/node_modules' -D 'P24=/srv/mcp/fetch/node_modules/mcp-fetch-server/dist' -D 'P25=/srv/mcp/fetch/node_modules/mcp-fetch-server/dist/index.js' -D 'P26=/srv/mcp/fetch/node_modules/mcp-fetch-server/package.json' -D 'P27=/srv/mcp/fetch/package.json' -D 'P28=/usr/bin/node' -D 'P29=/usr/lib' -D 'P30=/usr/share/icu' -D 'P31=/usr/share/locale' -D 'P32=/usr/share/zoneinfo' -D 'P33=/usr/share/zoneinfo.default' -D 'P34=/Library' -D 'P35=/Library/Apple' -D 'P36=/Library/Apple/usr' -D 'P37=/Library/Apple/usr/libexec' -D 'P38=/System' -D 'P39=/System/Cryptexes' -D 'P40=/System/Library' -D 'P41=/System/Library/CoreServices' -D 'P42=/System/Volumes' -D 'P43=/System/Volumes/Preboot' -D 'P44=/System/Volumes/Preboot/Cryptexes' -D 'P45=/dev' -D 'P46=/private' -D 'P47=/private/etc' -D 'P48=/private/etc/ssl' -D 'P49=/private/var' -D 'P50=/private/var/db' -D 'P51=/private/var/run' -D 'P52=/srv' -D 'P53=/srv/mcp' -D 'P54=/srv/mcp/fetch' -D 'P55=/srv/mcp/fetch/node_modules/mcp-fetch-server' -D 'P56=/usr' -D 'P57=/usr/bin' -D 'P58=/usr/share' -- "$@"

exec "$@"
