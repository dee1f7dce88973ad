/** What a policy denies, operation by operation: by the reference evaluator, and by the policy's own numbers where it has no such question. */
import { type Call, exemptCalls } from "../../../src/authority/calls.ts";
import { compile } from "../../../src/compile/compile.ts";
import type { Project } from "../../../src/compile/project.ts";
import { referencePolicy } from "../../../src/compile/reference.ts";
import type { ServerIr } from "../../../src/policy/ir.ts";
import { type Decision, decide } from "../../../src/reference/decide.ts";
import type { Question } from "../../../src/reference/question.ts";
import { readConnect, readListen } from "../../../src/syntax/endpoints.ts";
import { targets } from "../../../src/targets/registry.ts";
import type { Bundle } from "../../../src/verify/parts/part.ts";
import { worldProject, worldRoot } from "../../support/random-policies.ts";
import { describeOperation, type Operation, type Peer } from "./operation.ts";

/** A policy of one server, `s`, and what one target makes of it. */
export interface PolicySide {
  readonly text: string;
  readonly project: Project;
  readonly server: ServerIr;
  readonly bundle: Bundle;
  /** Whether the policy denies an operation; undefined where nobody but the proof could say. */
  readonly denies: (operation: Operation) => boolean | undefined;
  /** The reference evaluator's answer and its reason, where it has the question. */
  readonly decision: (operation: Operation) => Decision | undefined;
}

/** A call that a policy can name: natively, by its name. */
export const isNative = ({ entry, name }: Call): boolean =>
  name !== undefined && entry !== "i386" && !name.startsWith("x32:");

function endpointQuestion({ direction, protocol, address, port }: Peer): Question | undefined {
  const host = address.includes(":") ? `[${address}]` : address;
  const text = `${host}:${port}${protocol === "udp" ? "/udp" : ""}`;
  const read = direction === "connect" ? readConnect(text) : readListen(text);
  return read.ok ? { kind: direction, endpoint: read.value } : undefined;
}

function questionOf(operation: Operation): Question | undefined {
  switch (operation.kind) {
    case "file":
      return { kind: "file", access: operation.access, path: operation.path };
    case "unix":
      return { kind: "unix", path: operation.path };
    case "call": {
      const { name = "", words } = operation.call;
      return isNative(operation.call) ? { kind: "call", name, words: words.map(String) } : undefined;
    }
    case "env":
      return { kind: "env", name: operation.name };
    case "peer":
      return endpointQuestion(operation.peer);
    default:
      return undefined;
  }
}

/** What the policy's own numbers say. */
function deniesPlainly({ limits, tmp, user }: ServerIr, operation: Operation): boolean | undefined {
  switch (operation.kind) {
    case "amount": {
      const most = operation.limit === "tmp" ? (tmp?.bytes ?? 0) : limits[operation.limit]?.value;
      return most !== undefined && operation.value > most;
    }
    case "user":
      if (operation.uid === 0) return true;
      return user.kind === "ids" && (operation.uid !== user.uid || operation.gid !== user.gid);
    case "capability":
    case "gain":
    case "process":
      return true;
    default:
      return undefined;
  }
}

/** Compiles a policy for one target. @throws Error when the target refuses it */
export function policySide(text: string, target: string): PolicySide {
  const project = worldProject(text);
  const compiled = compile(
    project,
    targets.filter(({ name }) => name === target),
  );
  const [analysed] = compiled.analysed.values();
  const [server] = analysed?.ir.servers ?? [];
  if (!server || compiled.artifacts.length === 0)
    throw new Error(`${target}: ${compiled.diagnostics.map(({ message }) => message).join("\n")}\n${text}`);
  const prefix = `${server.name}/${target}/`;
  // The record of the proof is no artifact: nothing reads it but to prove again.
  const files = compiled.artifacts
    .map(({ path, content }) => [path.slice(prefix.length), content] as const)
    .filter(([path]) => path !== "mcpc.proof.json");
  const location = `${worldRoot}/sandbox/${server.name}/${target}`;
  const bundle: Bundle = { server, environment: project.environment, location, files: new Map(files) };
  const reference = referencePolicy(project);
  const known = new Map<string, Decision>();
  const decision = (operation: Operation): Decision | undefined => {
    const question = questionOf(operation);
    if (!question) return undefined;
    const key = describeOperation(operation);
    const found = known.get(key) ?? decide(reference, server.name, question);
    known.set(key, found);
    return found;
  };
  const denies = (operation: Operation): boolean | undefined => {
    if (operation.kind === "call") {
      // The kernel lets these past every filter; and a policy permits nothing but what enters natively by a name.
      if (exemptCalls.includes(operation.call.name ?? "")) return false;
      if (!isNative(operation.call)) return true;
    }
    const decided = decision(operation);
    // What a variable holds is no part of the question.
    if (operation.kind === "env" && decided?.allowed) return undefined;
    return decided ? !decided.allowed : deniesPlainly(server, operation);
  };
  return { text, project, server, bundle, denies, decision };
}
