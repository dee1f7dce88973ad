/** From the expressions of a profile to filters; a filter that is not known is an error. */
import type { AddressTest, Filter, PathTest } from "./filters.ts";
import { doubtful, neverFilter } from "./filters.ts";
import { SbError, type Sexp } from "./read.ts";
import { RegexError, regexAutomata } from "./regex.ts";

/** Gives the string that an expression stands for. @throws SbError */
export type StringOf = (expression: Sexp) => string;

const pathFilters: Readonly<Record<string, PathTest["match"]>> = {
  literal: "literal",
  path: "literal",
  "path-literal": "literal",
  subpath: "subpath",
  "path-subpath": "subpath",
  prefix: "prefix",
  "path-prefix": "prefix",
  regex: "regex",
  "path-regex": "regex",
};

/** Spaces of names whose filters have a form for a prefix and one for an expression. */
const nameSpaces: ReadonlySet<string> = new Set([
  "global-name",
  "local-name",
  "xpc-service-name",
  "sysctl-name",
  "ipc-posix-name",
  "preference-domain",
  "notification-name",
  "appleevent-destination",
  "right-name",
  "info-type",
  "iokit-user-client-class",
  "iokit-registry-entry-class",
  "iokit-connection",
  "iokit-property",
  "kext-bundle-id",
  "nvram-variable",
  "fsctl-command",
  "ioctl-command",
  "fcntl-command",
]);
const nameAliases: Readonly<Record<string, string>> = {
  "iokit-user-client-class": "iokit-registry-entry-class",
};

/** Filters that are not decided: their arguments are words, numbers or strings. */
const attributes: ReadonlySet<string> = new Set([
  "vnode-type",
  "file-mode",
  "extension",
  "extension-class",
  "process-path",
  "process-attribute",
  "signing-identifier",
  "entitlement-is-present",
  "entitlement-value",
  "require-entitlement",
  "csr",
  "system-attribute",
  "rootless-boot-device-filter",
  "rootless-file-filter",
  "rootless-disk-filter",
  "rootless-proc-filter",
  "socket-domain",
  "socket-type",
  "socket-protocol",
  "control-name",
  "syscall-number",
  "syscall-mask",
  "machtrap-number",
  "kernel-mig-routine",
  "mac-policy-name",
  "mac-syscall-number",
  "device-major",
  "device-minor",
  "device-conforms-to",
  "debug-mode",
  "apply-sandbox",
  "semaphore-owner",
  "mount-relative-literal",
  "mount-relative-path",
  "mount-relative-prefix",
  "mount-relative-regex",
  "mount-relative-subpath",
  "storage-class",
  "storage-class-extension",
]);

const targets: ReadonlySet<string> = new Set(["self", "pgrp", "others", "children", "same-sandbox"]);

function onlyOf(name: string, args: readonly Sexp[], at: number): Sexp {
  const [only] = args;
  if (!only || args.length > 1) throw new SbError(`\`${name}\` takes one argument`, at);
  return only;
}

/** The canonical text of an expression that is not evaluated. */
function textOf(expression: Sexp, stringOf: StringOf): string {
  switch (expression.kind) {
    case "symbol":
      return expression.name;
    case "string":
      return JSON.stringify(expression.value);
    case "number":
    case "boolean":
      return String(expression.value);
    case "list":
      return JSON.stringify(stringOf(expression));
    case "quote":
      throw new SbError("a quoted word does not belong in a filter", expression.at);
  }
}

/** A path filter of a text; a text that no path is never matches. */
export function pathFilter(match: PathTest["match"], text: string, at: number): Filter {
  if (match === "regex") {
    try {
      regexAutomata(text);
    } catch (error) {
      if (error instanceof RegexError) throw new SbError(`\`${text}\`: ${error.message}`, at);
      throw error;
    }
    return { kind: "path", test: { match, text } };
  }
  if (text === "" && match === "prefix") return { kind: "path", test: { match, text } };
  if (!text.startsWith("/")) throw new SbError(`\`${text}\` is no absolute path`, at);
  if (match === "prefix" || text === "/") return { kind: "path", test: { match, text } };
  const bare = text.replace(/\/$/, "");
  // The kernel's path has none of these, and the text is not made canonical: such a filter is dead.
  const parts = bare.split("/").slice(1);
  if (parts.some((part) => part === "" || part === "." || part === "..")) return neverFilter;
  const filter: Filter = { kind: "path", test: { match, text: bare } };
  return bare === text ? filter : doubtful(filter, `a path that ends in a slash: ${JSON.stringify(text)}`);
}

/** The directories above a path; whether the path itself is one of them is not known. */
function ancestorsFilter(text: string, at: number): Filter {
  if (!text.startsWith("/")) throw new SbError(`\`${text}\` is no absolute path`, at);
  // A slash at the end is the path's own, and the root is above everything but itself.
  const bare = text.replace(/(?<=.)\/$/, "");
  const above: string[] = bare === "/" ? [] : ["/"];
  for (let end = bare.indexOf("/", 1); end !== -1; end = bare.indexOf("/", end + 1))
    above.push(bare.slice(0, end));
  const self = doubtful(pathFilter("literal", bare, at), `path-ancestors of itself: ${JSON.stringify(text)}`);
  return { kind: "any", of: [...above.map((path) => pathFilter("literal", path, at)), self] };
}

const transports: Readonly<Record<string, Pick<AddressTest, "family" | "transport">>> = {
  ip: { family: "any", transport: "any" },
  ip4: { family: "ip4", transport: "any" },
  ip6: { family: "ip6", transport: "any" },
  tcp: { family: "any", transport: "tcp" },
  tcp4: { family: "ip4", transport: "tcp" },
  tcp6: { family: "ip6", transport: "tcp" },
  udp: { family: "any", transport: "udp" },
  udp4: { family: "ip4", transport: "udp" },
  udp6: { family: "ip6", transport: "udp" },
};

function addressOf(text: string, at: number): Pick<AddressTest, "host" | "port"> {
  const [, host, port = ""] = /^(\*|localhost):(\*|\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new SbError(`\`${text}\`: a host is \`*\` or \`localhost\`, with a port`, at);
  if (port !== "*" && Number(port) > 65535) throw new SbError(`there is no port ${port}`, at);
  return { host: host === "*" ? "any" : "localhost", ...(port !== "*" && { port: Number(port) }) };
}

function unixFilter(side: "local" | "remote", rest: readonly Sexp[], stringOf: StringOf, at: number): Filter {
  if (rest.length === 0) return { kind: "unix", side };
  const [only] = rest;
  if (rest.length > 1 || only?.kind !== "list") throw new SbError("a unix socket takes one path filter", at);
  const [head, text, ...others] = only.items;
  const match =
    head?.kind === "symbol" && Object.hasOwn(pathFilters, head.name) ? pathFilters[head.name] : undefined;
  if (match === undefined || !text || others.length > 0) throw new SbError("this is no path filter", only.at);
  const of = (filter: Filter): Filter =>
    filter.kind === "path"
      ? { ...filter, side }
      : filter.kind === "all" || filter.kind === "any"
        ? { ...filter, of: filter.of.map(of) }
        : filter;
  return of(pathFilter(match, stringOf(text), text.at));
}

function socketFilter(
  side: "local" | "remote",
  args: readonly Sexp[],
  stringOf: StringOf,
  at: number,
): Filter {
  const [head, ...rest] = args;
  const name = head?.kind === "symbol" ? head.name : "";
  if (name === "unix-socket" || name === "unix") return unixFilter(side, rest, stringOf, at);
  const found = Object.hasOwn(transports, name) ? transports[name] : undefined;
  const [address] = rest;
  if (!found || rest.length > 1)
    throw new SbError(`\`${side}\` needs a protocol and at most one address`, at);
  const text = address ? stringOf(address) : "*:*";
  return { kind: "address", test: { side, ...found, ...addressOf(text, at) } };
}

function nameFilter(name: string, args: readonly Sexp[], stringOf: StringOf, at: number): Filter | undefined {
  const [, stem = name, form = ""] = /^(.*?)-(prefix|regex)$/.exec(name) ?? [];
  if (!nameSpaces.has(stem)) return undefined;
  const arg = onlyOf(name, args, at);
  const space = (Object.hasOwn(nameAliases, stem) ? nameAliases[stem] : undefined) ?? stem;
  const match = form === "prefix" || form === "regex" ? form : "exact";
  // Command numbers are numbers or words; names are strings.
  const text = arg.kind === "number" || arg.kind === "symbol" ? textOf(arg, stringOf) : stringOf(arg);
  if (match === "regex") pathFilter("regex", text, at);
  return { kind: "name", test: { space, match, text } };
}

function targetFilter(args: readonly Sexp[], at: number): Filter {
  const arg = onlyOf("target", args, at);
  if (arg.kind !== "symbol" || !targets.has(arg.name)) throw new SbError("this is no target", arg.at);
  return { kind: "name", test: { space: "target", match: "exact", text: arg.name } };
}

/** Whether a word makes a filter, apart from `require-…`. */
export function isFilterName(name: string): boolean {
  const stem = name.replace(/-(?:prefix|regex)$/, "");
  return (
    Object.hasOwn(pathFilters, name) ||
    nameSpaces.has(stem) ||
    attributes.has(name) ||
    ["path-ancestors", "local", "remote", "target"].includes(name)
  );
}

/** The filter of a word and what stands behind it. @throws SbError */
export function makeFilter(name: string, args: readonly Sexp[], stringOf: StringOf, at: number): Filter {
  if (name === "local" || name === "remote") return socketFilter(name, args, stringOf, at);
  if (name === "target") return targetFilter(args, at);
  const match = Object.hasOwn(pathFilters, name) ? pathFilters[name] : undefined;
  if (match !== undefined || name === "path-ancestors") {
    const text = stringOf(onlyOf(name, args, at));
    return match === undefined ? ancestorsFilter(text, at) : pathFilter(match, text, at);
  }
  const named = nameFilter(name, args, stringOf, at);
  if (named) return named;
  if (!attributes.has(name)) throw new SbError(`\`${name}\` is no filter that is known`, at);
  if (args.length === 0) return { kind: "attribute", text: `(${name})` };
  const of = args.map((arg): Filter => ({ kind: "attribute", text: `(${name} ${textOf(arg, stringOf)})` }));
  return of.length === 1 && of[0] ? of[0] : { kind: "any", of };
}
