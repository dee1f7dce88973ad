/** MC3xxx: the policy can be read, and means something that is not wanted, or nothing. */
import { defineEntry } from "../entry.ts";

const good = { policy: "server fs <\n  read ./project;\n>" };

export const meaningErrors = {
  unresolvable: defineEntry<{ path: string; reason: string }>("MC3001", {
    severity: "error",
    title: "a path that can't be resolved",
    message: ({ path, reason }) => `\`${path}\` can't be resolved on this host: ${reason}`,
    why: "A path means what its symlinks lead to; falling back to the text could grant or deny something else.",
    bad: { command: "mcpc check policy.mcp   # `read ./loop;`, where loop is a symlink to itself" },
    good,
  }),
  absent: defineEntry<{ path: string }>("MC3002", {
    severity: "warning",
    title: "a granted path that does not exist",
    message: ({ path }) => `\`${path}\` does not exist on this host`,
    why: "Targets that mount paths refuse to start when one is absent.",
    bad: { policy: "server fs <\n  read ./no-such-directory;\n>" },
    good,
  }),
  resolved: defineEntry<{ path: string; target: string }>("MC3003", {
    severity: "note",
    title: "a path that is a symlink",
    message: ({ path, target }) => `\`${path}\` is \`${target}\`, symlinks resolved`,
    why: "Policy paths mean resolved names; launchers resolve again at start, and refuse when the answer has changed.",
    bad: { command: "mcpc check policy.mcp   # `read ./link;`, where link leads elsewhere" },
    good,
  }),
  scalarConflict: defineEntry<{ what: string; first: string; second: string }>("MC3004", {
    severity: "error",
    title: "two profiles disagree",
    message: ({ what, first, second }) =>
      `\`${what}\` comes from both \`${first}\` and \`${second}\`, with different values; say here which`,
    why: "Order never matters, so neither profile could win; the block that extends both decides.",
    bad: {
      policy:
        "profile a <\n  tmp 1MiB;\n>\nprofile b <\n  tmp 2MiB;\n>\nserver fs extends a, b <\n  net none;\n>",
    },
    good: {
      policy:
        "profile a <\n  tmp 1MiB;\n>\nprofile b <\n  tmp 2MiB;\n>\nserver fs extends a, b <\n  tmp 2MiB;\n>",
    },
  }),
  netNoneNotAlone: defineEntry<Record<string, never>>("MC3005", {
    severity: "error",
    title: "`net none` beside another `net`",
    message: () => "`net none` stands alone, and this server also has another `net` clause",
    why: "One of the two is a mistake, and which is not the compiler's to guess.",
    bad: { policy: "server fs <\n  net none;\n  net loopback;\n>" },
    good: { policy: "server fs <\n  net none;\n>" },
  }),
  familyContradiction: defineEntry<{ family: string; clause: string }>("MC3006", {
    severity: "error",
    title: "a socket family that no clause grants",
    message: ({ family, clause }) => `a socket of \`${family}\` is asked for, but ${clause} grants none`,
    why: "Families of sockets follow `net` and `unix`; an entry that contradicts them would be dead, or a hole.",
    bad: {
      policy: "server fs <\n  net none;\n  syscalls default-deny + [..., socket(domain = AF_INET)];\n>",
    },
    good: {
      policy:
        "server fs <\n  net loopback;\n  syscalls default-deny + [..., socket(domain = AF_INET)];\n  accept all: net.loopback;\n>",
    },
  }),
  notInstalled: defineEntry<{ program: string; command: string }>("MC3007", {
    severity: "error",
    title: "a program that is not installed",
    message: ({ program, command }) => `\`${program}\` is not installed here; install it first: ${command}`,
    why: "Inside its sandbox a server can't download itself, so launchers are resolved to the installed file when compiling.",
    bad: { policy: "server fs <\n  run npx @example/no-such-server ./project;\n>" },
    good: { policy: "server fs <\n  run node ./index.js ./project;\n>" },
  }),
  commandNotFound: defineEntry<{ command: string }>("MC3008", {
    severity: "warning",
    title: "a command that this host does not have",
    message: ({ command }) => `\`${command}\` was not found on this host, so its files can't be granted`,
    why: "Targets that run on the host need to know the file; container targets take the command of their image.",
    bad: { policy: "server fs <\n  run no-such-command ./project;\n>" },
    good: { policy: "server fs <\n  run node ./index.js ./project;\n>" },
  }),
  programDirectory: defineEntry<{ directory: string; reason: string }>("MC3009", {
    severity: "note",
    title: "a program beside everything else",
    message: ({ directory, reason }) =>
      `the program lies in \`${directory}\`, which is ${reason}: only its file, package.json and node_modules are granted`,
    why: "`run` grants the directory of the program, but not a whole root or home by the way.",
    bad: { policy: "server fs <\n  run node ./index.js;\n  tmp 1MiB;\n>", files: { "index.js": "" } },
    good: {
      policy: "server fs <\n  run node ./dist/index.js;\n  tmp 1MiB;\n>",
      files: { "dist/index.js": "" },
    },
  }),
  unstableGrant: defineEntry<{ path: string; above: string; server: string }>("MC3010", {
    severity: "error",
    title: "a grant inside a tree that a server may write",
    message: ({ path, above, server }) =>
      `\`${path}\` lies inside \`${above}\`, which \`${server}\` may write: it can be replaced by a symlink before the next start`,
    why: "What is a directory today may lead elsewhere tomorrow, and the grant with it.",
    bad: { policy: "server a <\n  write ./data;\n>\nserver b <\n  read ./data/shared;\n>" },
    good: { policy: "server a <\n  write ./data;\n>\nserver b <\n  read ./shared;\n>" },
  }),
  writableCode: defineEntry<{ write: string; exec: string }>("MC3011", {
    severity: "error",
    title: "writable code",
    message: ({ write, exec }) =>
      `\`${exec}\` may be executed and lies in or above \`${write}\`, which may be written`,
    why: "A server that can write what it can execute can run anything; if that is meant, write the very same path in both.",
    bad: { policy: "server fs <\n  write ./data;\n  exec ./data/bin;\n>" },
    good: { policy: "server fs <\n  write ./data;\n  exec ./bin;\n  accept all: files.exec;\n>" },
  }),
  undermines: defineEntry<{ server: string; other: string; path: string }>("MC3012", {
    severity: "error",
    title: "a server that can change what another one runs",
    message: ({ server, other, path }) => `\`${server}\` may write \`${path}\`, which \`${other}\` runs`,
    why: "Whoever writes a program has the rights of whoever runs it, so the two policies would be one.",
    bad: {
      policy: "server a <\n  write ./dist;\n>\nserver b <\n  run node ./dist/index.js;\n>",
      files: { "dist/index.js": "" },
    },
    good: {
      policy: "server a <\n  write ./out;\n>\nserver b <\n  run node ./dist/index.js;\n>",
      files: { "dist/index.js": "" },
    },
  }),
  grantsCredential: defineEntry<{ path: string; credential: string }>("MC3013", {
    severity: "warning",
    title: "a grant of credentials",
    message: ({ path, credential }) =>
      `\`${path}\` is, or lies in, \`${credential}\`, which holds credentials`,
    why: "A grant that names a credential path is obeyed; whoever controls the server then has the credential.",
    bad: { policy: "server fs <\n  read ~/.ssh/config;\n>" },
    good,
  }),
  grantsProtected: defineEntry<{ path: string }>("MC3014", {
    severity: "warning",
    title: "a grant to write what other programs obey",
    message: ({ path }) =>
      `\`${path}\` is read or run by other programs later; whoever writes it has their rights`,
    why: "Hooks, editor settings and start-up files are read-only inside writable grants unless they are named.",
    bad: { policy: "server fs <\n  write ./.vscode;\n>" },
    good: { policy: "server fs <\n  write ./out;\n>" },
  }),
  grantsEssential: defineEntry<{ path: string; what: string }>("MC3015", {
    severity: "error",
    title: "a grant to write the sandbox itself",
    message: ({ path, what }) => `\`${path}\` is ${what}: a server that may write it chooses its own rights`,
    why: "The policy, its imports and the compiled artifacts decide what the server may do next time.",
    bad: { policy: "server fs <\n  write ./policy.mcp;\n>" },
    good: { policy: "server fs <\n  write ./out;\n>" },
  }),
  netAny: defineEntry<Record<string, never>>("MC3016", {
    severity: "warning",
    title: "connections to anywhere",
    message: () => "`net any` lets the server send whatever it can read to anyone",
    why: "A list of hosts bounds where data can go; `net any` leaves that to the server.",
    bad: { policy: "server fs <\n  net any;\n  accept all: net.connect;\n>" },
    good: { policy: "server fs <\n  net none;\n>" },
  }),
  rootUser: defineEntry<{ text: string }>("MC3017", {
    severity: "error",
    title: "root",
    message: ({ text }) => `\`user ${text}\` is root, or of root's group; a server never runs as either`,
    why: "A process of uid 0 owns the host's files whatever else confines it.",
    bad: { policy: "server fs <\n  user 0:0;\n>" },
    good: { policy: "server fs <\n  user 10001:10001;\n>" },
  }),
  rootOwned: defineEntry<{ path: string }>("MC3018", {
    severity: "warning",
    title: "a directory of root's that the server should write",
    message: ({ path }) =>
      `\`${path}\` belongs to root, and a server never runs as root: it will not be able to write there`,
    why: "Without a `user` clause a server takes the owner of the directory that it writes, but never root.",
    bad: { command: "mcpc check policy.mcp   # `write ./out;`, where out belongs to root" },
    good: { policy: "server fs <\n  user 10001:10001;\n  read ./project;\n>" },
  }),
  ownersDiffer: defineEntry<{ first: string; second: string }>("MC3019", {
    severity: "warning",
    title: "writable directories of different owners",
    message: ({ first, second }) =>
      `\`${first}\` and \`${second}\` have different owners; the server takes the first one's`,
    why: "A process has one user; `user` says which.",
    bad: {
      command: "mcpc check policy.mcp   # two `write` grants whose directories belong to different users",
    },
    good: { policy: "server fs <\n  user 10001:10001;\n  read ./project;\n>" },
  }),
  missingCalls: defineEntry<{ calls: string; purpose: string }>("MC3020", {
    severity: "warning",
    title: "system calls that are missing",
    message: ({ calls, purpose }) => `${purpose} needs system calls that the exact list leaves out: ${calls}`,
    why: "A list without `...` is taken as it stands, and nothing is added to it.",
    bad: {
      policy: "server fs <\n  write ./project;\n  syscalls default-deny + [read, write, exit_group];\n>",
    },
    good: { policy: "server fs <\n  write ./project;\n  syscalls default-deny + [...];\n>" },
  }),
  deadGrant: defineEntry<{ path: string }>("MC3021", {
    severity: "warning",
    title: "a grant that is wholly denied",
    message: ({ path }) => `nothing is left of the grant of \`${path}\`: it is wholly denied`,
    why: "A deny beats every grant, so this clause does nothing.",
    bad: { policy: "server fs <\n  read ./project/secret;\n  deny ./project;\n>" },
    good,
  }),
  deadDeny: defineEntry<{ text: string }>("MC3022", {
    severity: "warning",
    title: "a deny that denies nothing",
    message: ({ text }) => `\`${text}\` takes nothing away: no grant reaches there`,
    why: "It may be misspelt, or mean a path that is resolved to another name.",
    bad: { policy: "server fs <\n  read ./project;\n  deny ./projcet/secret;\n>" },
    good: {
      policy: "server fs <\n  read ./project;\n  deny ./project/secret;\n  accept all: deny.future;\n>",
    },
  }),
  redundantGrant: defineEntry<{ path: string; above: string }>("MC3023", {
    severity: "warning",
    title: "a grant that adds nothing",
    message: ({ path, above }) => `\`${path}\` is already granted by \`${above}\`; was a \`deny\` meant?`,
    why: "A grant covers all below it. `write x` is also what is left when the `deny` of `deny write x` is lost.",
    bad: { policy: "server fs <\n  write ./project;\n  write ./project/out;\n>" },
    good: { policy: "server fs <\n  write ./project;\n>" },
  }),
  secretValue: defineEntry<{ name: string }>("MC3024", {
    severity: "warning",
    title: "a secret in the policy",
    message: ({ name }) =>
      `the value of \`${name}\` looks like a secret, and would stand in the policy and its artifacts`,
    why: "A name alone passes the variable through from where the server is started, and leaves the value there.",
    bad: { policy: "server fs <\n  env API_TOKEN=abcdef0123456789;\n>" },
    good: { policy: "server fs <\n  env API_TOKEN;\n>" },
  }),
  singleFileWrite: defineEntry<{ path: string }>("MC3025", {
    severity: "warning",
    title: "a grant to write a single file",
    message: ({ path }) =>
      `\`${path}\` is one file: programs that save by writing a temporary file and renaming it fail there`,
    why: "Renaming needs the right to write the directory; grant that, or make sure the program writes in place.",
    bad: { policy: "server fs <\n  write ./memory.json;\n>", files: { "memory.json": "{}" } },
    good: { policy: "server fs <\n  write ./data;\n>" },
  }),
  imageWithoutDigest: defineEntry<{ name: string }>("MC3026", {
    severity: "warning",
    title: "an image without a digest",
    message: ({ name }) => `\`${name}\` names whatever its tag leads to at the time; add \`@sha256:…\``,
    why: "A tag can be moved to another image, and the policy would confine other code than was reviewed.",
    bad: { policy: "server fs <\n  image ghcr.io/example/server:1.2;\n>" },
    good: {
      policy: `server fs <\n  image ghcr.io/example/server@sha256:${"0".repeat(64)};\n>`,
    },
  }),
  linuxOnly: defineEntry<{ clause: string }>("MC3027", {
    severity: "warning",
    title: "a clause that means nothing on macOS",
    message: ({ clause }) => `\`${clause}\` is about Linux, and macOS is the only target`,
    why: "Linux system calls are not a dimension of macOS; the clause takes effect with a Linux target.",
    bad: { policy: "server fs <\n  syscalls default-deny + [...] - [chmod];\n>", options: { target: "sb" } },
    good: { policy: "server fs <\n  read ./project;\n>", options: { target: "sb" } },
  }),
  deputy: defineEntry<{ path: string; name: string; authority: string }>("MC3028", {
    severity: "error",
    title: "a grant that hands over another's authority",
    message: ({ path, name, authority }) =>
      `\`${path}\` hands over ${authority}; if that is meant: \`accept all: deputy.${name};\``,
    why: "A reader of the policy would not guess what this grant means.",
    bad: { policy: "server fs <\n  unix /var/run/docker.sock;\n>" },
    good: { policy: "server fs <\n  unix /var/run/docker.sock;\n  accept all: deputy.docker;\n>" },
  }),
  nothingLeft: defineEntry<{ calls: string }>("MC3030", {
    severity: "error",
    title: "a list of system calls with nothing in it",
    message: ({ calls }) => `${calls} expands to nothing`,
    why: "A subtraction of nothing denies nothing, and was surely meant to.",
    bad: { policy: "group @none [];\nserver fs <\n  syscalls default-deny + [...] - [@none];\n>" },
    good: { policy: "group @some [umask];\nserver fs <\n  syscalls default-deny + [...] - [@some];\n>" },
  }),
  notASocket: defineEntry<{ path: string; type: string }>("MC3031", {
    severity: "error",
    title: "`unix` of something that is no socket",
    message: ({ path, type }) => `\`${path}\` is a ${type}, and \`unix\` grants connecting to a socket`,
    why: "Granting a directory or a file as a socket would show its contents, which only `read` grants.",
    bad: { policy: "server fs <\n  unix ./project;\n>" },
    good: { policy: "server fs <\n  unix /var/run/docker.sock;\n  accept all: deputy.docker;\n>" },
  }),
  readsSocket: defineEntry<{ path: string }>("MC3032", {
    severity: "warning",
    title: "a file grant of a socket",
    message: ({ path }) => `\`${path}\` is a socket: only \`unix ${path}\` lets the server connect to it`,
    why: "A socket has no contents to read or write, and to read is not to connect; where it is mounted, it is masked.",
    bad: { command: "mcpc check policy.mcp   # `read ./app.sock;`, where app.sock is a socket" },
    good,
  }),
  valueConflict: defineEntry<{ name: string }>("MC3033", {
    severity: "error",
    title: "one variable with two values",
    message: ({ name }) => `\`${name}\` is given more than one value`,
    why: "Order never matters, so neither value could win; the block that extends others decides over theirs.",
    bad: { policy: "server fs <\n  env MODE=a, MODE=b;\n>" },
    good: { policy: "profile p <\n  env MODE=a;\n>\nserver fs extends p <\n  env MODE=b;\n>" },
  }),
  starInPath: defineEntry<{ path: string }>("MC3034", {
    severity: "error",
    title: "a path with a `*` in it",
    message: ({ path }) =>
      `\`${path}\` has a \`*\` in its name, and would be taken for a pattern; give it another name`,
    why: "What is decided of paths, and what some targets are given, has patterns where a `*` stands: this one name can't be said.",
    bad: { policy: 'server fs <\n  read "/srv/*notes";\n>' },
    good: { policy: "server fs <\n  read ./project;\n  deny ./project/*notes;\n>" },
  }),
} as const;
