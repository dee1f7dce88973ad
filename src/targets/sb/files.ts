/** File rules of a profile: every grant an allow, with what is taken from it inside the allow. */
import { ancestors, coversPath, isBelow, isPlain, reachesInto } from "../../host/patterns.ts";
import type { FileDeny, FileGrant, ServerIr } from "../../policy/ir.ts";
import { patternRegex, sbplString } from "./escape.ts";
import type { SandboxRule } from "./model.ts";

const readOperations = ["file-read-data", "file-read-metadata", "file-read-xattr", "file-test-existence"];
const writeOperations = [
  "file-clone",
  "file-link",
  "file-write-create",
  "file-write-data",
  "file-write-flags",
  "file-write-mode",
  "file-write-times",
  "file-write-xattr",
];
const execOperations = ["file-map-executable", "process-exec*"];

/** Gives each path a parameter of the profile. */
export interface Parameters {
  readonly nameOf: (path: string) => string;
  readonly all: () => readonly { readonly name: string; readonly path: string }[];
}

/** An empty set of parameters. */
export function collectParameters(): Parameters {
  const names = new Map<string, string>();
  return {
    nameOf: (path) => {
      const known = names.get(path) ?? `P${names.size}`;
      names.set(path, known);
      return known;
    },
    all: () => [...names].map(([path, name]) => ({ name, path })),
  };
}

const literal = (parameters: Parameters, path: string): string =>
  `(literal (param "${parameters.nameOf(path)}"))`;
const subpath = (parameters: Parameters, path: string): string =>
  `(subpath (param "${parameters.nameOf(path)}"))`;

/** What covers a pattern: the path itself and all below it, or a regular expression that does. */
function coverFilters(parameters: Parameters, pattern: string): readonly string[] {
  if (isPlain(pattern)) return [literal(parameters, pattern), subpath(parameters, pattern)];
  return [`(regex ${sbplString(patternRegex(pattern))})`];
}

function treeFilter(parameters: Parameters, grant: FileGrant): string {
  return grant.type === "directory" || grant.type === "absent"
    ? subpath(parameters, grant.path)
    : literal(parameters, grant.path);
}

/** An allow filter with exceptions; `require-not` takes exactly one filter each. */
function except(filter: string, exceptions: readonly string[]): string {
  if (exceptions.length === 0) return filter;
  return `(require-all ${filter} ${exceptions.map((e) => `(require-not ${e})`).join(" ")})`;
}

const touches = (pattern: string, grant: FileGrant): boolean =>
  coversPath(pattern, grant.path) || reachesInto(pattern, grant.path);

/** What a grant loses: denies of that access, and credential paths that it lies strictly above. */
function exceptionsOf(
  server: ServerIr,
  grant: FileGrant,
  access: "read" | "write" | "exec",
  parameters: Parameters,
): readonly string[] {
  const denies = server.files.denies.filter(
    (d) => (d.access === "all" || d.access === access) && touches(d.pattern, grant),
  );
  const credentials = server.files.credentials.filter(
    (c) => reachesInto(c.pattern, grant.path) && !coversPath(c.pattern, grant.path),
  );
  const patterns = [...denies.map((d) => d.pattern), ...credentials.map((c) => c.pattern)];
  return [...new Set(patterns)].sort().flatMap((pattern) => coverFilters(parameters, pattern));
}

/**
 * Places that can't be renamed or removed under a writable grant, or a denied path would move away from its name: the
 * granted directory and each one between it and what is denied, by name or by the beginning of its pattern.
 */
function holdFilters(server: ServerIr, grant: FileGrant, parameters: Parameters): readonly string[] {
  const out = new Set<string>();
  const taken: readonly Pick<FileDeny, "pattern">[] = [
    ...server.files.denies.filter((d) => d.access !== "exec"),
    ...server.files.credentials,
  ];
  for (const { pattern } of taken) {
    if (!reachesInto(pattern, grant.path)) continue;
    for (const above of ancestors(pattern)) {
      if (
        isBelow(grant.path, above) ||
        above
          .split("/")
          .slice(1)
          .every((part) => part === "**")
      )
        continue;
      if (isPlain(above)) out.add(literal(parameters, above));
      else out.add(`(regex ${sbplString(patternRegex(above).replace("(/.*)?$", "$"))})`);
    }
  }
  return [...out].sort();
}

/** Device files of a runtime: written as what they are, so that nothing put in their place is. */
function deviceFilter(filter: string): string {
  return `(require-all ${filter} (vnode-type CHARACTER-DEVICE))`;
}

/** The rules of one grant. */
export function grantRules(
  server: ServerIr,
  grant: FileGrant,
  parameters: Parameters,
): readonly SandboxRule[] {
  const filter = treeFilter(parameters, grant);
  const rules: SandboxRule[] = [];
  if (grant.access.includes("read")) {
    rules.push({
      operations: readOperations,
      filters: [except(filter, exceptionsOf(server, grant, "read", parameters))],
    });
  }
  if (grant.access.includes("write")) {
    const isDevice = grant.path.startsWith("/dev/");
    const exceptions = exceptionsOf(server, grant, "write", parameters);
    if (isDevice)
      rules.push({
        operations: ["file-write-data"],
        filters: [deviceFilter(literal(parameters, grant.path))],
      });
    else {
      rules.push({ operations: writeOperations, filters: [except(filter, exceptions)] });
      const held = [...exceptions, ...holdFilters(server, grant, parameters)];
      rules.push({ operations: ["file-write-unlink"], filters: [except(filter, [...new Set(held)])] });
    }
  }
  if (grant.access.includes("exec")) {
    rules.push({
      operations: execOperations,
      filters: [except(filter, exceptionsOf(server, grant, "exec", parameters))],
    });
  }
  return rules;
}

// Where the launcher makes it; only whether a pattern reaches there is asked.
const temporaryPlace = "/private/tmp/mcpc.XXXXXXXX";

/**
 * The rules of the private temporary directory. It is of one volume with what is granted: a directory could be renamed into
 * it, so what a policy denies by a pattern of any place is denied there too.
 */
export function temporaryRules(server: ServerIr, parameters: Parameters): readonly SandboxRule[] {
  const firm = server.files.denies.filter((d) => d.reason !== "protected" && d.access !== "exec");
  const exceptions = (access: "read" | "write"): readonly string[] => {
    const denied = firm.filter((d) => d.access === "all" || d.access === access);
    const patterns = [...denied, ...server.files.credentials].map(({ pattern }) => pattern);
    return [...new Set(patterns)]
      .filter((pattern) => !isPlain(pattern) && reachesInto(pattern, temporaryPlace))
      .sort()
      .flatMap((pattern) => coverFilters(parameters, pattern));
  };
  const tree = '(subpath (param "TMP"))';
  return [
    {
      operations: ["file-read-data", "file-read-metadata", "file-read-xattr"],
      filters: [except(tree, exceptions("read"))],
    },
    {
      operations: [
        "file-write-create",
        "file-write-data",
        "file-write-flags",
        "file-write-mode",
        "file-write-times",
        "file-write-unlink",
        "file-write-xattr",
      ],
      filters: [except(tree, exceptions("write"))],
    },
    { operations: ["file-read-metadata"], filters: ['(literal "/private/tmp")'] },
  ];
}

/** Every directory above a granted path, and each symlink that leads to one: stat only. */
export function ancestorRule(server: ServerIr, parameters: Parameters): SandboxRule | undefined {
  const above = new Set<string>();
  for (const { path, requested } of server.files.grants) {
    for (const at of [path, ...(requested === undefined ? [] : [requested])])
      for (const a of ancestors(at)) above.add(a);
    if (requested !== undefined) above.add(requested);
  }
  above.delete("/");
  if (above.size === 0) return undefined;
  return {
    operations: ["file-read-metadata"],
    filters: [...above].sort().map((path) => literal(parameters, path)),
  };
}
