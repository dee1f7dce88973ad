/**
 * The abstract syntax tree: what a policy says, with spans, values read, nothing resolved. A tree that was built from
 * a text with errors lacks what could not be read; the errors stop the compile, and the rest can still be checked.
 */
import type { Span } from "../text/span.ts";
import type { ClauseKeyword } from "./keywords.ts";

/** A word: a run of unquoted characters and quoted pieces. */
export interface Word {
  /** Without its quotes and escapes. */
  readonly text: string;
  readonly span: Span;
  /** Whether any piece is quoted: then it is no keyword, no operator and no glob. */
  readonly quoted: boolean;
  /** Whether it begins with a quoted piece: then `run` passes it as it is. */
  readonly startsQuoted: boolean;
}

/** A path, or in `deny` a glob. */
export interface PathNode {
  readonly text: string;
  readonly span: Span;
  /** Whether `*` in it is a pattern. */
  readonly glob: boolean;
  /** What it begins with: `/`, `./` or `../`, `~/`, or (in `deny`) a `*` that matches anywhere. */
  readonly anchor: "root" | "relative" | "home" | "anywhere";
}

/** An address with its ports, as `net` takes it. */
export interface EndpointNode {
  readonly span: Span;
  readonly host:
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "wildcard"; readonly suffix: string }
    | {
        readonly kind: "network";
        readonly family: "ipv4" | "ipv6";
        readonly address: string;
        readonly prefix: number;
      };
  readonly ports: { readonly from: number; readonly to: number };
  readonly protocol: "tcp" | "udp";
}

/** A value of an argument: a number or the name of a constant. */
export interface ValueNode {
  readonly text: string;
  readonly span: Span;
}

/** A condition on one argument: `(argument & mask)` is one of the values. */
export interface ConditionNode {
  readonly argument: ValueNode;
  readonly mask?: ValueNode;
  readonly values: readonly ValueNode[];
  readonly span: Span;
}

/** A member of a list of system calls. */
export type CallNode =
  | { readonly kind: "spread"; readonly span: Span }
  | { readonly kind: "group"; readonly name: string; readonly span: Span }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly nameSpan: Span;
      readonly conditions: readonly ConditionNode[];
      readonly span: Span;
    };

interface ClauseBase<K extends ClauseKeyword> {
  readonly kind: K;
  /** From the keyword to the last word. */
  readonly span: Span;
  readonly keyword: Span;
}

/** `read`, `write`, `exec`, `unix` with their paths. */
export interface PathClause<K extends "read" | "write" | "exec" | "unix"> extends ClauseBase<K> {
  readonly paths: readonly PathNode[];
}

export interface DenyClause extends ClauseBase<"deny"> {
  readonly access: "all" | "write" | "exec";
  readonly paths: readonly PathNode[];
}

export interface RunClause extends ClauseBase<"run"> {
  readonly words: readonly Word[];
}

export const runtimeNames = ["node", "python", "native", "none"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

export interface RuntimeClause extends ClauseBase<"runtime"> {
  readonly name: RuntimeName;
}

export interface ImageClause extends ClauseBase<"image"> {
  readonly name: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

export interface NetClause extends ClauseBase<"net"> {
  readonly verb: "none" | "loopback" | "any" | "connect" | "listen";
  readonly endpoints: readonly EndpointNode[];
}

export interface VariableNode {
  readonly name: string;
  readonly value?: string;
  readonly span: Span;
}

export interface EnvClause extends ClauseBase<"env"> {
  readonly variables: readonly VariableNode[];
}

export interface UserClause extends ClauseBase<"user"> {
  readonly user:
    | { readonly kind: "dynamic" }
    | { readonly kind: "ids"; readonly uid: number; readonly gid: number }
    | { readonly kind: "name"; readonly name: string };
}

export interface TmpClause extends ClauseBase<"tmp"> {
  readonly bytes: number;
}

export const limitNames = ["memory", "processes", "files", "cpu", "io", "time"] as const;
export type LimitName = (typeof limitNames)[number];

export interface LimitNode {
  readonly name: LimitName;
  /** Bytes, a count, percent of one core, bytes a second, or milliseconds. */
  readonly value: number;
  readonly span: Span;
}

export interface LimitsClause extends ClauseBase<"limits"> {
  readonly limits: readonly LimitNode[];
}

export interface SyscallsClause extends ClauseBase<"syscalls"> {
  readonly lists: readonly {
    readonly sign: "+" | "-";
    readonly calls: readonly CallNode[];
    readonly span: Span;
  }[];
}

export const isolationLevels = ["process", "container", "kernel", "microvm"] as const;

export interface IsolationClause extends ClauseBase<"isolation"> {
  readonly level: (typeof isolationLevels)[number];
}

export interface AcceptClause extends ClauseBase<"accept"> {
  readonly targets: readonly ValueNode[];
  readonly items: readonly ValueNode[];
}

export type Clause =
  | PathClause<"read">
  | PathClause<"write">
  | PathClause<"exec">
  | PathClause<"unix">
  | DenyClause
  | RunClause
  | RuntimeClause
  | ImageClause
  | NetClause
  | EnvClause
  | UserClause
  | TmpClause
  | LimitsClause
  | SyscallsClause
  | IsolationClause
  | AcceptClause;

/** A `server` or a `profile`. */
export interface BlockDeclaration {
  readonly kind: "server" | "profile";
  readonly name: ValueNode;
  readonly parents: readonly ValueNode[];
  readonly ceiling?: ValueNode;
  readonly clauses: readonly Clause[];
  readonly span: Span;
}

export interface ImportDeclaration {
  readonly kind: "import";
  readonly path: Word;
  readonly span: Span;
}

export interface GroupDeclaration {
  readonly kind: "group";
  /** With its `@`. */
  readonly name: ValueNode;
  readonly calls: readonly CallNode[];
  readonly span: Span;
}

export interface LanguageDeclaration {
  readonly kind: "language";
  readonly span: Span;
}

export type Declaration = BlockDeclaration | ImportDeclaration | GroupDeclaration | LanguageDeclaration;

/** A file. */
export interface PolicyFile {
  readonly declarations: readonly Declaration[];
}
