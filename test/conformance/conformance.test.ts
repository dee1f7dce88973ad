/**
 * The meaning of the language, a row a rule: a policy, a question, the decision. The reference evaluator must decide so,
 * and what is emitted must hold it: nothing permits what is denied, and what mounts exactly shows what is allowed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { answerQuestion } from "../../src/cli/answer.ts";
import { analyse } from "../../src/compile/analyse.ts";
import type { Project } from "../../src/compile/project.ts";
import { referencePolicy } from "../../src/compile/reference.ts";
import { constantValue } from "../../src/linux/index.ts";
import { absolute } from "../../src/reference/policy.ts";
import { type Question, readQuestion } from "../../src/reference/question.ts";
import { connectsByPath, type Emitted, emit } from "../support/emitted.ts";
import { parseProfile, profilePermits, unitPermits } from "../support/evaluate/calls.ts";
import {
  composeVariables,
  podVariables,
  runVariables,
  unitVariables,
} from "../support/evaluate/environment.ts";
import {
  composeLeadsOut,
  policyAdmits,
  policyConnects,
  profileReaches,
  runLeadsOut,
  unitLeadsOut,
} from "../support/evaluate/network.ts";
import { memoryHost } from "../support/memory-host.ts";
import { workspace } from "../support/project.ts";

const fileType = z.enum(["file", "directory", "socket", "device"]);
const documentSchema = z.array(
  z.strictObject({
    policy: z.string(),
    /** Clauses of a profile that the server extends. */
    profile: z.string().optional(),
    host: z.record(z.string(), fileType).default({}),
    rows: z.array(z.tuple([z.string(), z.enum(["allowed", "denied"]), z.string()])).min(1),
  }),
);

const root = "/srv/house";
const home = "/home/someone";
// What lets every target emit; nothing of the network, so that a list of hosts becomes no network where it can't be held.
const accepts =
  "accept all: files.deny, files.exec, deny.future, unix, processes.other, syscalls.arguments, tmp.size, user, net.loopback";

const space = workspace();
afterAll(space.dispose);

function projectOf({ policy, profile, host }: z.infer<typeof documentSchema>[number]): Project {
  const place = (path: string): string => path.replace(/^\.\//, `${root}/`).replace(/^~\//, `${home}/`);
  const entries = Object.entries(host).map(([path, type]) => [place(path), type] as const);
  const text = `profile p < ${profile ?? ""} > server s extends p < ${policy}; ${accepts} >`;
  return space.project(text, {
    root,
    home,
    host: memoryHost({
      [`${root}/project`]: "directory",
      [home]: "directory",
      ...Object.fromEntries(entries),
    }),
    main: { path: `${root}/policy.mcp`, source: { name: "policy.mcp", text } },
    location: `${root}/sandbox`,
  });
}

/** Those that permit an operation, of those that have a word in it. */
type Ask<K extends Question["kind"]> = (
  emitted: Emitted,
  question: Extract<Question, { kind: K }>,
) => Readonly<Record<string, boolean>>;

const askFiles: Ask<"file"> = ({ views }, { access, path }) =>
  access === "stat"
    ? {}
    : Object.fromEntries(Object.entries(views).map(([who, permits]) => [who, permits(access, path)]));

const askSockets: Ask<"unix"> = (emitted, { path }) => {
  const { views } = emitted;
  const filter = profilePermits(parseProfile(emitted.text("docker/seccomp.json") ?? "{}"), "socket", [1n]);
  return {
    compose: filter && (views.compose?.("read", path) ?? false),
    "docker run": filter && (views["docker run"]?.("read", path) ?? false),
    systemd:
      /^RestrictAddressFamilies=.*AF_UNIX/m.test(emitted.unit ?? "") &&
      (views.systemd?.("read", path) ?? false),
    sb: connectsByPath(emitted, path),
  };
};

const wordOf = (word: string | undefined): bigint =>
  word === undefined ? 0n : /^\d/.test(word) ? BigInt(word) : (constantValue(word) ?? expect.fail(word));

/** The answers of what was emitted: where a target refused, there is nothing to ask. */
const present = (answers: Readonly<Record<string, boolean | undefined>>): Readonly<Record<string, boolean>> =>
  Object.fromEntries(
    Object.entries(answers).flatMap(([who, permits]) => (permits === undefined ? [] : [[who, permits]])),
  );

const askCalls: Ask<"call"> = (emitted, { name, words }) => {
  const permits = (path: string): boolean | undefined => {
    const text = emitted.text(path);
    return text === undefined ? undefined : profilePermits(parseProfile(text), name, words.map(wordOf));
  };
  // A unit compares no arguments.
  const unit = words.length === 0 ? emitted.unit : undefined;
  return present({
    seccomp: permits("seccomp/seccomp.json"),
    docker: permits("docker/seccomp.json"),
    systemd: unit === undefined ? undefined : unitPermits(unit, name),
  });
};

const askEnvironment: Ask<"env"> = ({ text, argv, unit }, { name }) => {
  const compose = text("docker/compose.yaml");
  const pod = text("kubernetes/patch.yaml");
  return present({
    compose: compose === undefined ? undefined : composeVariables(compose).has(name),
    "docker run": argv && runVariables(argv).has(name),
    systemd: unit === undefined ? undefined : unitVariables(unit).has(name),
    kubernetes: pod === undefined ? undefined : podVariables(pod).has(name),
  });
};

const askNetwork: Ask<"connect" | "listen"> = ({ text, argv, unit }, { kind, endpoint }) => {
  const { host, ports, protocol } = endpoint;
  if (host.kind !== "network") return {};
  const peer = { host: host.address, port: ports.from, protocol };
  const manifest = text("kubernetes/networkpolicy.yaml") ?? expect.fail("no network policy");
  const sandbox = text("sb/profile.sb") ?? expect.fail("no sandbox profile");
  if (kind === "listen") {
    return peer.host.startsWith("127.")
      ? {}
      : { kubernetes: policyAdmits(manifest, peer), sb: profileReaches(sandbox, "inbound", peer) };
  }
  const own = /^(?:127\.|::1$)/.test(peer.host);
  return {
    sb: profileReaches(sandbox, "outbound", peer),
    ...(!own && {
      compose: composeLeadsOut(text("docker/compose.yaml") ?? ""),
      "docker run": runLeadsOut(argv ?? []),
      systemd: unitLeadsOut(unit ?? ""),
      kubernetes: policyConnects(manifest, peer),
    }),
  };
};

function ask(emitted: Emitted, question: Question): Readonly<Record<string, boolean>> {
  switch (question.kind) {
    case "file":
      return askFiles(emitted, question);
    case "unix":
      return askSockets(emitted, question);
    case "call":
      return askCalls(emitted, question);
    case "env":
      return askEnvironment(emitted, question);
    default:
      return askNetwork(emitted, question);
  }
}

/** Who may permit what is denied, for it was accepted: a claim is not masked, and what can be read may lie where exec is open. */
function mayPermit(who: string, question: Question, because: string, emitted: Emitted): boolean {
  if (question.kind !== "file") return false;
  if (who === "kubernetes" && because !== "nothing grants it") return true;
  const view =
    who === "kubernetes" || who === "compose" || who === "docker run" ? emitted.views[who] : undefined;
  return question.access === "exec" && (view?.("read", question.path) ?? false);
}

/** Who must permit what is allowed: those that hold this dimension exactly, of files those that are the host's. */
function mustPermit(who: string, question: Question): boolean {
  if (question.kind === "file") return !/^\/(?:usr|tmp)\//.test(question.path) && who !== "kubernetes";
  if (question.kind === "connect") return who === "kubernetes";
  return question.kind !== "listen";
}

const folder = import.meta.dirname;
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .sort()) {
  const cases = documentSchema.parse(parse(readFileSync(`${folder}/${file}`, "utf8")));
  describe.each(cases.map((one) => [one.policy.trim(), one] as const))(`${file}: %s`, (_, one) => {
    const project = projectOf(one);
    let emitted: Emitted;
    beforeAll(() => {
      expect(analyse(project, ["linux"]).diagnostics.filter(({ severity }) => severity === "error")).toEqual(
        [],
      );
      emitted = emit(project);
      // An exact list that lacks what a runtime itself calls is refused by all but the layer.
      const strict = /default-deny \+ \[execve|runtime none/.test(one.policy);
      if (!strict)
        expect([emitted.argv, emitted.unit, emitted.text("seccomp/seccomp.json")]).not.toContain(undefined);
      expect(emitted.text("seccomp/seccomp.json") ?? emitted.text("sb/profile.sb")).toBeDefined();
    });

    test.each(one.rows)("%s is %s: %s", (text, decision) => {
      const answer = answerQuestion(project, "s", text);
      if (!answer.ok) expect.fail(answer.reason);
      expect(answer.decision.allowed ? "allowed" : "denied").toBe(decision);
      const policy = referencePolicy(project);
      const read = readQuestion(text, (path) => absolute(policy, path, root));
      if (!read.ok) expect.fail(read.reason);
      const answers = Object.entries(ask(emitted, read.question));
      const { because } = answer.decision;
      const wrong = answers.filter(([who, permits]) =>
        decision === "denied"
          ? permits && !mayPermit(who, read.question, because, emitted)
          : !permits && mustPermit(who, read.question),
      );
      expect(wrong.map(([who]) => who)).toEqual([]);
    });
  });
}
