#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy subprocess.mcp, server search, SHA-256 55d5974b5760957b9ed93d9cf059ead6e8c30aee13db29d4870735208f429458.
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
same '/srv/mcp/subprocess/node_modules'
same '/srv/mcp/subprocess/node_modules/mcp-ripgrep/dist'
same '/srv/mcp/subprocess/node_modules/mcp-ripgrep/dist/index.js'
same '/srv/mcp/subprocess/node_modules/mcp-ripgrep/package.json'
same '/srv/mcp/subprocess/package.json'
same '/srv/mcp/subprocess/project'
same '/usr/bin/dash'
same '/usr/bin/node'
same '/usr/bin/rg'

ulimit -c 0 || fail 'a limit could not be set'


# Descriptors that this script was given beside 0, 1 and 2.
for path in /dev/fd/*; do
  fd=${path##*/}
  case $fd in
    0 | 1 | 2 | *[!0-9]*) ;;
    *) eval "exec $fd<&-" 2>/dev/null || : ;;
  esac
done

cd -- '/srv/mcp/subprocess' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/subprocess/node_modules/mcp-ripgrep/dist/index.js' 

set -- /usr/bin/env -i 'HOME=/nonexistent' 'PATH=/usr/local/bin:/usr/bin:/bin' /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/localtime' -D 'P14=/private/etc/ssl/openssl.cnf' -D 'P15=/private/var/db/dyld' -D 'P16=/private/var/db/oah' -D 'P17=/private/var/db/timezone' -D 'P18=/srv/mcp/subprocess/node_modules' -D 'P19=/srv/mcp/subprocess/node_modules/mcp-ripgrep/dist' -D 'P20=/srv/mcp/subprocess/node_modules/mcp-ripgrep/dist/index.js' -D 'P21=/srv/mcp/subprocess/node_modules/mcp-ripgrep/package.json' -D 'P22=/srv/mcp/subprocess/package.json' -D 'P23=/srv/mcp/subprocess/project' -D 'P24=/usr/bin/dash' -D 'P25=/usr/bin/node' -D 'P26=/usr/bin/rg' -D 'P27=/usr/lib' -D 'P28=/usr/share/icu' -D 'P29=/usr/share/locale' -D 'P30=/usr/share/zoneinfo' -D 'P31=/usr/share/zoneinfo.default' -D 'P32=/Library' -D 'P33=/Library/Apple' -D 'P34=/Library/Apple/usr' -D 'P35=/Library/Apple/usr/libexec' -D 'P36=/System' -D 'P37=/System/Cryptexes' -D 'P38=/System/Library' -D 'P39=/System/Library/CoreServices' -D 'P40=/System/Volumes' -D 'P41=/System/Volumes/Preboot' -D 'P42=/System/Volumes/Preboot/Cryptexes' -D 'P43=/bin' -D 'P44=/bin/sh' -D 'P45=/dev' -D 'P46=/private' -D 'P47=/private/etc' -D 'P48=/private/etc/ssl' -D 'P49=/private/var' -D 'P50=/private/var/db' -D 'P51=/srv' -D 'P52=/srv/mcp' -D 'P53=/srv/mcp/subprocess' -D 'P54=/srv/mcp/subprocess/node_modules/mcp-ripgrep' -D 'P55=/usr' -D 'P56=/usr/bin' -D 'P57=/usr/share' -- "$@"

exec "$@"
