#!/bin/sh
# Made by mcpc 0.1.0 (language 1, standard library 1) for the target sb.
# Policy browser.mcp, server browser, SHA-256 661eb36eefcf73c38c8cf8c63d4e8d41f45ba6c0839705dafee86441b9530a3a.
# Not enforced here:
#   tmp: the temporary directory has no size of its own: it can fill the disk (accepted)
#   net.loopback: the loopback is the host's own, with every service on it (accepted)
#   net.connect: hosts can't be named: their ports are open to every host (accepted)
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
same '/etc/fonts'
same '/srv/mcp/browser/node_modules'
same '/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer/dist'
same '/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer/dist/index.js'
same '/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer/package.json'
same '/srv/mcp/browser/package.json'
same '/usr/bin/node'
same '/usr/lib/chromium'
same '/usr/share/fontconfig'
same '/usr/share/fonts'
same '/var/cache/fontconfig'

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

cd -- '/srv/mcp/browser' || fail 'the working directory is missing'

[ "$#" -eq 0 ] || fail 'the policy says the whole command line; no arguments are taken'
set -- '/usr/bin/node' '/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer/dist/index.js' 

set -- /usr/bin/env -i 'DOCKER_CONTAINER=1' HOME="$tmp" 'PATH=/usr/local/bin:/usr/bin:/bin' 'PUPPETEER_EXECUTABLE_PATH=/usr/lib/chromium/chromium-headless-shell' TMPDIR="$tmp" /usr/bin/sandbox-exec -f "$here/profile.sb" -D 'P0=/Library/Apple/usr/libexec/oah' -D 'P1=/System/Cryptexes/App' -D 'P2=/System/Cryptexes/OS' -D 'P3=/System/Library/CoreServices/.SystemVersionPlatform.plist' -D 'P4=/System/Library/CoreServices/SystemVersion.plist' -D 'P5=/System/Library/Frameworks' -D 'P6=/System/Library/PrivateFrameworks' -D 'P7=/System/Volumes/Preboot/Cryptexes/App' -D 'P8=/System/Volumes/Preboot/Cryptexes/OS' -D 'P9=/dev/null' -D 'P10=/dev/random' -D 'P11=/dev/urandom' -D 'P12=/dev/zero' -D 'P13=/etc/fonts' -D 'P14=/private/etc/hosts' -D 'P15=/private/etc/localtime' -D 'P16=/private/etc/protocols' -D 'P17=/private/etc/resolv.conf' -D 'P18=/private/etc/services' -D 'P19=/private/etc/ssl/openssl.cnf' -D 'P20=/private/var/db/dyld' -D 'P21=/private/var/db/oah' -D 'P22=/private/var/db/timezone' -D 'P23=/private/var/run/resolv.conf' -D 'P24=/srv/mcp/browser/node_modules' -D 'P25=/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer/dist' -D 'P26=/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer/dist/index.js' -D 'P27=/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer/package.json' -D 'P28=/srv/mcp/browser/package.json' -D 'P29=/usr/bin/node' -D 'P30=/usr/lib' -D 'P31=/usr/lib/chromium' -D 'P32=/usr/share/fontconfig' -D 'P33=/usr/share/fonts' -D 'P34=/usr/share/icu' -D 'P35=/usr/share/locale' -D 'P36=/usr/share/zoneinfo' -D 'P37=/usr/share/zoneinfo.default' -D 'P38=/var/cache/fontconfig' -D 'P39=/Library' -D 'P40=/Library/Apple' -D 'P41=/Library/Apple/usr' -D 'P42=/Library/Apple/usr/libexec' -D 'P43=/System' -D 'P44=/System/Cryptexes' -D 'P45=/System/Library' -D 'P46=/System/Library/CoreServices' -D 'P47=/System/Volumes' -D 'P48=/System/Volumes/Preboot' -D 'P49=/System/Volumes/Preboot/Cryptexes' -D 'P50=/dev' -D 'P51=/etc' -D 'P52=/private' -D 'P53=/private/etc' -D 'P54=/private/etc/ssl' -D 'P55=/private/var' -D 'P56=/private/var/db' -D 'P57=/private/var/run' -D 'P58=/srv' -D 'P59=/srv/mcp' -D 'P60=/srv/mcp/browser' -D 'P61=/srv/mcp/browser/node_modules/@modelcontextprotocol' -D 'P62=/srv/mcp/browser/node_modules/@modelcontextprotocol/server-puppeteer' -D 'P63=/usr' -D 'P64=/usr/bin' -D 'P65=/usr/share' -D 'P66=/var' -D 'P67=/var/cache' -D "TMP=$tmp" -- "$@"

"$@" <&0 &
child=$!
trap 'kill -TERM "$child" 2>/dev/null || :' HUP INT TERM
status=0
wait "$child" || status=$?
exit "$status"
