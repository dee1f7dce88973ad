/** What an artifact permits, in the words of the language; what it does not mediate is a remark. */
import type { Authority, Identity } from "../../authority/authority.ts";
import { type Bdd, intersection, never, without } from "../../authority/bdd.ts";
import { createCallDiagram } from "../../authority/calls.ts";
import { createNetworkDiagram, leastPeer, peersIn, possiblePeers } from "../../authority/network.ts";
import type { Slice } from "../witness.ts";
import { callList, otherEntries } from "./calls.ts";
import { fileClauses, isEverything } from "./files.ts";

const open = (what: string): readonly string[] => [`# not held: ${what}`];

function fileLines({ files }: Authority): readonly string[] {
  if (!files) return open("files: everything of the host is in reach");
  return isEverything(files) ? ["write /;", "exec /;"] : fileClauses(files);
}

function socketLines({ sockets }: Authority): readonly string[] {
  if (!sockets) return open("sockets of the file system");
  return fileClauses(sockets)
    .filter((line) => !line.startsWith("#"))
    .map((line) => line.replace(/^(?:read|write|exec) /, "unix "))
    .filter((line, at, all) => all.indexOf(line) === at);
}

/** Whole directions in a clause; of part of one an example, since a set of addresses may have no short form. */
function directionLines(bdd: Bdd, root: number, direction: "connect" | "listen"): readonly string[] {
  const all = intersection(bdd, possiblePeers(bdd), peersIn(bdd, { direction }));
  const own = intersection(bdd, root, all);
  if (own === never) return [];
  if (without(bdd, all, own) === never)
    return direction === "connect" ? ["net any;"] : ["# listens, and is reached on every port"];
  return [`# net ${direction}: some peers, as ${leastPeer(bdd, own)}`];
}

function networkLines({ network }: Authority): readonly string[] {
  if (!network) return ["net any;", "# listens, and is reached on every port"];
  const bdd = createNetworkDiagram();
  const root = network(bdd);
  const lines = (["connect", "listen"] as const).flatMap((direction) => directionLines(bdd, root, direction));
  return lines.length === 0 ? ["net none;"] : lines;
}

function callLines({ calls }: Authority): readonly string[] {
  if (!calls) return open("system calls: no filter that is known");
  const bdd = createCallDiagram();
  const root = calls(bdd);
  const list = callList(bdd, root);
  return [`syscalls default-deny + [${list.join(", ")}];`, ...otherEntries(bdd, root)];
}

function variableLines({ environment }: Authority): readonly string[] {
  if (!environment || environment === "any") return open("the environment of whoever starts it");
  return [...environment].map(([name, value]) =>
    value === undefined
      ? `env ${name};`
      : `env ${name}=${/^[\w./:@%+,-]*$/.test(value) ? value : JSON.stringify(value)};`,
  );
}

function userText(user: Identity["user"]): string {
  switch (user.kind) {
    case "ids":
      return user.uid === 0 ? "# runs as root" : `user ${user.uid}:${user.gid};`;
    case "named":
      return `user ${user.name};`;
    case "fresh":
      return "user dynamic;";
    case "caller":
      return "# runs as whoever starts it, and never as root";
    case "any":
      return "# runs as a user that is not known, root perhaps";
  }
}

function userLines({ identity }: Authority): readonly string[] {
  if (!identity) return open("who runs it");
  const { user, capabilities, noNewPrivileges } = identity;
  return [
    userText(user),
    ...(noNewPrivileges ? [] : ["# may gain privileges by executing a setuid program"]),
    ...(capabilities === "all" ? ["# any capability"] : [...capabilities].map((name) => `# ${name}`)),
  ];
}

function limitLines({ limits = {} }: Authority): readonly string[] {
  const { memory, processes, files, cpu, io, time, tmp } = limits;
  const own = [
    ...(memory === undefined ? [] : [`memory ${memory}B`]),
    ...(processes === undefined ? [] : [`processes ${processes}`]),
    ...(files === undefined ? [] : [`files ${files}`]),
    ...(cpu === undefined ? [] : [`cpu ${cpu}%`]),
    ...(io === undefined ? [] : [`io ${io}B/s`]),
    ...(time === undefined ? [] : [`time ${time}ms`]),
  ];
  const missing = ["memory", "processes", "files"].filter((name) => !(name in limits));
  return [
    ...(own.length === 0 ? [] : [`limits < ${own.join("; ")} >;`]),
    ...(missing.length === 0 ? [] : [`# without a limit: ${missing.join(", ")}`]),
    ...(tmp === undefined ? ["# private storage without a size"] : tmp === 0 ? [] : [`tmp ${tmp}B;`]),
  ];
}

function processLines({ processes }: Authority): readonly string[] {
  if (!processes) return open("processes outside");
  return [...processes].map((name) => `# ${name} of processes outside`);
}

const lines: Readonly<Record<Slice, (authority: Authority) => readonly string[]>> = {
  files: fileLines,
  sockets: socketLines,
  network: networkLines,
  syscalls: callLines,
  processes: processLines,
  services: ({ services = [] }) => services.map((name) => `# service: ${name}`),
  env: variableLines,
  user: userLines,
  limits: limitLines,
  isolation: ({ isolation = "process" }) => [`isolation ${isolation};`],
};

/** Clauses and remarks of the slices that an artifact is asked about. */
export function authorityWords(authority: Authority, scope: readonly Slice[]): readonly string[] {
  return scope.flatMap((slice) => lines[slice](authority));
}
