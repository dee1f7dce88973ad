#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy http.mcp, server everything, SHA-256 2ffd29113c519dd4d57730687cb4bf8da4416e8166f57663c43beda30908e083.
# Not enforced here:
#   net.listen: listening can't be held to the loopback: the ports are open on every address (accepted)
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
same '/srv/mcp/http/node_modules'
same '/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything/dist'
same '/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything/dist/index.js'
same '/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything/package.json'
same '/srv/mcp/http/package.json'
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

cd -- '/srv/mcp/http' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything/dist/index.js' 'streamableHttp' 

set -- /usr/bin/env -i 'HOME=/nonexistent' 'PATH=/usr/local/bin:/usr/bin:/bin' 'PORT=8080' /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/localtime' -D 'P14=/private/etc/ssl/openssl.cnf' -D 'P15=/private/var/db/dyld' -D 'P16=/private/var/db/oah' -D 'P17=/private/var/db/timezone' -D 'P18=/srv/mcp/http/node_modules' -D 'P19=/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything/dist' -D 'P20=/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything/dist/index.js' -D 'P21=/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything/package.json' -D 'P22=/srv/mcp/http/package.json' -D 'P23=/usr/bin/node' -D 'P24=/usr/lib' -D 'P25=/usr/share/icu' -D 'P26=/usr/share/locale' -D 'P27=/usr/share/zoneinfo' -D 'P28=/usr/share/zoneinfo.default' -D 'P29=/Library' -D 'P30=/Library/Apple' -D 'P31=/Library/Apple/usr' -D 'P32=/Library/Apple/usr/libexec' -D 'P33=/System' -D 'P34=/System/Cryptexes' -D 'P35=/System/Library' -D 'P36=/System/Library/CoreServices' -D 'P37=/System/Volumes' -D 'P38=/System/Volumes/Preboot' -D 'P39=/System/Volumes/Preboot/Cryptexes' -D 'P40=/dev' -D 'P41=/private' -D 'P42=/private/etc' -D 'P43=/private/etc/ssl' -D 'P44=/private/var' -D 'P45=/private/var/db' -D 'P46=/srv' -D 'P47=/srv/mcp' -D 'P48=/srv/mcp/http' -D 'P49=/srv/mcp/http/node_modules/@modelcontextprotocol' -D 'P50=/srv/mcp/http/node_modules/@modelcontextprotocol/server-everything' -D 'P51=/usr' -D 'P52=/usr/bin' -D 'P53=/usr/share' -- "$@"

exec "$@"
