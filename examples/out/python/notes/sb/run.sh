#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy python.mcp, server notes, SHA-256 941a1a51b34f046882e85498b8bfda0c2be200aa756102ca58ab6f4774f9b663.
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
same '/srv/mcp/python/notes'
same '/srv/mcp/python/notes-server'
same '/srv/mcp/python/notes-server/server.py'
same '/usr/bin/python3.11'

ulimit -c 0 || fail 'a limit could not be set'


# Descriptors that this script was given beside 0, 1 and 2.
for path in /dev/fd/*; do
  fd=${path##*/}
  case $fd in
    0 | 1 | 2 | *[!0-9]*) ;;
    *) eval "exec $fd<&-" 2>/dev/null || : ;;
  esac
done

cd -- '/srv/mcp/python' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/python3.11' '/srv/mcp/python/notes-server/server.py' '/srv/mcp/python/notes' 

set -- /usr/bin/env -i 'HOME=/nonexistent' 'PATH=/usr/local/bin:/usr/bin:/bin' 'PYTHONDONTWRITEBYTECODE=1' /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/private/etc/localtime' -D 'P14=/private/etc/mime.types' -D 'P15=/private/etc/ssl' -D 'P16=/private/var/db/dyld' -D 'P17=/private/var/db/oah' -D 'P18=/private/var/db/timezone' -D 'P19=/srv/mcp/python/notes' -D 'P20=/srv/mcp/python/notes-server' -D 'P21=/srv/mcp/python/notes-server/server.py' -D 'P22=/usr/bin/python3.11' -D 'P23=/usr/lib' -D 'P24=/usr/share/icu' -D 'P25=/usr/share/locale' -D 'P26=/usr/share/zoneinfo' -D 'P27=/usr/share/zoneinfo.default' -D 'P28=/Library' -D 'P29=/Library/Apple' -D 'P30=/Library/Apple/usr' -D 'P31=/Library/Apple/usr/libexec' -D 'P32=/System' -D 'P33=/System/Cryptexes' -D 'P34=/System/Library' -D 'P35=/System/Library/CoreServices' -D 'P36=/System/Volumes' -D 'P37=/System/Volumes/Preboot' -D 'P38=/System/Volumes/Preboot/Cryptexes' -D 'P39=/dev' -D 'P40=/private' -D 'P41=/private/etc' -D 'P42=/private/var' -D 'P43=/private/var/db' -D 'P44=/srv' -D 'P45=/srv/mcp' -D 'P46=/srv/mcp/python' -D 'P47=/usr' -D 'P48=/usr/bin' -D 'P49=/usr/share' -- "$@"

exec "$@"
