#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy memory.mcp, server memory, SHA-256 62e7cd406a7ecf2a5e4d193bb9cc5e178261150f02e810a553f5e68f413346e9.
# Not enforced here:
#   memory: macOS enforces no limit of memory (accepted)
#   processes: a limit of processes would count all of the user's (accepted)
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
same '/srv/mcp/memory/graph'
same '/srv/mcp/memory/node_modules'
same '/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory/dist'
same '/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory/dist/index.js'
same '/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory/package.json'
same '/srv/mcp/memory/package.json'
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

cd -- '/srv/mcp/memory' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory/dist/index.js' 

set -- /usr/bin/env -i 'HOME=/nonexistent' 'MEMORY_FILE_PATH=/srv/mcp/memory/graph/graph.jsonl' 'PATH=/usr/local/bin:/usr/bin:/bin' /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/localtime' -D 'P14=/private/etc/ssl/openssl.cnf' -D 'P15=/private/var/db/dyld' -D 'P16=/private/var/db/oah' -D 'P17=/private/var/db/timezone' -D 'P18=/srv/mcp/memory/graph' -D 'P19=/srv/mcp/memory/node_modules' -D 'P20=/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory/dist' -D 'P21=/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory/dist/index.js' -D 'P22=/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory/package.json' -D 'P23=/srv/mcp/memory/package.json' -D 'P24=/usr/bin/node' -D 'P25=/usr/lib' -D 'P26=/usr/share/icu' -D 'P27=/usr/share/locale' -D 'P28=/usr/share/zoneinfo' -D 'P29=/usr/share/zoneinfo.default' -D 'P30=/Library' -D 'P31=/Library/Apple' -D 'P32=/Library/Apple/usr' -D 'P33=/Library/Apple/usr/libexec' -D 'P34=/System' -D 'P35=/System/Cryptexes' -D 'P36=/System/Library' -D 'P37=/System/Library/CoreServices' -D 'P38=/System/Volumes' -D 'P39=/System/Volumes/Preboot' -D 'P40=/System/Volumes/Preboot/Cryptexes' -D 'P41=/dev' -D 'P42=/private' -D 'P43=/private/etc' -D 'P44=/private/etc/ssl' -D 'P45=/private/var' -D 'P46=/private/var/db' -D 'P47=/srv' -D 'P48=/srv/mcp' -D 'P49=/srv/mcp/memory' -D 'P50=/srv/mcp/memory/node_modules/@modelcontextprotocol' -D 'P51=/srv/mcp/memory/node_modules/@modelcontextprotocol/server-memory' -D 'P52=/usr' -D 'P53=/usr/bin' -D 'P54=/usr/share' -- "$@"

exec "$@"
