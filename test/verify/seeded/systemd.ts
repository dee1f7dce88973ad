import { lonePolicy, replaced, type SeededBug } from "./seeded.ts";

const unit = /^mcp-s(?:@)?\.service$/;
const lost = (key: string, says: RegExp): SeededBug =>
  replaced(`${key}= is lost`, unit, new RegExp(`^${key}=.*\n`, "m"), "", says);
const all = (key: string, says: RegExp): SeededBug =>
  replaced(`every ${key}= is lost`, unit, new RegExp(`^${key}=.*\n`, "gm"), "", says);
const now = (key: string, value: string, says: RegExp): SeededBug =>
  replaced(`${key}=${value}`, unit, new RegExp(`^${key}=.*$`, "m"), `${key}=${value}`, says);

/** Bugs of a unit. */
export const systemdBugs: readonly SeededBug[] = [
  lost("RootDirectory", /read|every file/),
  now("RootDirectory", "/", /read/),
  now("RootDirectory", "/srv", /read/),
  all("InaccessiblePaths", /\/dev\/hugepages/),
  now("InaccessiblePaths", '"/srv/world/a/b/x.key"', /x\.key/),
  replaced(
    "a mount that is writable",
    unit,
    /^BindReadOnlyPaths=(.*\/a:.*)$/m,
    "BindPaths=$1",
    /write \/srv\/world\/a/,
  ),
  replaced(
    "a bind of the parent",
    unit,
    /^(BindPaths=)\/srv\/world\/d:\/srv\/world\/d:/m,
    "$1/srv/world:/srv/world/d:",
    /\/srv\/world/,
  ),
  all("NoExecPaths", /exec/),
  replaced(
    "exec where nothing is executed",
    unit,
    /^NoExecPaths=("\+\/srv\/world\/d")$/m,
    "ExecPaths=$1",
    /exec \/srv\/world\/d/,
  ),
  lost("User", /run as 0:0/),
  now("User", "root", /run as/),
  now("User", "0", /run as/),
  {
    name: "ambient capabilities",
    file: unit,
    edit: (text) => text.replace(/^(CapabilityBoundingSet|AmbientCapabilities)=$/gm, "$1=CAP_NET_RAW"),
    says: /CAP_NET_RAW/,
  },
  {
    name: "privileges by executing",
    file: unit,
    edit: (text) =>
      text.replace(
        /^(?:NoNewPrivileges|SystemCall\w+|Restrict\w+|Lock\w+|Protect\w+|PrivateDevices)=.*\n/gm,
        "",
      ),
    says: /setuid/,
  },
  { ...lost("PrivateNetwork", /connect|every connection/), policy: lonePolicy },
  lost("SystemCallArchitectures", /x32:|on i386/),
  now("SystemCallArchitectures", "native x86", /x32:|on i386/),
  replaced("a group more", unit, /^SystemCallFilter=(?!~)/m, "SystemCallFilter=@mount ", /pivot_root/),
  all("SystemCallFilter", /on x86_64/),
  replaced("a list that begins by denying", unit, /^(SystemCallFilter=)(?!~)/m, "$1~", /on x86_64/),
  replaced("@default is not taken away", unit, /^SystemCallFilter=~@default\n/m, "", /on x86_64|clock|sched/),
  now("MemoryMax", "infinity", /memory/),
  now("MemoryMax", "0", /memory|findings|ignores/),
  lost("TasksMax", /processes/),
  lost("LimitNOFILE", /files/),
  now("CPUQuota", "200%", /cpu/),
  lost("RuntimeMaxSec", /time/),
  replaced("a temporary directory without a size", unit, /size=\d+,/, "", /tmp/),
  replaced("a variable more", unit, /^Environment=/m, 'Environment="LD_PRELOAD=/tmp/x.so" ', /LD_PRELOAD/),
  replaced(
    "another variable that is passed",
    unit,
    /^(PassEnvironment=)/m,
    "$1AWS_SECRET_ACCESS_KEY ",
    /AWS_SECRET_ACCESS_KEY/,
  ),
  lost("UnsetEnvironment", /env/),
  { ...now("ProtectProc", "default", /inspect of processes/), policy: lonePolicy },
  { ...lost("PrivateIPC", /ipc of processes/), policy: lonePolicy },
  replaced("a typo", unit, /^NoNewPrivileges=/m, "NoNewPrivilege=", /NoNewPrivilege/),
  replaced("a key in the wrong section", unit, /^\[Unit\]$/m, "[Unit]\nPrivateDevices=yes", /PrivateDevices/),
  replaced("a command that runs outside", unit, /^ExecStart=:?/m, "ExecStart=+", /./),
];
