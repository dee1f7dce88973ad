#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy git.mcp, server git, SHA-256 83a021e16cafa89a3f55b7ffafb41aa5975890283ef75577617ac5fa63f2c566.
# Not enforced here:
#   deny: what other programs obey (`.git/hooks`, `.vscode` and the like) can be made in a directory that is moved to the temporary directory, and back to `/srv/mcp/git/repository`
#   tmp: the temporary directory has no size of its own: it can fill the disk (accepted)
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
same '/Library/Developer/CommandLineTools/usr/bin/git'
same '/Library/Developer/CommandLineTools/usr/libexec/git-core'
same '/srv/mcp/git/node_modules'
same '/srv/mcp/git/node_modules/@cyanheads/git-mcp-server/dist'
same '/srv/mcp/git/node_modules/@cyanheads/git-mcp-server/dist/index.js'
same '/srv/mcp/git/node_modules/@cyanheads/git-mcp-server/package.json'
same '/srv/mcp/git/package.json'
same '/srv/mcp/git/repository'
same '/usr/bin/node'

ulimit -c 0 || fail 'a limit could not be set'

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

cd -- '/srv/mcp/git' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/git/node_modules/@cyanheads/git-mcp-server/dist/index.js' 

set -- /usr/bin/env -i 'GIT_BASE_DIR=/srv/mcp/git/repository' 'GIT_CONFIG_NOSYSTEM=1' 'GIT_SIGN_COMMITS=false' 'GIT_TERMINAL_PROMPT=0' HOME="$tmp" 'MCP_TRANSPORT_TYPE=stdio' 'PATH=/usr/local/bin:/usr/bin:/bin' TMPDIR="$tmp" /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/Library/Developer/CommandLineTools/usr/bin/git' -D 'P2=/Library/Developer/CommandLineTools/usr/libexec/git-core' -D 'P3=/Library/Developer/CommandLineTools/usr/share/git-core' -D 'P4=/System/Cryptexes/App' -D 'P5=/System/Cryptexes/OS' -D 'P6=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P7=/System/Library/CoreServices/SystemVersion.plist' -D 'P8=/System/Library/Frameworks' -D 'P9=/System/Library/PrivateFrameworks' -D 'P10=/System/Volumes/Preboot/Cryptexes/App' -D 'P11=/System/Volumes/Preboot/Cryptexes/OS' -D 'P12=/dev/null' -D 'P13=/dev/random' -D 'P14=/dev/urandom' -D 'P15=/dev/zero' -D 'P16=/private/etc/localtime' -D 'P17=/private/etc/ssl/openssl.cnf' -D 'P18=/private/var/db/dyld' -D 'P19=/private/var/db/oah' -D 'P20=/private/var/db/timezone' -D 'P21=/srv/mcp/git/node_modules' -D 'P22=/srv/mcp/git/node_modules/@cyanheads/git-mcp-server/dist' -D 'P23=/srv/mcp/git/node_modules/@cyanheads/git-mcp-server/dist/index.js' -D 'P24=/srv/mcp/git/node_modules/@cyanheads/git-mcp-server/package.json' -D 'P25=/srv/mcp/git/package.json' -D 'P26=/srv/mcp/git/repository' -D 'P27=/usr/bin/node' -D 'P28=/usr/lib' -D 'P29=/usr/share/icu' -D 'P30=/usr/share/locale' -D 'P31=/usr/share/zoneinfo' -D 'P32=/usr/share/zoneinfo.default' -D 'P33=/Library' -D 'P34=/Library/Apple' -D 'P35=/Library/Apple/usr' -D 'P36=/Library/Apple/usr/libexec' -D 'P37=/Library/Developer' -D 'P38=/Library/Developer/CommandLineTools' -D 'P39=/Library/Developer/CommandLineTools/usr' -D 'P40=/Library/Developer/CommandLineTools/usr/bin' -D 'P41=/Library/Developer/CommandLineTools/usr/libexec' -D 'P42=/Library/Developer/CommandLineTools/usr/share' -D 'P43=/System' -D 'P44=/System/Cryptexes' -D 'P45=/System/Library' -D 'P46=/System/Library/CoreServices' -D 'P47=/System/Volumes' -D 'P48=/System/Volumes/Preboot' -D 'P49=/System/Volumes/Preboot/Cryptexes' -D 'P50=/dev' -D 'P51=/private' -D 'P52=/private/etc' -D 'P53=/private/etc/ssl' -D 'P54=/private/var' -D 'P55=/private/var/db' -D 'P56=/srv' -D 'P57=/srv/mcp' -D 'P58=/srv/mcp/git' -D 'P59=/srv/mcp/git/node_modules/@cyanheads' -D 'P60=/srv/mcp/git/node_modules/@cyanheads/git-mcp-server' -D 'P61=/usr' -D 'P62=/usr/bin' -D 'P63=/usr/share' -D "TMP=$tmp" -- "$@"

"$@" <&0 &
child=$!
trap 'kill -TERM "$child" 2>/dev/null || :' HUP INT TERM
status=0
wait "$child" || status=$?
exit "$status"
