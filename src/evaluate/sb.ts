/**
 * A concrete evaluator of Seatbelt profiles: one operation, one answer. It shares nothing with the lifter, so that each
 * counterexample of the one is confirmed by the other.
 *
 * Source: Apple's rule compiler of macOS 10.9 as it was published: a list of tests for each operation, whose last entry
 * always matches or leads to another operation.
 */

/** What is asked. */
export interface SbQuestion {
  readonly operation: string;
  /** A file's path, or that of a socket. */
  readonly path?: string;
  /** The ends of an IP socket, `remote tcp4 localhost:80`; each end at most once. */
  readonly ends?: readonly SbEnd[];
  /** What it is called: `global-name`, its name. */
  readonly name?: readonly [space: string, text: string];
  /** Filters of other kinds that hold, as they stand in a profile: `(vnode-type DIRECTORY)`. */
  readonly holds?: ReadonlySet<string> | "all";
  /** Operations that this system does not have. */
  readonly missing?: ReadonlySet<string>;
  /** Regular expressions read bytes and not characters. */
  readonly bytes?: boolean;
}

/** One end of an IP socket. */
export interface SbEnd {
  readonly side: "local" | "remote";
  readonly transport: "tcp" | "udp" | "other";
  readonly version: 4 | 6;
  readonly localhost: boolean;
  readonly port: number;
}

/** A profile that the evaluator can't follow. */
export class SbEvaluationError extends Error {
  override readonly name = "SbEvaluationError";
}

type Item = string | { readonly text: string } | readonly Item[];
type Entry =
  | { readonly kind: "test"; readonly filter: Item | undefined; readonly action: string }
  | { readonly kind: "jump"; readonly to: string };

const tokens = /\s+|;[^\n]*|([()'])|#"([^"]*)"|"((?:[^"\\]|\\[\s\S])*)"|([^\s()'";]+)/gy;

function unescaped(body: string): string {
  const bytes: number[] = [];
  const pieces = body.match(/\\x[0-9a-fA-F]{2}|\\[0-7]{1,3}|\\[\s\S]|[^\\]/gu) ?? [];
  for (const piece of pieces) {
    const [, hex, octal, plain] = /^\\(?:x(..)|([0-7]+)|([\s\S]))$/u.exec(piece) ?? [];
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (plain === undefined) bytes.push(...new TextEncoder().encode(piece));
    else bytes.push(...new TextEncoder().encode({ n: "\n", t: "\t", r: "\r" }[plain] ?? plain));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function parse(source: string): readonly Item[] {
  const stack: Item[][] = [[]];
  tokens.lastIndex = 0;
  let quotes = 0;
  const add = (item: Item): void => {
    stack.at(-1)?.push(quotes > 0 && typeof item === "string" ? ["quote", item] : item);
    quotes = 0;
  };
  while (tokens.lastIndex < source.length) {
    const found = tokens.exec(source);
    if (!found) throw new SbEvaluationError("this is no profile");
    const [, mark, raw, string, word] = found;
    if (mark === "'") quotes++;
    else if (mark === "(") stack.push([]);
    else if (mark === ")") {
      const list = stack.pop() ?? [];
      if (stack.length === 0) throw new SbEvaluationError("a `)` too many");
      add(list);
    } else if (raw !== undefined) add({ text: raw });
    else if (string !== undefined) add({ text: unescaped(string) });
    else if (word !== undefined) add(word);
  }
  if (stack.length !== 1) throw new SbEvaluationError("a `(` too many");
  return stack[0] ?? [];
}

const sets: ReadonlySet<string> = new Set(
  (
    "file file-read file-write fs-snapshot network process process-exec process-info process-codesigning-status mach " +
    "mach-host mach-priv ipc ipc-posix ipc-posix-sem ipc-posix-shm ipc-sysv sysctl user-preference iokit nvram device " +
    "system system-kext"
  ).split(" "),
);
const leads: Readonly<Record<string, string>> = {
  "network-bind": "network-inbound",
  "file-mount-update": "file-mount",
  "managed-preference-read": "user-preference-read",
};
const ownAllow =
  /^(?:file-(?:link|clone|map-executable|test-existence)|dynamic-code-generation|process-info\*|process-info-codesignature|nvram\*|iokit-get-properties|socket-ioctl|system-privilege|mach-cross-domain-lookup|darwin-notification-post|syscall-unix)$/;
// Later systems have these; without a rule they are taken to be permitted.
const ownUnknown =
  /^(?:file-lock|fs-quota\*|socket-option.*|necp-client-open|mach-(?:bootstrap|derive-port|task-read|task-inspect|task-special-port\*|kernel-endpoint)|iokit-(?:open\*|open-user-client|open-service|external-method)|system-(?:mac-syscall|fcntl|necp-client-action|memorystatus-control)|syscall(?:\*|-mach|-mig))$/;
const ownDeny = /^(?:default|file-write-setugid|job-creation)$/;
const otherNames: Readonly<Record<string, string>> = {
  "process-exec": "process-exec*",
  "sysctl-write": "sysctl*",
  "system-misc": "system*",
  "ipc-posix-sem": "ipc-posix-sem*",
  "ipc-posix-shm": "ipc-posix-shm*",
  "ipc-posix-shm-read*": "ipc-posix-shm-read-data",
  "file-unlink": "file-write-unlink",
  "managed-preference*": "managed-preference-read",
};
const operationNamed = (word: string): string => otherNames[word] ?? word;

/** The last entry of an operation that no rule speaks of. */
function lastEntry(operation: string): Entry {
  if (ownDeny.test(operation)) return { kind: "test", filter: undefined, action: "deny" };
  if (ownAllow.test(operation) || ownUnknown.test(operation))
    return { kind: "test", filter: undefined, action: "allow" };
  const known = leads[operation];
  if (known !== undefined) return { kind: "jump", to: known };
  const words = operation.replace(/\*$/, "").split("-");
  for (let length = words.length - 1; length > 0; length--) {
    const set = words.slice(0, length).join("-");
    if (sets.has(set)) return { kind: "jump", to: `${set}*` };
  }
  return { kind: "jump", to: "default" };
}

/** Puts values in the place of names, everywhere in an item. */
function substitute(item: Item, names: ReadonlyMap<string, Item>): Item {
  if (typeof item === "string") return names.get(item) ?? item;
  return Array.isArray(item) ? item.map((part: Item) => substitute(part, names)) : item;
}

const isList = (item: Item | undefined): item is readonly Item[] => Array.isArray(item);

class Profile {
  readonly #table = new Map<string, Entry[]>();
  readonly #values = new Map<string, Item>();
  readonly #functions = new Map<
    string,
    { readonly names: readonly string[]; readonly body: readonly Item[] }
  >();
  readonly #parameters: ReadonlyMap<string, string>;
  readonly #question: SbQuestion;

  constructor(parameters: ReadonlyMap<string, string>, question: SbQuestion) {
    this.#parameters = parameters;
    this.#question = question;
  }

  run(items: readonly Item[], filters: readonly Item[]): void {
    for (const item of items) this.#statement(this.#named(item), filters);
  }

  permits(operation: string): boolean {
    for (const entry of this.#entries(operation)) {
      if (entry.kind === "jump") return this.permits(entry.to);
      if (entry.filter === undefined || this.#matches(entry.filter)) return entry.action === "allow";
    }
    throw new SbEvaluationError("an operation without a last entry");
  }

  #entries(operation: string): Entry[] {
    const known = this.#table.get(operation) ?? [lastEntry(operation)];
    this.#table.set(operation, known);
    return known;
  }

  /** Replaces defined names, and calls of defined functions by what they stand for. */
  #named(item: Item): Item {
    const replaced = substitute(item, this.#values);
    if (!isList(replaced)) return replaced;
    const [head, ...args] = replaced;
    const called = typeof head === "string" ? this.#functions.get(head) : undefined;
    if (!called) return replaced;
    const given = new Map(called.names.map((name, at) => [name, args[at] ?? "#f"]));
    const body = called.body.map((part) => substitute(part, given));
    return body.length === 1 ? this.#named(body[0] ?? "#f") : ["begin", ...body];
  }

  #statement(item: Item, filters: readonly Item[]): void {
    if (!isList(item)) throw new SbEvaluationError("a statement that is none");
    const [head, ...args] = item;
    switch (head) {
      case "version":
      case "debug":
        return;
      case "begin":
        this.run(args, filters);
        return;
      case "define":
        this.#define(args);
        return;
      case "if":
        this.run(this.#test(args[0]) ? args.slice(1, 2) : args.slice(2, 3), filters);
        return;
      case "when":
        if (this.#test(args[0])) this.run(args.slice(1), filters);
        return;
      case "unless":
        this.#test(args[0]) ? undefined : this.run(args.slice(1), filters);
        return;
      case "let":
      case "let*": {
        const names = new Map<string, Item>();
        for (const pair of isList(args[0]) ? args[0] : [])
          if (isList(pair)) names.set(String(pair[0]), substitute(pair[1] ?? "#f", names));
        this.run(
          args.slice(1).map((part) => substitute(part, names)),
          filters,
        );
        return;
      }
      case "with-filter":
        this.run(args.slice(1), [...filters, this.#named(args[0] ?? "#f")]);
        return;
      case "allow":
      case "deny":
        this.#rule(head, args, filters);
        return;
      default:
        throw new SbEvaluationError(`${String(head)} is not followed`);
    }
  }

  #define([head, ...body]: readonly Item[]): void {
    if (isList(head)) {
      const [name, ...names] = head.map(String);
      this.#functions.set(name ?? "", { names, body });
    } else this.#values.set(String(head), this.#named(body[0] ?? "#f"));
  }

  #rule(action: string, args: readonly Item[], around: readonly Item[]): void {
    const parts = args.map((arg) => this.#named(arg));
    const filters = parts.filter((part) => isList(part) && part[0] !== "with");
    const own: readonly Item[] = filters.length === 0 ? [] : [["require-any", ...filters]];
    const all = [...around, ...own];
    const filter: Item | undefined = all.length === 0 ? undefined : ["require-all", ...all];
    for (const part of parts) {
      if (typeof part !== "string") continue;
      const entries = this.#entries(operationNamed(part));
      if (filter === undefined) entries[entries.length - 1] = { kind: "test", filter, action };
      else entries.unshift({ kind: "test", filter, action });
    }
  }

  #test(item: Item | undefined): boolean {
    const test = item === undefined ? "#f" : this.#named(item);
    if (!isList(test)) return test !== "#f";
    const [head, ...args] = test;
    switch (head) {
      case "not":
        return !this.#test(args[0]);
      case "and":
        return args.every((arg) => this.#test(arg));
      case "or":
        return args.some((arg) => this.#test(arg));
      case "defined?": {
        const name = isList(args[0]) ? String(args[0][1]) : "";
        return this.#values.has(name) || !this.#question.missing?.has(operationNamed(name));
      }
      case "param":
        return this.#parameters.has(this.#string(args[0]));
      case "equal?":
      case "string=?":
        return this.#string(args[0]) === this.#string(args[1]);
      default:
        throw new SbEvaluationError(`the test ${String(head)} is not followed`);
    }
  }

  #string(item: Item | undefined): string {
    const value = item === undefined ? "#f" : this.#named(item);
    if (typeof value === "object" && "text" in value) return value.text;
    if (isList(value) && value[0] === "string-append")
      return value
        .slice(1)
        .map((part) => this.#string(part))
        .join("");
    if (isList(value) && value[0] === "param") {
      const found = this.#parameters.get(this.#string(value[1]));
      // An absent parameter is `#f`: it equals no string, and is none.
      return found ?? "\0";
    }
    throw new SbEvaluationError("a string is missing");
  }

  #matches(item: Item): boolean {
    const filter = this.#named(item);
    if (!isList(filter)) throw new SbEvaluationError("a filter is missing");
    const [head, ...args] = filter;
    switch (head) {
      case "require-all":
        return args.every((arg) => this.#matches(arg));
      case "require-any":
        return args.some((arg) => this.#matches(arg));
      case "require-not":
        return !this.#matches(args[0] ?? []);
      case "local":
      case "remote":
        return this.#matchesEnd(head, args);
      case "path-ancestors":
        return this.#isAncestor(this.#string(args[0]));
      case "global-name":
      case "local-name":
      case "xpc-service-name":
      case "sysctl-name":
      case "ipc-posix-name":
        return this.#question.name?.[0] === head && this.#question.name[1] === this.#string(args[0]);
      case "sysctl-name-prefix":
      case "global-name-prefix":
        return (
          this.#question.name?.[0] === head.replace("-prefix", "") &&
          this.#question.name[1].startsWith(this.#string(args[0]))
        );
      case "target":
        return this.#question.name?.[0] === "target" && this.#question.name[1] === args[0];
      default:
        return typeof head === "string" && /^(?:path-)?(?:literal|path|subpath|prefix|regex)$/.test(head)
          ? this.#matchesPath(head.replace("path-", ""), this.#string(args[0]))
          : this.#holds(filter);
    }
  }

  #holds(filter: readonly Item[]): boolean {
    const { holds } = this.#question;
    if (holds === "all" || holds === undefined) return holds === "all";
    const [head, ...args] = filter;
    return args.length === 0
      ? holds.has(attributeText(filter))
      : args.some((arg) => holds.has(attributeText([head ?? "", arg])));
  }

  #isAncestor(text: string): boolean {
    const { path } = this.#question;
    if (path === text || `${path}/` === text) return this.#holds(["path-ancestors of itself"]);
    return path !== undefined && (path === "/" || text.startsWith(`${path}/`));
  }

  #matchesPath(kind: string, text: string): boolean {
    const { path, bytes } = this.#question;
    if (path === undefined) return false;
    if (kind === "regex") {
      const view = (of: string): string =>
        bytes ? [...new TextEncoder().encode(of)].map((b) => String.fromCharCode(b)).join("") : of;
      return expressionOf(view(text)).test(view(path));
    }
    if (kind === "prefix") return path.startsWith(text);
    const slashed = text.length > 1 && text.endsWith("/");
    if (slashed && !this.#holds(["a path that ends in a slash"])) return false;
    const bare = slashed ? text.slice(0, -1) : text;
    return path === bare || (kind === "subpath" && (bare === "/" || path.startsWith(`${bare}/`)));
  }

  #matchesEnd(side: string, [protocol, address]: readonly Item[]): boolean {
    if (isList(address) || protocol === "unix-socket") {
      if (this.#question.path === undefined || this.#question.ends) return false;
      return address === undefined || this.#matches(address);
    }
    const end = this.#question.ends?.find((one) => one.side === side);
    const [, transport = "", version] = /^(ip|tcp|udp)([46])?$/.exec(String(protocol)) ?? [];
    if (!end || transport === "") return false;
    const [host, port] = (address === undefined ? "*:*" : this.#string(address)).split(":");
    return (
      (transport === "ip" || transport === end.transport) &&
      (version === undefined || Number(version) === end.version) &&
      (host === "*" || end.localhost) &&
      (port === "*" || Number(port) === end.port)
    );
  }
}

function attributeText(filter: readonly Item[]): string {
  const words = filter.map((part) =>
    typeof part === "string" ? part : isList(part) ? attributeText(part) : JSON.stringify(part.text),
  );
  return `(${words.join(" ")})`;
}

const verbatim = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** One of AppleMatch's expressions as one of JavaScript's. */
function expressionOf(text: string): RegExp {
  if (/\(\?|\{|(?:^|[^\\])(?:\\\\)*\\[A-Za-z0-9]/.test(text.replace(/\\\{/g, "")))
    throw new SbEvaluationError(`${text} has what AppleMatch does not know`);
  let out = "";
  const characters = [...text];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "\\") out += verbatim(characters[++at] ?? "");
    else if (character === "[") {
      const end = characters.indexOf("]", at + (characters[at + 1] === "^" ? 3 : 2));
      const inner = characters.slice(at + 1, end).join("");
      const negated = inner.startsWith("^");
      const members = inner.slice(negated ? 1 : 0).replace(/[\][\\^]/g, (c) => `\\${c}`);
      out += `[${negated ? "^" : ""}${members}]`;
      at = end;
    } else out += /[\^$.()|*+?]/.test(character) ? character : verbatim(character);
  }
  return new RegExp(out, "su");
}

/** Whether a profile permits an operation. @throws SbEvaluationError */
export function sbPermits(
  source: string,
  parameters: ReadonlyMap<string, string>,
  question: SbQuestion,
): boolean {
  const profile = new Profile(parameters, question);
  profile.run(parse(source), []);
  return profile.permits(question.operation);
}
