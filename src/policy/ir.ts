/**
 * The intermediate representation: what a policy means once everything it refers to is resolved and bound.
 * A zod schema, because it is also an interchange format: `mcpc compile --emit=ir` prints it as JSON.
 *
 * It denotes Allow = Grants \ Denies, each dimension on its own. Lists are sorted and hold no duplicates, so that
 * policies that differ in order only have the same IR. Numbers of 64 bits are decimal strings.
 */
import * as z from "zod";
import { irVersion } from "./ir-names.ts";

export type { AcceptItem } from "./ir-names.ts";

/** An index into `clauses` of the document: which clause of which file an entry comes from. */
const origin = z.int().nonnegative();

const absolutePath = z.string().regex(/^\//);

/** Where an entry comes from; `source` is relative to the root, or `std:…` for the standard library. */
export const clauseOrigin = z.strictObject({
  source: z.string(),
  line: z.int().positive(),
  /** The clause as written, white space folded. */
  text: z.string(),
});

/** What the host said that a path is when the policy was compiled. */
export const fileType = z.enum(["directory", "file", "socket", "device", "other", "absent"]);

/** What a grant permits; `write` and `exec` come with `read`, and `read` with stat, always spelt out. */
export const access = z.enum(["read", "write", "exec"]);

/**
 * A path and all below it. `exec` means to execute and to map as executable.
 * Every grant also permits to stat the directories above the path.
 */
export const fileGrant = z.strictObject({
  path: absolutePath,
  access: z.array(access).min(1),
  type: fileType,
  /** `run`: the program's own files; `runtime`: what its runtime needs; `closure`: libraries of a granted ELF file. */
  by: z.enum(["clause", "run", "runtime", "closure"]),
  /** The path as written, where resolving symlinks changed it. */
  requested: absolutePath.optional(),
  /** A directory of programs that are linked with libraries outside of it: of use only where those are. */
  linked: z.literal(true).optional(),
  origin,
});

/** An existing path that a pattern matched when compiling. */
export const match = z.strictObject({ path: absolutePath, type: fileType });

/**
 * A path pattern: absolute, `*` matches within a component, `**` any number of components; without either a plain
 * path. A match covers all that lies below it.
 */
const pattern = z.string().regex(/^\//);

/** Takes away from every grant. `all` is everything, stat included; `write` leaves reading and exec. */
export const fileDeny = z.strictObject({
  pattern,
  access: z.enum(["all", "write", "exec"]),
  /**
   * `clause`: written in the policy, firm. `essential`: what the sandbox itself is made of (the policy, its imports,
   * the output directory, what another server runs), firm. `protected`: what other programs run or obey, soft.
   */
  reason: z.enum(["clause", "essential", "protected"]),
  /** What exists now, inside this server's grants; sorted. */
  matches: z.array(match),
  origin,
});

/**
 * A credential path takes away, firmly, what grants *strictly above* it give; a grant of the path itself or of
 * something in it stands.
 */
export const credential = z.strictObject({ pattern, matches: z.array(match), origin });

/** The program: argv as written (bound), what starts it, and where. */
export const program = z.strictObject({
  /** argv[0] as written: `node`, `./bin/server`; paths among the words are absolute. */
  argv: z.array(z.string()).min(1),
  /** The resolved executable on the host; absent when it was not found, or is the image's. */
  executable: absolutePath.optional(),
  /** The file that the interpreter starts, resolved; absent when the executable is the program. */
  entry: absolutePath.optional(),
  /** The working directory: the root where the server may see it, else `/`. */
  workingDirectory: absolutePath,
  origin,
});

/** A port range, both ends included. */
export const ports = z.strictObject({ from: z.int().min(0).max(65535), to: z.int().min(0).max(65535) });

/** A set of hosts; names are lower-case LDH, addresses in canonical text form. */
export const hostSet = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("name"), name: z.string() }),
  /** `*.example.com`: every name below, at any depth, and not the name itself. */
  z.strictObject({ kind: z.literal("wildcard"), suffix: z.string() }),
  z.strictObject({
    kind: z.literal("network"),
    family: z.enum(["ipv4", "ipv6"]),
    address: z.string(),
    prefix: z.int().min(0).max(128),
  }),
]);

/** A peer that may be connected to. */
export const endpoint = z.strictObject({
  host: hostSet,
  ports,
  protocol: z.enum(["tcp", "udp"]),
  origin,
});

/** A local address that may be listened on. */
export const listenEndpoint = z.strictObject({
  family: z.enum(["ipv4", "ipv6"]),
  address: z.string(),
  ports,
  protocol: z.enum(["tcp", "udp"]),
  origin,
});

/** The network: nothing granted means no INET socket at all. */
export const network = z.strictObject({
  /** The sandbox's own loopback. */
  loopback: z.boolean(),
  /** Connect to anything, anywhere. */
  any: z.boolean(),
  connect: z.array(endpoint),
  listen: z.array(listenEndpoint),
  /** The clauses that say so; empty when the policy has none. */
  origins: z.array(origin),
});

/** A socket of the file system that may be connected to. */
export const unixSocket = z.strictObject({ path: absolutePath, type: fileType, origin });

const word64 = z.string().regex(/^\d+$/);

/**
 * A condition on one argument: `(argument & mask)` is one of `values`. Without a mask the whole parameter of `bits`
 * width is compared. `negated` makes it "is none of": only subtracting a condition from a grant makes those.
 */
export const condition = z.strictObject({
  /** 0 to 5. */
  argument: z.int().min(0).max(5),
  name: z.string(),
  bits: z.union([z.literal(32), z.literal(64)]),
  mask: word64.optional(),
  values: z.array(word64).min(1),
  negated: z.boolean(),
});

/** A granted system call: without `when` for all arguments, else when one of the conjunctions holds. */
export const callGrant = z.strictObject({
  name: z.string(),
  when: z.array(z.array(condition).min(1)).min(1).optional(),
  /** Whether the conditions were written (or implied) by the policy, or only by a runtime's list. */
  conditions: z.enum(["firm", "soft"]),
  origins: z.array(origin).min(1),
});

/** System calls by name; what is not in `allow` is denied. `denied` names what the policy subtracted. */
export const systemCalls = z.strictObject({
  /** Whether the policy wrote the exact list, without `...`. */
  exact: z.boolean(),
  allow: z.array(callGrant),
  denied: z.array(z.strictObject({ name: z.string(), origin })),
});

/** An environment variable: `value` absent passes the caller's through. */
export const variable = z.strictObject({
  name: z.string(),
  value: z.string().optional(),
  /** Its value is the temporary directory's path: `value` where a target has a view of its own, else wherever it is. */
  temporary: z.literal(true).optional(),
  origin,
});

/** Who the server runs as; never uid 0. */
export const user = z.discriminatedUnion("kind", [
  /** No `user` clause: any unprivileged user; `owner` is the one of the directories it writes, if it writes any. */
  z.strictObject({
    kind: z.literal("any"),
    owner: z.strictObject({ uid: z.int().positive(), gid: z.int().nonnegative() }).optional(),
  }),
  z.strictObject({ kind: z.literal("ids"), uid: z.int().positive(), gid: z.int().positive(), origin }),
  z.strictObject({
    kind: z.literal("name"),
    name: z.string(),
    /** As the host's user database says; absent when it does not know the name. */
    uid: z.int().positive().optional(),
    gid: z.int().positive().optional(),
    origin,
  }),
  /** A fresh user for each start where the target has that. */
  z.strictObject({ kind: z.literal("dynamic"), origin }),
]);

const limit = z.strictObject({ value: z.int().positive(), origin });

/** Upper bounds; absent is unlimited. */
export const limits = z.strictObject({
  /** Bytes. */
  memory: limit.optional(),
  /** Processes and threads together. */
  processes: limit.optional(),
  /** Open file descriptors. */
  files: limit.optional(),
  /** Percent of one core. */
  cpu: limit.optional(),
  /** Bytes a second, reads and writes each. */
  io: limit.optional(),
  /** Milliseconds from start to end. */
  time: limit.optional(),
});

/** A written `accept`; `targets` is sorted, or `["all"]`. */
export const accept = z.strictObject({ targets: z.array(z.string()).min(1), item: z.string(), origin });

/** How far from the host a server must at least run: each level includes the ones before it. */
export const isolationLevel = z.enum(["process", "container", "kernel", "microvm"]);

/** One server's policy. */
export const serverIr = z.strictObject({
  /** A DNS label. */
  name: z.string(),
  program: program.optional(),
  /** NAME or NAME@sha256:… as written: the program is in that image. */
  image: z.strictObject({ name: z.string(), digest: z.string().optional(), origin }).optional(),
  runtime: z.strictObject({
    name: z.enum(["node", "python", "native", "none"]),
    /** The image that container targets copy the program onto; a std default. */
    baseImage: z.string().optional(),
  }),
  files: z.strictObject({
    grants: z.array(fileGrant),
    denies: z.array(fileDeny),
    credentials: z.array(credential),
    /** Sockets that exist inside granted trees: reading a tree does not grant connecting to them. */
    sockets: z.array(absolutePath),
  }),
  /** The private temporary directory, in bytes. */
  tmp: z.strictObject({ bytes: z.int().positive(), origin }).optional(),
  network,
  unix: z.array(unixSocket),
  systemCalls,
  environment: z.array(variable),
  user,
  limits,
  isolation: z.strictObject({ level: isolationLevel, origin: origin.optional() }),
  accepts: z.array(accept),
  /** The profile that must contain this server's policy. */
  within: z.strictObject({ profile: z.string(), origin }).optional(),
});

/** A whole policy file, bound to a root, a home and what the host said. */
export const policyIr = z.strictObject({
  irVersion: z.literal(irVersion),
  /** Versions of the language and of the standard library. */
  language: z.literal(1),
  std: z.int().positive(),
  policy: z.strictObject({
    /** The file's name, relative to the root. */
    name: z.string(),
    /** SHA-256 over the file and its imports, hexadecimal. */
    hash: z.string(),
    imports: z.array(z.strictObject({ name: z.string(), hash: z.string() })),
  }),
  /** What the paths and the runtime's files belong to. */
  platform: z.enum(["linux", "macos"]),
  root: absolutePath,
  home: absolutePath,
  clauses: z.array(clauseOrigin),
  servers: z.array(serverIr),
});

export type ClauseOrigin = z.infer<typeof clauseOrigin>;
export type FileType = z.infer<typeof fileType>;
export type Access = z.infer<typeof access>;
export type FileGrant = z.infer<typeof fileGrant>;
export type FileDeny = z.infer<typeof fileDeny>;
export type Credential = z.infer<typeof credential>;
export type Match = z.infer<typeof match>;
export type Program = z.infer<typeof program>;
export type Ports = z.infer<typeof ports>;
export type HostSet = z.infer<typeof hostSet>;
export type Endpoint = z.infer<typeof endpoint>;
export type ListenEndpoint = z.infer<typeof listenEndpoint>;
export type Network = z.infer<typeof network>;
export type UnixSocket = z.infer<typeof unixSocket>;
export type Condition = z.infer<typeof condition>;
export type CallGrant = z.infer<typeof callGrant>;
export type SystemCalls = z.infer<typeof systemCalls>;
export type Variable = z.infer<typeof variable>;
export type User = z.infer<typeof user>;
export type Limits = z.infer<typeof limits>;
export type Accept = z.infer<typeof accept>;
export type IsolationLevel = z.infer<typeof isolationLevel>;
export type ServerIr = z.infer<typeof serverIr>;
export type PolicyIr = z.infer<typeof policyIr>;
