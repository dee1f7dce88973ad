/** Independent evaluators of emitted files: what a program under the artifact may do with a path. */

import { parse as parseYaml } from "yaml";
import { csvFields } from "../csv.ts";
import { execWords, unitSettings } from "../parse-unit.ts";

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

/** Whether a program may do something with a path. */
export type FileView = (access: FileAccess, path: string) => boolean;

const everything: FileView = () => true;

/** The view that places give: the innermost one decides. */
function viewOf(places: readonly Place[]): FileView {
  const sorted = [...places].reverse().sort((a, b) => b.path.length - a.path.length);
  return (access, path) => sorted.find((place) => within(path, place.path))?.[access] ?? false;
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
export function composeView(text: string): FileView {
  const document = parseYaml(text) as {
    services: Record<string, ComposeService>;
    volumes?: Record<string, { driver_opts: { o: string; device: string } }>;
  };
  const [service] = Object.values(document.services);
  if (!service?.read_only) return everything;
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
  return viewOf(places);
}

/** What a container of a `docker run` line may do. */
export function runView(argv: readonly string[]): FileView {
  const options = argv.slice(0, argv.indexOf("--"));
  if (!options.includes("--read-only")) return everything;
  const places: Place[] = [];
  for (const [at, word] of options.entries()) {
    const next = options[at + 1] ?? "";
    const tmpfs = word === "--tmpfs" ? next : word.startsWith("--tmpfs=") ? word.slice(8) : undefined;
    if (tmpfs !== undefined) {
      const [target = "", flags = ""] = tmpfs.split(":");
      const list = flags.split(",");
      const open = !list.includes("ro");
      places.push({ path: target, read: open, write: open, exec: !list.includes("noexec") });
    }
    if (word !== "--mount") continue;
    const fields = new Map(
      csvFields(next).map((field) => {
        const equals = field.indexOf("=");
        const key = equals === -1 ? field : field.slice(0, equals);
        const value = equals === -1 ? "" : field.slice(equals + 1);
        return key === "volume-opt"
          ? [`volume-opt=${value.split("=")[0]}`, value.replace(/^[^=]*=/, "")]
          : [key, value];
      }),
    );
    const target = fields.get("dst") ?? "";
    const readOnly = fields.has("readonly");
    if (fields.get("type") === "volume") {
      const flags = (fields.get("volume-opt=o") ?? "").split(",");
      const held = flags.includes("ro") && flags.includes("noexec") && !readOnly;
      places.push({ path: target, read: true, write: !flags.includes("ro"), exec: !held });
    } else {
      const seen = fields.get("src") !== "/dev/null";
      places.push({ path: target, read: seen, write: !readOnly, exec: seen });
    }
  }
  return viewOf(places);
}

interface PodContainer {
  readonly securityContext?: { readonly readOnlyRootFilesystem?: boolean };
  readonly volumeMounts?: readonly { readonly mountPath?: string; readonly readOnly?: boolean }[];
}

/** What a container of a pod may do with the host's files, taking each claim to be what is at its path. */
export function podView(text: string): FileView {
  const pod = parseYaml(text) as { spec: { containers: readonly PodContainer[] } };
  const [container] = pod.spec.containers;
  if (container?.securityContext?.readOnlyRootFilesystem !== true) return everything;
  // A patch also holds directives, `$patch`, which mount nothing.
  const mounts = (container.volumeMounts ?? []).filter((mount) => mount.mountPath !== undefined);
  return viewOf(
    mounts.map(({ mountPath = "/", readOnly }) => ({
      path: mountPath,
      read: true,
      write: readOnly !== true,
      exec: true,
    })),
  );
}

/** What a unit with an empty root may do. */
export function unitView(text: string): FileView {
  const { settings } = unitSettings(text);
  const all = (key: string): string[] =>
    settings.filter((s) => s.key === key).flatMap((s) => [...execWords(s.value)]);
  const binds = (key: string): string[] =>
    settings.filter((s) => s.key === key && s.value !== "").map((s) => execWords(s.value, ":")[1] ?? "");
  const strip = (values: readonly string[]): string[] => values.map((value) => value.replace(/^-?\+/, ""));
  if (all("RootDirectory").length === 0) return everything;
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
  return viewOf(places);
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
export function profileView(text: string, parameters: ReadonlyMap<string, string>): FileView {
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
  const matches = (filter: Expression, path: string): boolean => {
    if (!Array.isArray(filter)) return false;
    const [kind, ...rest] = filter;
    if (kind === "require-all") return rest.every((f) => matches(f, path));
    if (kind === "require-any") return rest.some((f) => matches(f, path));
    if (kind === "require-not") return !matches(rest[0] ?? "", path);
    if (kind === "literal") return path === value(rest[0]);
    if (kind === "subpath") return within(path, value(rest[0]));
    if (kind === "regex") return new RegExp(value(rest[0])).test(path);
    // Other filters are of other operations, or of what a path is: taken to match.
    return true;
  };
  const permits = (operation: string, path: string): boolean => {
    const own = rules.filter((rule) => rule.operations.includes(operation));
    const filtered = own.filter((rule) => rule.filters.length > 0).reverse();
    const hit = filtered.find((rule) => rule.filters.some((f) => matches(f, path)));
    if (hit) return hit.action === "allow";
    const slot = own.filter((rule) => rule.filters.length === 0).at(-1);
    if (slot) return slot.action === "allow";
    return rules.find((rule) => rule.operations.includes("default"))?.action !== "deny";
  };
  return (access, path) => leafOperations[access].some((operation) => permits(operation, path));
}
