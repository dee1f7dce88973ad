/** Files: what mounts show, what masks hide, and which rule of a profile counts. */
import { closedUnit, compose, composeWithSockets, dockerRun, sandbox, unit } from "./artifacts.ts";
import type { Row } from "./row.ts";

const reading = (path: string): string => `(allow file-read* (subpath "${path}"))`;
const refusing = (path: string): string => `(deny file-read* file-write* (subpath "${path}"))`;

export const fileRows: readonly Row[] = [
  {
    row: 38,
    reported: ["dozzle#4873", "greywall#55"],
    what: "a read-only directory with a socket in it was enough to connect",
    decided: {
      kind: "fixture",
      policy: "read /run; accept all: files.exec;",
      artifact: composeWithSockets({ volumes: '["/run:/run:ro"]' }),
      repaired: compose({ volumes: '["/srv/data:/data:ro"]' }),
      expect: [{ beyond: "sockets", witness: /^unix \/run/ }, { deputy: "docker" }],
    },
  },
  {
    row: 39,
    reported: ["CVE-2024-42472"],
    what: "what is mounted was a link that a sandbox had put there",
    decided: {
      kind: "output",
      of: ["docker", "systemd"],
      refused:
        "read ./a/b; accept all: deny.future, files.exec, files.deny; > server w < write ./a; accept all: deny.future, files.exec, files.deny;",
      says: /it can be replaced by a symlink before the next start/,
      compiled: "read ./a/b; accept all: deny.future, files.exec, files.deny;",
    },
  },
  {
    row: 40,
    reported: ["CVE-2025-31133"],
    what: "a runtime masked paths with something that only looked like the null device",
    decided: {
      kind: "not-claimed",
      because: "how a runtime makes the masks that it was told to make is the runtime's own matter",
    },
  },
  {
    row: 41,
    reported: ["codex#32395"],
    what: "a later rule of a sandbox profile opened again what an earlier one refuses",
    decided: {
      kind: "fixture",
      policy: "read ./a; write ./a/b; deny write ./a/b/.env; accept all: files.exec;",
      artifact: sandbox(
        '(allow file-read* (subpath "/srv/world/a"))(deny file-write* (literal "/srv/world/a/b/.env"))(allow file-write* (subpath "/srv/world/a/b"))',
      ),
      repaired: sandbox(
        '(allow file-read* (subpath "/srv/world/a"))(allow file-write* (subpath "/srv/world/a/b"))(deny file-write* (subpath "/srv/world/a/b/.env"))(deny file-write-unlink (literal "/srv/world/a/b"))',
      ),
      expect: { beyond: "files", witness: /^write \/srv\/world\/a\/b\/\.env$/ },
    },
  },
  {
    row: 42,
    reported: ["maka#631"],
    what: "a denial of the policy did not come out as one",
    decided: {
      kind: "fixture",
      policy: "read ./a; deny ./a/b;",
      artifact: sandbox(reading("/srv/world/a")),
      repaired: sandbox(reading("/srv/world/a") + refusing("/srv/world/a/b")),
      expect: { beyond: "files", witness: /^read \/srv\/world\/a\/b/ },
    },
  },
  {
    row: 43,
    reported: ["nono#393", "agent-sandbox.nix#82"],
    what: "a denial named a path by a link, and the system compared the real path",
    decided: {
      kind: "fixture",
      policy: "read /private/var/data; deny /private/var/data/secret;",
      artifact: sandbox(reading("/private/var/data") + refusing("/var/data/secret")),
      repaired: sandbox(reading("/private/var/data") + refusing("/private/var/data/secret")),
      expect: { beyond: "files", witness: /^read \/private\/var\/data\/secret/ },
    },
  },
  {
    row: 44,
    reported: ["sbe#4"],
    what: "a link inside a refused directory led to something that was not refused",
    decided: {
      kind: "not-claimed",
      because:
        "a deny speaks of paths: what a link inside of it leads to has another path, and is denied if that one is",
    },
  },
  {
    row: 45,
    reported: ["sandbox-runtime#432"],
    what: "a pattern that begins with `**` held in the working directory alone",
    decided: {
      kind: "fixture",
      policy: "read ./; deny **/.env;",
      artifact: sandbox(`${reading("/srv/world")}(deny file-read* (regex #"^/srv/world/a/.*/\\.env(/|$)"))`),
      repaired: sandbox(`${reading("/srv/world")}(deny file-read* (regex #"/\\.env(/|$)"))`),
      expect: { beyond: "files", witness: /^read \/srv\/world\/.*\.env/ },
    },
  },
  {
    row: 46,
    reported: ["claude-code#92684", "pi-sandbox#80"],
    what: "a pattern that could not be held was left out",
    decided: {
      kind: "output",
      of: ["kubernetes"],
      refused: "read ./d; deny **/.env; accept all: files.exec;",
      says: /files\.deny|mask/,
      compiled: "read ./d; accept all: files.exec;",
    },
  },
  {
    row: 47,
    reported: ["pmg#238"],
    what: "too many matches of a pattern were replaced by the directory above them",
    decided: {
      kind: "fixture",
      policy: "read ./d/e; accept all: files.exec;",
      artifact: compose({ volumes: '["/srv/world/d:/d:ro"]' }),
      repaired: compose({ volumes: '["/srv/world/d/e:/d:ro"]' }),
      expect: { beyond: "files", witness: /^read \/srv\/world\/d$/ },
    },
  },
  {
    row: 48,
    reported: ["codex#15067"],
    what: "a refused path that was not there yet could be made",
    decided: {
      kind: "fixture",
      policy: "read ./; deny ./gone; accept all: files.exec;",
      artifact: unit(`${closedUnit}\nInaccessiblePaths=-+/srv/world/gone`),
      repaired: unit(`${closedUnit}\nInaccessiblePaths=+/srv/world/gone`),
      expect: { beyond: "files", witness: /^read \/srv\/world\/gone/ },
    },
  },
  {
    row: 49,
    reported: ["sandbox-runtime#149"],
    what: "what hides a directory was an empty one that can be filled",
    decided: {
      kind: "fixture",
      policy: "read ./a; deny ./a/b; accept all: files.exec;",
      artifact: compose({
        volumes: '["/srv/world/a:/srv/world/a:ro"]',
        tmpfs: '["/dev/mqueue:ro", "/srv/world/a/b"]',
      }),
      repaired: compose({
        volumes: '["/srv/world/a:/srv/world/a:ro"]',
        tmpfs: '["/dev/mqueue:ro", "/srv/world/a/b:ro"]',
      }),
      expect: { beyond: "limits", witness: /./ },
    },
  },
  {
    row: 50,
    reported: ["codex#9292"],
    what: "read-only left shared and temporary directories writable",
    decided: {
      kind: "fixture",
      artifact: dockerRun("", "--ipc none ", ""),
      repaired: dockerRun(""),
      expect: { beyond: "limits", witness: /tmp/ },
    },
  },
  ...[
    {
      row: 51,
      reported: ["Linux documentation"],
      what: "Landlock let files be cut off where writing them was refused",
    },
    { row: 52, reported: ["Linux documentation"], what: "Landlock holds neither stat, chmod nor chdir" },
    {
      row: 53,
      reported: ["nono#190", "OpenShell#584", "rsync#6686"],
      what: "on an old kernel Landlock held less than it was asked to, without a word",
    },
  ].map((row): Row => ({ ...row, decided: { kind: "not-claimed", because: "Landlock is no target" } })),
  {
    row: 54,
    reported: ["bounty-challenge#5455"],
    what: "to write one device all of them were opened",
    decided: {
      kind: "fixture",
      policy: "write /dev/null; accept all: files.exec;",
      artifact: dockerRun("-v /dev:/dev"),
      repaired: dockerRun(""),
      expect: { beyond: "files", witness: /\/dev/ },
    },
  },
  {
    row: 55,
    reported: ["infra#2188"],
    what: "results were copied out through links that were made inside",
    decided: { kind: "not-claimed", because: "nothing is copied out of a sandbox by this project" },
  },
  {
    row: 56,
    reported: ["Linux documentation"],
    what: "a hard link in a granted directory is a file from elsewhere",
    decided: {
      kind: "not-claimed",
      because: "policies and artifacts speak of paths, and which other names an inode has is not looked at",
    },
  },
  {
    row: 57,
    reported: ["docker documentation"],
    what: "the masks over parts of `/proc` were taken off",
    decided: {
      kind: "fixture",
      artifact: dockerRun("--security-opt systempaths=unconfined"),
      repaired: dockerRun(""),
      expect: { beyond: "files", witness: /\/proc\// },
    },
  },
];
