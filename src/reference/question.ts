/** Questions about one operation, as people ask them on the command line. */

import type { EndpointNode } from "../syntax/ast.ts";
import { readConnect, readListen } from "../syntax/endpoints.ts";
import { readCall } from "./question-calls.ts";

/** An operation that a policy allows or denies. */
export type Question =
  | { readonly kind: "file"; readonly access: "stat" | "read" | "write" | "exec"; readonly path: string }
  | { readonly kind: "connect" | "listen"; readonly endpoint: Omit<EndpointNode, "span"> }
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "call"; readonly name: string; readonly words: readonly (string | undefined)[] }
  | { readonly kind: "env"; readonly name: string };

/** A question that was read, or what one looks like. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: Question }
  | { readonly ok: false; readonly reason: string };

const forms =
  "a question is `read PATH`, `write PATH`, `exec PATH`, `stat PATH`, `connect HOST:PORT`, `listen PORT`, `unix PATH`, `env NAME`, or a system call as in `socket(AF_INET)`";

// A verb without its operand is no question about the system call of that name, which is asked as `read()`.
const verbs = /^(?:read|write|exec|stat|unix|env|connect|listen)$/;

/** Reads a question; `bind` makes paths absolute. */
export function readQuestion(text: string, bind: (path: string) => string): ReadQuestion {
  const fail = (reason: string): ReadQuestion => ({ ok: false, reason });
  const trimmed = text.trim();
  const call = verbs.test(trimmed) ? undefined : readCall(trimmed);
  if (call?.ok) return { ok: true, question: { kind: "call", name: call.name, words: call.words } };
  if (call) return call;
  const [verb = "", ...rest] = trimmed.split(/\s+/);
  const operand = rest.join(" ");
  if (operand === "") return fail(forms);
  if (verb === "read" || verb === "write" || verb === "exec" || verb === "stat") {
    return { ok: true, question: { kind: "file", access: verb, path: bind(operand) } };
  }
  if (verb === "unix") return { ok: true, question: { kind: "unix", path: bind(operand) } };
  if (verb === "env") return { ok: true, question: { kind: "env", name: operand } };
  if (verb !== "connect" && verb !== "listen") return fail(forms);
  const read = verb === "connect" ? readConnect(operand) : readListen(operand);
  if (!read.ok) return fail(`\`${operand}\`: ${read.reason}`);
  if (read.value.ports.from !== read.value.ports.to) return fail("ask about one port");
  return { ok: true, question: { kind: verb, endpoint: read.value } };
}
