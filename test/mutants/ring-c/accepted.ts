/**
 * What a target may permit although the policy denies it: what is accepted of it, and what its runtime brings. Said here by the
 * words of the policy and the reference evaluator's reasons, and not by the proof's own table, so that what is asked by chance
 * is no echo of it.
 */
import { accepts } from "../../../src/policy/accepts.ts";
import { world } from "../../support/random-policies.ts";
import type { Operation } from "./operation.ts";
import type { PolicySide } from "./policy.ts";

/** Trees that are the runtime's own wherever something runs, and none of the policy's. */
const ofRuntime: Readonly<Record<string, RegExp>> = {
  docker: /^\/(?:proc|sys|dev)(?:\/|$)/,
  kubernetes: /^\/(?:proc|sys|dev)(?:\/|$)/,
  systemd: /^\/(?:proc|sys|dev)(?:\/|$)/,
  sb: /^\/(?:usr|dev|etc|lib|bin|System|Library|tmp|var|private)(?:\/|$)/,
};

const files = Object.keys(world);
const isBelowFile = (path: string): boolean => files.some((file) => path.startsWith(`${file}/`));

/** Whether something was there when the policy was compiled, itself or with something below it. */
const isThere = (path: string): boolean => files.some((file) => file === path || file.startsWith(`${path}/`));

const isApplied = /^ *(?:exec|deny exec)\b/m;

function acceptedFile(
  { text, server, decision }: PolicySide,
  target: string,
  { access, path }: { readonly access: string; readonly path: string },
): boolean {
  const has = (item: Parameters<typeof accepts>[2]): boolean => accepts(server, target, item);
  if (path === "/" || ofRuntime[target]?.test(path) || isBelowFile(path)) return true;
  const { allowed = false, because = "" } = decision({ kind: "file", access: access as "read", path }) ?? {};
  // Other programs' obedience is no firm denial; the sandbox is made of some files, which only says that nobody should.
  if (!allowed && because.startsWith("the sandbox is made of it")) return true;
  const isTakenAway = because === "it is denied" || because.startsWith("a place of credentials");
  if (isTakenAway && (has("files.deny") || (has("deny.future") && !isThere(path)))) return true;
  if (access !== "exec" || isTakenAway) return false;
  const read = decision({ kind: "file", access: "read", path });
  const isOpen = has("files.exec") || !isApplied.test(text);
  return isOpen && (read?.allowed === true || has("files.deny"));
}

/** Whether an operation that the policy denies is none that anybody may ask for. */
export function acceptedBy(policy: PolicySide, target: string): (operation: Operation) => boolean {
  const { server } = policy;
  const has = (item: Parameters<typeof accepts>[2]): boolean => accepts(server, target, item);
  return (operation) => {
    switch (operation.kind) {
      case "file":
        return acceptedFile(policy, target, operation);
      case "unix":
        return has("unix") || ofRuntime[target]?.test(operation.path) === true || isBelowFile(operation.path);
      case "call": {
        const { name = "", entry } = operation.call;
        // systemd itself executes the program inside the filter.
        if (target === "systemd" && name === "execve" && entry !== "i386") return true;
        const named = server.systemCalls.allow.some((grant) => grant.name === name);
        return has("syscalls.arguments") && named && entry !== "i386";
      }
      case "peer": {
        const { direction, address } = operation.peer;
        const isLoopback = address.startsWith("127.") || address === "::1";
        return (
          (isLoopback && has("net.loopback")) || has(direction === "connect" ? "net.connect" : "net.listen")
        );
      }
      case "amount":
        return has(operation.limit === "tmp" ? "tmp.size" : `limits.${operation.limit}`);
      case "user":
        return has("user") && operation.uid !== 0;
      case "process":
        return has("processes.other");
      default:
        return false;
    }
  };
}
