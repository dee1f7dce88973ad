import { lonePolicy, replaced, type SeededBug } from "./seeded.ts";

const compose = /^compose\.yaml$/;
const run = /^run\.json$/;
const said = (name: string, from: RegExp, to: string, says: RegExp): SeededBug =>
  replaced(`compose: ${name}`, compose, from, to, says);
const ran = (name: string, from: RegExp, to: string, says: RegExp): SeededBug =>
  replaced(`run: ${name}`, run, from, to, says);

/** Bugs of a compose file, a command line and a Dockerfile. */
export const dockerBugs: readonly SeededBug[] = [
  said("no-new-privileges is lost", / *- "no-new-privileges:true"\n/, "", /setuid/),
  said("no-new-privileges:false", /no-new-privileges:true/, "no-new-privileges:false", /setuid/),
  said("the filter is lost", / *- "seccomp:[^"]*"\n/, "", /every system call/),
  said(
    "another filter",
    /seccomp:\.\/seccomp\.json/,
    "seccomp:./none.json",
    /system call|read back|none\.json/,
  ),
  said("unconfined", /seccomp:\.\/seccomp\.json/, "seccomp:unconfined", /system call|socket/),
  said(
    "two filters",
    /( *- )"seccomp:\.\/seccomp\.json"\n/,
    '$1"seccomp:./seccomp.json"\n$1"seccomp:unconfined"\n',
    /./,
  ),
  said("root", /"user": "[^"]*"/, '"user": "0:0"', /run as 0:0/),
  said("a uid alone", /"user": "1001:1001"/, '"user": "1001"', /run as 1001:0/),
  said("privileged", /"privileged": false/, '"privileged": true', /./),
  said("a writable root", /"read_only": true/, '"read_only": false', /tmp/),
  {
    ...said(
      "a network",
      /"network_mode": "none"\n/,
      '"network_mode": "bridge"\n',
      /every connection|connect/,
    ),
    policy: lonePolicy,
  },
  said("the host's processes", /( *)"ipc": "none"/, '$1"pid": "host"\n$1"ipc": "none"', /./),
  said("the host's memory", /"ipc": "none"/, '"ipc": "host"', /./),
  said("no limit of memory", / *"mem_limit": \d+\n/, "", /memory/),
  said("a limit of 0", /"mem_limit": \d+/, '"mem_limit": 0', /memory/),
  said("swap besides", /"memswap_limit": \d+/, '"memswap_limit": -1', /memory/),
  said("processes without a limit", /"pids_limit": \d+/, '"pids_limit": -1', /processes/),
  said("all processors", / *"cpus": [\d.]+\n/, "", /cpu/),
  said("more files", /"hard": 64/, '"hard": 4096', /files/),
  said("a temporary directory without a size", /,size=\d+,mode=1777/, ",mode=1777", /tmp/),
  said("a variable more", /( *- )"HOME=/, '$1"LD_PRELOAD=/tmp/x.so"\n$1"HOME=', /LD_PRELOAD/),
  said("another variable that is passed", /- "TOKEN"/, '- "AWS_SECRET_ACCESS_KEY"', /AWS_SECRET_ACCESS_KEY/),
  said("a mount that is writable", /bind,ro,noexec/, "bind,noexec", /write \/srv\/world/),
  said(
    "a volume of the parent",
    /"device": "\/srv\/world\/a"/,
    '"device": "/srv/world"',
    /read \/srv\/world/,
  ),
  said("a bind of the parent", /"source": "\/srv\/world\/d"/, '"source": "/srv/world"', /\/srv\/world/),
  said(
    "the engine's socket",
    /( *)- "type": "bind"\n/,
    '$1- "type": "bind"\n$1  "source": "/var/run/docker.sock"\n$1  "target": "/var/run/docker.sock"\n$1- "type": "bind"\n',
    /docker\.sock/,
  ),
  said("a device", /( *)"stdin_open"/, '$1"devices":\n$1  - "/dev/sda"\n$1"stdin_open"', /\/dev\/sda/),
  said("a typo", /"read_only"/, '"read_olny"', /read_olny/),
  said("an interpolation", /"user": "1001:1001"/, `"user": "$${"{U}"}"`, /./),
  ran("no-new-privileges is lost", / *"--security-opt=no-new-privileges:true",\n/, "", /setuid/),
  ran("the filter is lost", / *"--security-opt=seccomp=[^"]*",\n/, "", /every system call/),
  ran("root", /--user=1001:1001/, "--user=0", /run as 0:0/),
  ran("a writable root", / *"--read-only",\n/, "", /tmp/),
  {
    ...ran("a network", /--network=none/, "--network=bridge", /every connection|connect/),
    policy: lonePolicy,
  },
  ran("privileged", /"--rm"/, '"--rm", "--privileged"', /./),
  ran("a mount more", /"--rm"/, '"--rm", "--volume=/:/host"', /read \/|write \//),
  ran("the host's users' variables", /"--rm"/, '"--rm", "--env=SSH_AUTH_SOCK"', /SSH_AUTH_SOCK/),
  ran("an option that ends them", /"--memory=\d+",/, '"--memory=0",', /memory/),
  {
    ...said("a mount that is executable", /bind,ro,noexec/, "bind,ro", /exec \/srv\/world\/a/),
    policy: "server s <\n  run node ./program/index.js;\n  read ./a;\n  exec ./a/bc;\n>\n",
  },
  {
    name: "nobody says who runs it",
    file: /^(?:compose\.yaml|Dockerfile)$/,
    edit: (text) => text.replace(/^ *"user": .*\n|^USER .*\n/gm, ""),
    says: /run as/,
  },
  {
    name: "capabilities are kept, and more may be gained",
    file: compose,
    edit: (text) => text.replace(/ *"cap_drop":\n *- "ALL"\n| *- "no-new-privileges:true"\n/g, ""),
    says: /setuid|CAP_/,
  },
  {
    name: "everything is copied into the image",
    file: /Dockerfile|\.dockerignore$/,
    edit: (text) => (text.includes("FROM") ? text.replace(/^COPY .*$/m, "COPY . /all") : "# nothing\n"),
    says: /read \/srv\/world/,
  },
];
