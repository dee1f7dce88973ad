import { replaced, type SeededBug } from "./seeded.ts";

const profile = /^profile\.sb$/;
const launcher = /^run\.sh$/;
const added = (rule: string, says: RegExp): SeededBug => ({
  name: rule,
  file: profile,
  edit: (text) => `${text}${rule}\n`,
  says,
});

/** Bugs of a profile and its launcher. */
export const sbBugs: readonly SeededBug[] = [
  replaced("(allow default)", profile, /\(deny default\)/, "(allow default)", /./),
  added("(allow file-read*)", /read \//),
  added('(allow file-read-data (subpath "/Users"))', /read \/Users/),
  added('(allow file-write* (subpath "/srv/world/a"))', /write \/srv\/world\/a/),
  added('(allow file-read-xattr (literal "/srv/other"))', /read \/srv\/other/),
  added("(allow network-outbound)", /connect/),
  added('(allow network-outbound (remote ip "localhost:*"))', /connect 127\.0\.0\.0/),
  added('(allow network* (local ip "*:80"))', /:80|connect/),
  added("(allow network-outbound (remote unix-socket))", /unix/),
  added('(allow mach-lookup (global-name "com.apple.coreservices.launchservicesd"))', /launchservicesd/),
  added("(allow mach-lookup)", /mach-lookup/),
  added("(allow signal)", /signal/),
  added("(allow process-info* (target others))", /process-info/),
  added("(allow sysctl-write)", /sysctl/),
  added("(allow appleevent-send)", /appleevent-send/),
  added("(allow process-exec (with no-sandbox))", /outside of the sandbox|process-exec|can't be read/),
  replaced(
    "a deny is lost",
    profile,
    / \(require-not \(literal \(param "P\d+"\)\)\) \(require-not \(subpath \(param "P\d+"\)\)\)/,
    "",
    /x\.key/,
  ),
  replaced(
    "what lies beside the temporary directory can be moved into it",
    profile,
    /(file-write-xattr \()subpath( \(param "TMP"\))/,
    "$1prefix$2",
    /read \/private\/tmp\/mcpc\.X+x/,
  ),
  replaced("a parameter of a parent", launcher, /=\/srv\/world\/d'/, "=/srv/world'", /\/srv\/world/),
  replaced("the environment is kept", launcher, /\/usr\/bin\/env -i /, "/usr/bin/env ", /can't be read back/),
  replaced(
    "a variable more",
    launcher,
    /env -i /,
    "env -i 'DYLD_INSERT_LIBRARIES=/x' ",
    /DYLD_INSERT_LIBRARIES/,
  ),
  replaced("root may start it", launcher, /^\[ "\$\(\/usr\/bin\/id.*\n/m, "", /can't be read back/),
  replaced(
    "a real path is not looked at",
    launcher,
    /\|\| fail "\$1 is missing"/,
    "|| :",
    /can't be read back/,
  ),
  replaced("descriptors stay open", launcher, /exec \$fd<&-/, ":", /can't be read back/),
  replaced(
    "a limit that may fail",
    launcher,
    /ulimit -c 0 \|\| fail 'a limit could not be set'/,
    "ulimit -c 0 || :",
    /can't be read back/,
  ),
  replaced(
    "another profile",
    launcher,
    /-f "\$here\/profile\.sb"/,
    '-f "$here/other.sb"',
    /can't be read back/,
  ),
];
