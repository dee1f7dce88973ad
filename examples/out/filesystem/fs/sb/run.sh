#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy filesystem.mcp, server fs, SHA-256 574c26055691cada5125098c76ce05640445f2088e10fc427e0238318fd6bd1c.
# Not enforced here:
#   deny: what other programs obey (`.git/hooks`, `.vscode` and the like) can be made in a directory that is moved to the temporary directory, and back to `/srv/mcp/filesystem/project/out`
#   tmp: the temporary directory has no size of its own: it can fill the disk (accepted)
#   memory: macOS enforces no limit of memory (accepted)
#   processes: a limit of processes would count all of the user's (accepted)
#   cpu: macOS has no share of CPU time (accepted)
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
same '/srv/mcp/filesystem/node_modules'
same '/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem/dist'
same '/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js'
same '/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem/package.json'
same '/srv/mcp/filesystem/package.json'
same '/srv/mcp/filesystem/project'
same '/srv/mcp/filesystem/project/out'
same '/usr/bin/node'

ulimit -c 0 || fail 'a limit could not be set'
ulimit -n 256 || fail 'a limit could not be set'

tmp=$(/usr/bin/mktemp -d /private/tmp/mcpc.XXXXXXXX) || fail 'no temporary directory could be made'
trap '/bin/rm -rf -- "$tmp"' EXIT
trap 'exit 143' HUP INT TERM

# Descriptors that this script was given beside 0, 1 and 2.
for path in /dev/fd/*; do
  fd=${path##*/}
  case $fd in
    0 | 1 | 2 | *[!0-9]*) ;;
    *) eval "exec $fd<&-" 2>/dev/null || : ;;
  esac
done

cd -- '/srv/mcp/filesystem' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js' '/srv/mcp/filesystem/project' 

set -- /usr/bin/env -i HOME="$tmp" 'PATH=/usr/local/bin:/usr/bin:/bin' TMPDIR="$tmp" /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/localtime' -D 'P14=/private/etc/ssl/openssl.cnf' -D 'P15=/private/var/db/dyld' -D 'P16=/private/var/db/oah' -D 'P17=/private/var/db/timezone' -D 'P18=/srv/mcp/filesystem/node_modules' -D 'P19=/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem/dist' -D 'P20=/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js' -D 'P21=/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem/package.json' -D 'P22=/srv/mcp/filesystem/package.json' -D 'P23=/srv/mcp/filesystem/project' -D 'P24=/srv/mcp/filesystem/project/out' -D 'P25=/usr/bin/node' -D 'P26=/usr/lib' -D 'P27=/usr/share/icu' -D 'P28=/usr/share/locale' -D 'P29=/usr/share/zoneinfo' -D 'P30=/usr/share/zoneinfo.default' -D 'P31=/Library' -D 'P32=/Library/Apple' -D 'P33=/Library/Apple/usr' -D 'P34=/Library/Apple/usr/libexec' -D 'P35=/System' -D 'P36=/System/Cryptexes' -D 'P37=/System/Library' -D 'P38=/System/Library/CoreServices' -D 'P39=/System/Volumes' -D 'P40=/System/Volumes/Preboot' -D 'P41=/System/Volumes/Preboot/Cryptexes' -D 'P42=/dev' -D 'P43=/private' -D 'P44=/private/etc' -D 'P45=/private/etc/ssl' -D 'P46=/private/var' -D 'P47=/private/var/db' -D 'P48=/srv' -D 'P49=/srv/mcp' -D 'P50=/srv/mcp/filesystem' -D 'P51=/srv/mcp/filesystem/node_modules/@modelcontextprotocol' -D 'P52=/srv/mcp/filesystem/node_modules/@modelcontextprotocol/server-filesystem' -D 'P53=/usr' -D 'P54=/usr/bin' -D 'P55=/usr/share' -D "TMP=$tmp" -- "$@"

"$@" <&0 &
child=$!
trap 'kill -TERM "$child" 2>/dev/null || :' HUP INT TERM
status=0
wait "$child" || status=$?
exit "$status"
