/** A sandbox profile and its launcher, asked by the evaluator of profiles, and plainly for what the script sets. */
import { type SbEnd, sbPermits } from "../../../../src/evaluate/sb.ts";
import { confirms, mayOn } from "../../../../src/evaluate/sb-files.ts";
import { launcherVariables } from "../../../support/evaluate/environment.ts";
import type { Operation, Peer } from "../operation.ts";
import { type Evaluator, tolerant } from "./evaluator.ts";
import { mayPermit } from "./sb-paths.ts";

/** The parameters of a script: what `-D` sets, words in single quotes or the temporary directory. */
export function parametersIn(script: string, temporary: string): ReadonlyMap<string, string> {
  const words = [...script.matchAll(/ -D (?:'((?:[^']|'\\'')*)'|"([^"]*)")/g)];
  return new Map(
    words.map(([, single, double = ""]) => {
      const word = (single ?? double).replaceAll("'\\''", "'").replace("$tmp", temporary);
      const equals = word.indexOf("=");
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

/** Lines of a profile, with the operations that each rule names; undefined for what is more than one rule. */
const ruled = (profile: string): readonly (readonly [string, string | undefined])[] =>
  profile
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(";"))
    .map((line) => [line, /^\((?:allow|deny) ([^()]*)/.exec(line)?.[1]] as const);

/** The same profile without the rules of operations that have nothing to do with one: all of it takes too long. */
function slicer(profile: string): (operation: string) => string {
  const lines = ruled(profile);
  const known = new Map<string, string>();
  return (operation) => {
    const found = known.get(operation);
    if (found !== undefined) return found;
    const begin = operation.split("-")[0] ?? "";
    const speaks = (words: string): boolean =>
      words
        .trim()
        .split(/\s+/)
        .some(
          (word) => word === operation || word === "default" || (/\*$/.test(word) && word.startsWith(begin)),
        );
    const made = lines
      .flatMap(([line, words]) => (words === undefined || speaks(words) ? [line] : []))
      .join("\n");
    known.set(operation, made);
    return made;
  };
}

/** Both ends of a connection: what is reached, and a port of one's own that nobody named. */
function endsOf({ direction, protocol, address, port }: Peer): readonly SbEnd[] {
  const version = address.includes(":") ? 6 : 4;
  const localhost = address.startsWith("127.") || address === "::1";
  const end = (side: SbEnd["side"], at: number, isLocal: boolean): SbEnd => ({
    side,
    transport: protocol,
    version,
    localhost: isLocal,
    port: at,
  });
  return direction === "connect"
    ? [end("remote", port, localhost), end("local", 40_000, localhost)]
    : [end("local", port, localhost), end("remote", 40_000, localhost)];
}

const operationsOf: Readonly<Record<"read" | "write" | "exec", readonly string[]>> = {
  read: ["file-read-data"],
  write: ["file-write-data", "file-write-create"],
  exec: ["process-exec*", "file-map-executable"],
};

/** `mach-lookup global-name "x"`, `signal target others`, `appleevent-send`: an operation and what it is for. */
function service(
  profile: string,
  parameters: ReadonlyMap<string, string>,
  text: string,
): boolean | undefined {
  const [, operation = "", space, quoted, bare] = /^(\S+)(?: (\S+) (?:"(.*)"|(\S+)))?$/.exec(text) ?? [];
  if (operation === "") return undefined;
  const name = quoted ?? bare;
  const isPath = /^(?:literal|subpath|prefix|regex)$/.test(space ?? "");
  const asked =
    space === undefined || name === undefined
      ? {}
      : isPath
        ? { path: name }
        : { name: [space, name] as const };
  return [new Set<string>(), "all" as const].some((holds) =>
    sbPermits(profile, parameters, { operation, holds, ...asked }),
  );
}

/** A number that the script sets. */
const numberIn = (script: string, expression: RegExp): number =>
  Number(expression.exec(script)?.[1] ?? Number.POSITIVE_INFINITY);

function launched(script: string, operation: Operation): boolean | undefined {
  switch (operation.kind) {
    case "env": {
      if (!/\/usr\/bin\/env -i /.test(script)) return true;
      if (operation.value === undefined) return launcherVariables(script).includes(operation.name);
      return script.includes(`'${operation.name}=${operation.value}'`);
    }
    case "amount":
      if (operation.limit === "files") return numberIn(script, /^ulimit -n (\d+)/m) >= operation.value;
      if (operation.limit === "time")
        return numberIn(script, /\/bin\/sleep (\d+(?:\.\d+)?)/) * 1000 >= operation.value;
      return operation.limit === "tmp" ? /mktemp -d/.test(script) : true;
    case "user":
      return operation.uid === 0 ? !/id -u\)" -ne 0 \]/.test(script) : undefined;
    default:
      return undefined;
  }
}

/**
 * Whether an operation is permitted once something above the path was moved: what can be taken out of its directory, and made
 * in another one, has another name there.
 */
function afterMoving(
  profile: string,
  parameters: ReadonlyMap<string, string>,
  right: "read" | "write" | "exec",
  path: string,
): boolean {
  const names = path.split("/");
  return names.some((_, at) => {
    const moved = names.slice(0, at + 1).join("/");
    if (at < 2 || !mayOn(profile, parameters, "file-write-unlink", moved)) return false;
    const rest = names.slice(at + 1).map((name) => `/${name}`);
    return [names.slice(0, at).join("/"), ...parameters.values()].some(
      (place) =>
        mayOn(profile, parameters, "file-write-create", `${place}/x`) &&
        confirms(profile, parameters, { right, path: `${place}/x${rest.join("")}` }),
    );
  });
}

/** Asks a profile: `thorough` under every reading of what is not known, as a witness is; else under the widest. */
export function sbEvaluator(
  profile: string,
  script: string,
  temporary: string,
  thorough: boolean,
): Evaluator {
  const parameters = parametersIn(script, temporary);
  const slice = slicer(profile);
  const may = mayPermit(profile, parameters);
  const ask = (operation: string, path: string): boolean =>
    (!operation.startsWith("file") && !operation.startsWith("process-exec") ? true : may(operation, path)) &&
    sbPermits(slice(operation), parameters, { operation, path, holds: "all" }) &&
    sbPermits(profile, parameters, { operation, path, holds: "all" });
  return tolerant((operation) => {
    switch (operation.kind) {
      case "file": {
        const { access, path } = operation;
        if (thorough)
          return (
            confirms(profile, parameters, { right: access, path }) ||
            afterMoving(profile, parameters, access, path)
          );
        return operationsOf[access].some((name) => ask(name, path));
      }
      case "unix":
        return ["network-outbound", "network-bind"].some((name) => ask(name, operation.path));
      case "peer": {
        const name = operation.peer.direction === "connect" ? "network-outbound" : "network-inbound";
        const ends = endsOf(operation.peer);
        return sbPermits(slice(name), parameters, { operation: name, ends, holds: "all" });
      }
      case "service":
        return service(profile, parameters, operation.text);
      case "process":
      case "call":
      case "capability":
      case "gain":
        return undefined;
      default:
        return launched(script, operation);
    }
  });
}
