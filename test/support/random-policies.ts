/** Random policies over one small world, from typed parts, with the interesting classes that each belongs to. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { Project } from "../../src/compile/project.ts";
import type { FileType } from "../../src/host/host.ts";
import { defaultEnvironment } from "../../src/policy/environment.ts";
import { memoryHost } from "./memory-host.ts";

/** What makes a policy worth trying; a test fails when a class becomes rare. */
export const policyClasses = [
  "deny below a grant",
  "grant below a deny",
  "glob deny",
  "credential below a grant",
  "write inside read",
  "argument condition",
  "argument mask",
  "call taken away",
  "exact list",
  "mapped IPv6",
  "network prefix",
  "host name",
  "listen",
  "socket",
  "absent path",
  "extends",
  "limits",
  "environment",
] as const;

export type PolicyClass = (typeof policyClasses)[number];

/** A policy's text, and what is interesting of it. */
export interface RandomPolicy {
  readonly text: string;
  readonly classes: ReadonlySet<PolicyClass>;
}

/** Where the policies of this world lie. */
export const worldRoot = "/srv/world";

/** What exists there. */
export const world: Readonly<Record<string, FileType>> = {
  "/srv/world/a/b/c/file.txt": "file",
  "/srv/world/a/b/.env": "file",
  "/srv/world/a/b/x.key": "file",
  "/srv/world/a/bc/file.txt": "file",
  "/srv/world/a/.git/hooks/pre-commit": "file",
  "/srv/world/d/e/.env": "file",
  "/srv/world/d/file.txt": "file",
  "/srv/world/d/s.sock": "socket",
  "/srv/world/program/index.js": "file",
  "/home/user/.ssh/id_rsa": "file",
  "/home/user/notes/todo.txt": "file",
  "/run/app/app.sock": "socket",
  "/usr/bin/node": "file",
  "/usr/bin/git": "file",
  "/etc/ld.so.cache": "file",
  "/dev/null": "device",
};

const grantPaths = ["./a", "./a/b", "./a/b/c", "./a/bc", "./d", "./d/e", "./d/file.txt", "./gone", "~/"];
const denyPatterns = [
  "./a/b",
  "./a/b/.env",
  "./a/b/c",
  "./d/e",
  "./d/file.txt",
  "./d",
  "**/.env",
  "*.key",
  "./a/**/file.txt",
  "./*/b",
  "./a/b*",
  "~/notes",
];

type Part = readonly [string, ...PolicyClass[]];
const part = (text: string, ...classes: readonly PolicyClass[]): Part => [text, ...classes];

const grants = fc
  .tuple(fc.constantFrom("read", "read", "write", "exec"), fc.constantFrom(...grantPaths))
  .map(
    ([verb, path]): Part =>
      part(
        `${verb} ${path}`,
        ...(path === "~/" ? (["credential below a grant"] as const) : []),
        ...(path === "./gone" ? (["absent path"] as const) : []),
      ),
  );
const denies = fc
  .tuple(fc.constantFrom("deny", "deny", "deny write", "deny exec"), fc.constantFrom(...denyPatterns))
  .map(
    ([verb, pattern]): Part =>
      part(`${verb} ${pattern}`, ...(pattern.includes("*") ? (["glob deny"] as const) : [])),
  );
const network = fc.constantFrom(
  part("net none"),
  part("net loopback"),
  part("net any"),
  part("net connect 10.0.0.0/8:5432", "network prefix"),
  part("net connect 10.1.2.3:80-90, [2001:db8::/32]:443", "network prefix"),
  part("net connect [::ffff:10.0.0.0/104]:5432, api.example.com:443", "mapped IPv6", "host name"),
  part("net connect [::ffff:10.1.2.3]:443", "mapped IPv6"),
  part("net connect api.example.com:443, *.example.org:8443/udp", "host name"),
  part("net listen 8080", "listen"),
  part("net listen 0.0.0.0:9000", "listen"),
);
const calls = fc.constantFrom(
  part(
    "syscalls default-deny + [...] - [chmod, prctl(option = 15)]",
    "call taken away",
    "argument condition",
  ),
  part("syscalls default-deny + [..., fsync, mount]"),
  part("syscalls default-deny + [..., ioctl(cmd in {1, 2})]", "argument condition"),
  part("syscalls default-deny + [..., openat(flags & 3 = 0)] - [openat(flags = 0)]", "argument mask"),
  part("syscalls default-deny + [..., clone(flags & 0x7e020000 = 0)]", "argument mask"),
  part("syscalls default-deny + [..., bind, listen]"),
  part("syscalls default-deny + [@runc-floor, read, write, exit_group, mmap(prot = 1)]", "exact list"),
);
const others = fc.constantFrom(
  part("tmp 1MiB"),
  part("runtime node"),
  part("runtime python"),
  part("runtime native"),
  part("env A, B=c", "environment"),
  part("env TOKEN", "environment"),
  part("unix /run/app/app.sock", "socket"),
  part("limits < memory 64MiB; processes 16 >", "limits"),
  part("limits < files 64; cpu 50%; time 90s >", "limits"),
  part("user 1001:1001"),
  part("run node ./program/index.js --port=80"),
);

/** Clauses that matter together. */
const pairs = fc.constantFrom(
  part("read ./a;\n  write ./a/b", "write inside read"),
  part("read ./d;\n  write ./d/e", "write inside read"),
  part("read ./a/b;\n  deny ./a", "grant below a deny"),
  part("write ./d/e;\n  deny ./d", "grant below a deny"),
  part("read ./d;\n  unix /run/app/app.sock", "socket"),
);

const clause = fc.oneof(
  { weight: 4, arbitrary: grants },
  { weight: 3, arbitrary: denies },
  network,
  calls,
  pairs,
  {
    weight: 3,
    arbitrary: others,
  },
);

const scalar = /^(?:net|tmp|syscalls|runtime|run|user)\b/;
const keyOf = ([text]: Part): string =>
  scalar.exec(text)?.[0] ?? (text.startsWith("limits") ? text.slice(0, 12) : text);

/** Classes that only the clauses together show. */
function relations(texts: readonly string[]): readonly PolicyClass[] {
  const paths = (verb: RegExp): readonly string[] =>
    texts.filter((t) => verb.test(t)).map((t) => t.replace(/^.* /, ""));
  const granted = paths(/^(?:read|write|exec) /);
  const denied = paths(/^deny /);
  const below = (inner: string, outer: string): boolean => inner.startsWith(`${outer}/`);
  const reads = paths(/^read /);
  return [
    ...(denied.some((d) => granted.some((g) => below(d, g))) ? (["deny below a grant"] as const) : []),
    ...(granted.some((g) => denied.some((d) => below(g, d))) ? (["grant below a deny"] as const) : []),
    ...(paths(/^write /).some((w) => reads.some((r) => below(w, r))) ? (["write inside read"] as const) : []),
  ];
}

/** Random policies of one server `s`, some of whose clauses come from a profile; `accept` stands in each. */
export function randomPolicies(accept: string): fc.Arbitrary<RandomPolicy> {
  return fc
    .tuple(
      fc.uniqueArray(clause, { minLength: 1, maxLength: 8, selector: keyOf }),
      fc.nat({ max: 8 }),
      fc.boolean(),
    )
    .map(([parts, split, extending]) => {
      const texts = parts.map(([text]) => text);
      const inherited = extending ? texts.slice(0, split) : [];
      const own = extending ? texts.slice(split) : texts;
      const block = (head: string, clauses: readonly string[]): string =>
        `${head} <\n${clauses.map((text) => `  ${text};\n`).join("")}>\n`;
      const text = `${inherited.length > 0 ? block("profile p", inherited) : ""}${block(
        inherited.length > 0 ? "server s extends p" : "server s",
        [...own, accept].filter((t) => t !== ""),
      )}`;
      const classes = new Set<PolicyClass>([
        ...parts.flatMap(([, ...rest]) => rest),
        ...relations(texts),
        ...(inherited.length > 0 ? (["extends"] as const) : []),
      ]);
      return { text, classes };
    });
}

/** Accepts everything that can be accepted, so that no target refuses for want of it. */
export const acceptEverything =
  "accept all: files.deny, files.exec, deny.future, tmp.size, net.loopback, net.connect, net.listen, unix, processes.other, syscalls.arguments, user, limits.memory, limits.processes, limits.files, limits.cpu, limits.io, limits.time, isolation";

/** A policy of this world as a project. */
export function worldProject(text: string, overrides: Partial<Project> = {}): Project {
  return {
    main: { path: `${worldRoot}/policy.mcp`, source: { name: "policy.mcp", text } },
    root: worldRoot,
    home: "/home/user",
    include: [],
    host: memoryHost({ ...world, [`${worldRoot}/policy.mcp`]: "file" }),
    readImport: () => ({ ok: false, reason: "there is no other file" }),
    hash: (content) => createHash("sha256").update(content).digest("hex"),
    environment: defaultEnvironment,
    location: `${worldRoot}/sandbox`,
    ...overrides,
  };
}

/** Counts how often each class was seen. */
export interface ClassStatistics {
  readonly add: (classes: ReadonlySet<PolicyClass>) => void;
  /** Classes that less than this share of the policies belonged to. */
  readonly rare: (share: number) => readonly string[];
}

/** Starts counting. */
export function classStatistics(): ClassStatistics {
  const counts = new Map<PolicyClass, number>(policyClasses.map((name) => [name, 0]));
  let total = 0;
  return {
    add: (classes) => {
      total++;
      for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    rare: (share) =>
      [...counts]
        .filter(([, count]) => count < share * total)
        .map(([name, count]) => `${name}: ${count} of ${total}`),
  };
}
