/** Independent evaluators of emitted files: what a program under the artifact may do with a path. */
import { parse as parseYaml } from "yaml";
import { execWords, unitSettings } from "./parse-unit.ts";

/** An operation on a file. */
export type FileAccess = "read" | "write" | "exec";

const within = (path: string, directory: string): boolean =>
  path === directory || directory === "/" || path.startsWith(`${directory}/`);

interface Place {
  readonly path: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly exec: boolean;
}

function nearest(places: readonly Place[], path: string): Place | undefined {
  return places.filter((place) => within(path, place.path)).sort((a, b) => b.path.length - a.path.length)[0];
}

interface ComposeService {
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly {
    readonly type: string;
    readonly source: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
}

/** What a container of a compose file may do; files of its image are not the host's. */
export function composeAllows(text: string, access: FileAccess, path: string): boolean {
  const document = parseYaml(text) as {
    services: Record<string, ComposeService>;
    volumes?: Record<string, { driver_opts: { o: string; device: string } }>;
  };
  const [service] = Object.values(document.services);
  if (!service?.read_only) return true;
  const places: Place[] = [];
  for (const { type, source, target, read_only: readOnly } of service.volumes ?? []) {
    if (type === "volume") {
      const options = (document.volumes?.[source]?.driver_opts.o ?? "").split(",");
      // Said of the mount, `ro` would drop the others; without `ro` they are ignored.
      const held = options.includes("ro") && options.includes("noexec") && readOnly !== true;
      places.push({ path: target, read: true, write: !options.includes("ro"), exec: !held });
    } else
      places.push({
        path: target,
        read: source !== "/dev/null",
        write: readOnly !== true,
        exec: source !== "/dev/null",
      });
  }
  for (const entry of service.tmpfs ?? []) {
    const [target = "", options = ""] = entry.split(":");
    const list = options.split(",");
    places.push({
      path: target,
      read: !list.includes("ro"),
      write: !list.includes("ro"),
      exec: !list.includes("noexec"),
    });
  }
  return nearest(places, path)?.[access] ?? false;
}

/** What a unit with an empty root may do. */
export function unitAllows(text: string, access: FileAccess, path: string): boolean {
  const { settings } = unitSettings(text);
  const all = (key: string): string[] =>
    settings.filter((s) => s.key === key).flatMap((s) => [...execWords(s.value)]);
  const binds = (key: string): string[] =>
    settings.filter((s) => s.key === key && s.value !== "").map((s) => execWords(s.value, ":")[1] ?? "");
  const strip = (values: readonly string[]): string[] => values.map((value) => value.replace(/^-?\+/, ""));
  if (all("RootDirectory").length === 0) return true;
  const noexec = strip(all("NoExecPaths"));
  const exec = strip(all("ExecPaths"));
  const places: Place[] = [
    ...binds("BindReadOnlyPaths").map((at) => ({
      path: at,
      read: true,
      write: false,
      exec: exec.includes(at) || !noexec.includes(at),
    })),
    ...binds("BindPaths").map((at) => ({
      path: at,
      read: true,
      write: true,
      exec: exec.includes(at) || !noexec.includes(at),
    })),
    ...strip(all("InaccessiblePaths")).map((at) => ({ path: at, read: false, write: false, exec: false })),
    ...all("TemporaryFileSystem").map((value) => ({
      path: value.split(":")[0] ?? "",
      read: true,
      write: true,
      exec: !value.includes("noexec"),
    })),
  ];
  return nearest(places, path)?.[access] ?? false;
}

type Expression = string | readonly Expression[];

/** Reads s-expressions; strings keep their opening quote as a mark. */
function readExpressions(text: string): readonly Expression[] {
  const tokens = text.replace(/;[^\n]*/g, "").match(/\(|\)|'|"(?:[^"\\]|\\.)*"|[^\s()'"]+/g) ?? [];
  let at = 0;
  const one = (): Expression => {
    const token = tokens[at++] ?? ")";
    if (token === "'") return one();
    if (token !== "(")
      return token.startsWith('"') ? `"${token.slice(1, -1).replace(/\\(.)/g, "$1")}` : token;
    const list: Expression[] = [];
    while (at < tokens.length && tokens[at] !== ")") list.push(one());
    at++;
    return list;
  };
  const out: Expression[] = [];
  while (at < tokens.length) out.push(one());
  return out;
}

const leafOperations: Readonly<Record<FileAccess, readonly string[]>> = {
  read: ["file-read-data"],
  write: ["file-write-create", "file-write-data", "file-write-unlink"],
  exec: ["file-map-executable", "process-exec*"],
};

/**
 * What a profile permits, by the table that Apple's compiler makes: for one operation its filtered rules, newest first,
 * then its unfiltered slot, then what it inherits, which is the default.
 */
export function profileAllows(
  text: string,
  parameters: ReadonlyMap<string, string>,
  access: FileAccess,
  path: string,
): boolean {
  const rules: { action: string; operations: string[]; filters: Expression[] }[] = [];
  for (const expression of readExpressions(text)) {
    const list = expression[0] === "if" ? expression[2] : expression;
    if (!Array.isArray(list) || (list[0] !== "allow" && list[0] !== "deny")) continue;
    rules.push({
      action: list[0],
      operations: list.slice(1).filter((part): part is string => typeof part === "string"),
      filters: list.slice(1).filter((part) => typeof part !== "string"),
    });
  }
  const value = (expression: Expression | undefined): string => {
    if (Array.isArray(expression) && expression[0] === "param")
      return parameters.get(String(expression[1]).slice(1)) ?? "\0";
    return String(expression).slice(1);
  };
  const matches = (filter: Expression): boolean => {
    if (!Array.isArray(filter)) return false;
    const [kind, ...rest] = filter;
    if (kind === "require-all") return rest.every(matches);
    if (kind === "require-any") return rest.some(matches);
    if (kind === "require-not") return !matches(rest[0] ?? "");
    if (kind === "literal") return path === value(rest[0]);
    if (kind === "subpath") return within(path, value(rest[0]));
    if (kind === "regex") return new RegExp(value(rest[0])).test(path);
    // Other filters are of other operations, or of what a path is: taken to match.
    return true;
  };
  const permits = (operation: string): boolean => {
    const own = rules.filter((rule) => rule.operations.includes(operation));
    const filtered = own.filter((rule) => rule.filters.length > 0).reverse();
    const hit = filtered.find((rule) => rule.filters.some(matches));
    if (hit) return hit.action === "allow";
    const slot = own.filter((rule) => rule.filters.length === 0).at(-1);
    if (slot) return slot.action === "allow";
    return rules.find((rule) => rule.operations.includes("default"))?.action !== "deny";
  };
  return leafOperations[access].some(permits);
}
