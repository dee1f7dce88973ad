/** Allowed or denied, and by which clause: straight from the syntax trees, the standard library and the host. */
import { constantValue, systemCall } from "../linux/index.ts";
import type { CallNode, ConditionNode, EndpointNode, SyscallsClause } from "../syntax/ast.ts";
import { parseIpv4, parseIpv6 } from "../syntax/endpoints.ts";
import { type Case, caseOf, type Decision, denyOf, no, yes } from "./case.ts";
import { decideNamedFile } from "./files.ts";
import { absolute, findGroup, type Held, ofKind, type ReferencePolicy, resolved } from "./policy.ts";
import type { Question } from "./question.ts";

export type { Decision } from "./case.ts";

const bytesOf = (address: string): readonly number[] =>
  parseIpv4(address) ?? (parseIpv6(address) ?? []).flatMap((group) => [group >> 8, group & 255]);

/** Whether a written host covers an asked one. */
function hostCovers(written: EndpointNode["host"], asked: EndpointNode["host"]): boolean {
  if (asked.kind === "network" && written.kind === "network") {
    if (asked.family !== written.family || asked.prefix < written.prefix) return false;
    const bits = (address: string): string =>
      bytesOf(address)
        .map((b) => b.toString(2).padStart(8, "0"))
        .join("");
    return bits(asked.address).slice(0, written.prefix) === bits(written.address).slice(0, written.prefix);
  }
  if (asked.kind === "name" && written.kind === "name") return asked.name === written.name;
  if (asked.kind === "name" && written.kind === "wildcard") return asked.name.endsWith(`.${written.suffix}`);
  return (
    asked.kind === "wildcard" &&
    written.kind === "wildcard" &&
    `.${asked.suffix}`.endsWith(`.${written.suffix}`)
  );
}

function decideNet(c: Case, verb: "connect" | "listen", asked: Omit<EndpointNode, "span">): Decision {
  const clauses = ofKind(c.own, "net");
  for (const { clause } of clauses) {
    if (clause.verb === "any" && verb === "connect") return yes(clause.span, "any connection is granted");
    if (clause.verb === "loopback" && asked.host.kind === "network") {
      const [first] = bytesOf(asked.host.address);
      if ((asked.host.family === "ipv4" && first === 127) || asked.host.address === "::1")
        return yes(clause.span, "the sandbox's own loopback");
    }
    if (clause.verb !== verb) continue;
    for (const { host, ports, protocol } of clause.endpoints) {
      const inPorts = ports.from <= asked.ports.from && asked.ports.to <= ports.to;
      if (protocol === asked.protocol && inPorts && hostCovers(host, asked.host))
        return yes(clause.span, "it is granted");
    }
  }
  const none = clauses.find(({ clause }) => clause.verb === "none");
  return no(none ? "the policy has no network" : "nothing grants it", none?.clause.span);
}

/** A value as the kernel sees it. */
function valueIn(text: string, bits: 32 | 64): bigint | undefined {
  const number = /^-?\d/.test(text)
    ? BigInt(text.startsWith("-") ? `-${BigInt(text.slice(1))}` : text)
    : constantValue(text);
  return number === undefined ? undefined : BigInt.asUintN(bits, number);
}

/** Whether a condition holds of the asked words; undefined when the question leaves that argument open. */
function conditionHolds(
  name: string,
  condition: ConditionNode,
  words: readonly (string | undefined)[],
): boolean | undefined {
  const parameters = systemCall(name)?.parameters ?? [];
  const at = parameters.findIndex((p) => p.name === condition.argument.text);
  const bits = parameters[at]?.bits ?? 64;
  const word = words[at];
  const asked = word === undefined ? undefined : valueIn(word, bits);
  if (asked === undefined) return undefined;
  const mask = condition.mask ? valueIn(condition.mask.text, bits) : undefined;
  return condition.values.some(
    (value) => valueIn(value.text, bits) === (mask === undefined ? asked : asked & mask),
  );
}

interface CallCase extends Case {
  readonly name: string;
  readonly words: readonly (string | undefined)[];
  readonly negative: boolean;
}

/** Families that `net` and `unix` grant, for a bare `socket`. */
function familyGranted(c: CallCase): boolean | undefined {
  const [word] = c.words;
  const asked = word === undefined ? undefined : valueIn(word, 32);
  const inet = ofKind(c.own, "net").some(({ clause }) => clause.verb !== "none");
  const unix = ofKind(c.own, "unix").length > 0;
  if (asked === undefined) return inet || unix ? undefined : false;
  return (unix && asked === 1n) || (inet && (asked === 2n || asked === 10n));
}

/** Whether a member of a list speaks of the asked call. */
function memberCovers(c: CallCase, node: CallNode): boolean {
  if (node.kind === "spread") return spreadCovers(c);
  if (node.kind === "group")
    return findGroup(c.policy, node.name)?.group.calls.some((call) => memberCovers(c, call)) ?? false;
  if (node.name !== c.name) return false;
  if (node.conditions.length === 0)
    return c.name === "socket" && !c.negative ? familyGranted(c) !== false : true;
  return node.conditions.every((condition) => conditionHolds(c.name, condition, c.words) !== false);
}

const implied: readonly (readonly [string, (c: Case) => boolean])[] = [
  ["@fs-write", ({ own }) => ofKind(own, "write").length > 0 || ofKind(own, "tmp").length > 0],
  [
    "@net-client",
    ({ own }) => ofKind(own, "net").some(({ clause }) => /^(?:connect|any|loopback)$/.test(clause.verb)),
  ],
  [
    "@net-server",
    ({ own }) => ofKind(own, "net").some(({ clause }) => /^(?:listen|loopback)$/.test(clause.verb)),
  ],
  ["@unix-client", ({ own }) => ofKind(own, "unix").length > 0],
  ["@spawn", ({ own }) => ofKind(own, "exec").length > 0],
  ["@child", ({ own }) => ofKind(own, "exec").length > 0],
];

function spreadCovers(c: CallCase): boolean {
  const [runtime] = ofKind(c.runtime, "syscalls");
  const fromRuntime =
    runtime?.clause.lists.some(
      (list) => list.sign === "+" && list.calls.some((call) => memberCovers(c, call)),
    ) ?? false;
  if (fromRuntime) return true;
  return implied.some(
    ([group, applies]) =>
      applies(c) && (findGroup(c.policy, group)?.group.calls.some((call) => memberCovers(c, call)) ?? false),
  );
}

function decideCall(c: Case, name: string, words: readonly (string | undefined)[]): Decision {
  const clauses = ofKind(c.own, "syscalls") as readonly Held<SyscallsClause>[];
  const denied: CallCase = { ...c, name, words, negative: true };
  for (const { clause } of clauses) {
    const hit = clause.lists.some(
      (list) => list.sign === "-" && list.calls.some((call) => memberCovers(denied, call)),
    );
    if (hit) return no("it is taken away", clause.span);
  }
  const asked: CallCase = { ...c, name, words, negative: false };
  const [nearest] = clauses;
  if (nearest) {
    const hit = nearest.clause.lists.some(
      (list) => list.sign === "+" && list.calls.some((call) => memberCovers(asked, call)),
    );
    return hit
      ? yes(nearest.clause.span, "it is in the list")
      : no("the list does not hold it", nearest.clause.span);
  }
  const [runtime] = ofKind(c.runtime, "syscalls");
  if (runtime && spreadCovers(asked))
    return yes(runtime.clause.span, "the runtime or a clause of the server needs it");
  return no("neither the runtime nor a clause of the server needs it");
}

function decideEnv(c: Case, name: string): Decision {
  for (const { clause } of [...ofKind(c.own, "env"), ...ofKind(c.runtime, "env")]) {
    const found = clause.variables.find((variable) => variable.name === name);
    if (found) return yes(clause.span, found.value === undefined ? "it is passed through" : "it is set");
  }
  const [tmp] = ofKind(c.own, "tmp");
  const [runtime] = ofKind(c.runtime, "env");
  if (name === "TMPDIR" && tmp) return yes(tmp.clause.span, "it names the temporary directory");
  if (name === "HOME" && runtime) return yes(runtime.clause.span, "it is set, to no real home");
  return no("nothing grants it");
}

/** Decides a question for one server. */
export function decide(policy: ReferencePolicy, server: string, question: Question): Decision {
  const c = caseOf(policy, server);
  switch (question.kind) {
    case "file":
      return decideNamedFile(c, question.access, question.path);
    case "connect":
    case "listen":
      return decideNet(c, question.kind, question.endpoint);
    case "unix": {
      const denied = denyOf(c, "all", question.path);
      if (denied) return no("it is denied", denied);
      const found = ofKind(c.own, "unix").find(({ clause, directory }) =>
        clause.paths.some(
          (node) => resolved(policy, absolute(policy, node.text, directory)) === question.path,
        ),
      );
      return found ? yes(found.clause.span, "it is granted") : no("nothing grants it");
    }
    case "call":
      return decideCall(c, question.name, question.words);
    case "env":
      return decideEnv(c, question.name);
  }
}
