#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy sqlite.mcp, server sqlite, SHA-256 e8dfc7277f6036398c58259cda8fe9e9f008ba2dd727c22b5efea04027df5ee8.
# Not enforced here:
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
same '/srv/mcp/sqlite/data'
same '/srv/mcp/sqlite/node_modules'
same '/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx/dist'
same '/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx/dist/index.js'
same '/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx/package.json'
same '/srv/mcp/sqlite/node_modules/sqlite3/build/Release/node_sqlite3.node'
same '/srv/mcp/sqlite/package.json'
same '/usr/bin/node'

ulimit -c 0 || fail 'a limit could not be set'
ulimit -n 64 || fail 'a limit could not be set'


# Descriptors that this script was given beside 0, 1 and 2.
for path in /dev/fd/*; do
  fd=${path##*/}
  case $fd in
    0 | 1 | 2 | *[!0-9]*) ;;
    *) eval "exec $fd<&-" 2>/dev/null || : ;;
  esac
done

cd -- '/srv/mcp/sqlite' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx/dist/index.js' '/srv/mcp/sqlite/data/shop.sqlite' 

set -- /usr/bin/env -i 'HOME=/nonexistent' 'PATH=/usr/local/bin:/usr/bin:/bin' /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/localtime' -D 'P14=/private/etc/ssl/openssl.cnf' -D 'P15=/private/var/db/dyld' -D 'P16=/private/var/db/oah' -D 'P17=/private/var/db/timezone' -D 'P18=/srv/mcp/sqlite/data' -D 'P19=/srv/mcp/sqlite/node_modules' -D 'P20=/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx/dist' -D 'P21=/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx/dist/index.js' -D 'P22=/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx/package.json' -D 'P23=/srv/mcp/sqlite/node_modules/sqlite3/build/Release/node_sqlite3.node' -D 'P24=/srv/mcp/sqlite/package.json' -D 'P25=/usr/bin/node' -D 'P26=/usr/lib' -D 'P27=/usr/share/icu' -D 'P28=/usr/share/locale' -D 'P29=/usr/share/zoneinfo' -D 'P30=/usr/share/zoneinfo.default' -D 'P31=/Library' -D 'P32=/Library/Apple' -D 'P33=/Library/Apple/usr' -D 'P34=/Library/Apple/usr/libexec' -D 'P35=/System' -D 'P36=/System/Cryptexes' -D 'P37=/System/Library' -D 'P38=/System/Library/CoreServices' -D 'P39=/System/Volumes' -D 'P40=/System/Volumes/Preboot' -D 'P41=/System/Volumes/Preboot/Cryptexes' -D 'P42=/dev' -D 'P43=/private' -D 'P44=/private/etc' -D 'P45=/private/etc/ssl' -D 'P46=/private/var' -D 'P47=/private/var/db' -D 'P48=/srv' -D 'P49=/srv/mcp' -D 'P50=/srv/mcp/sqlite' -D 'P51=/srv/mcp/sqlite/node_modules/mcp-server-sqlite-npx' -D 'P52=/srv/mcp/sqlite/node_modules/sqlite3' -D 'P53=/srv/mcp/sqlite/node_modules/sqlite3/build' -D 'P54=/srv/mcp/sqlite/node_modules/sqlite3/build/Release' -D 'P55=/usr' -D 'P56=/usr/bin' -D 'P57=/usr/share' -- "$@"

exec "$@"
