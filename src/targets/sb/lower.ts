/** From the IR to a profile and its launcher. */
import type { ServerIr } from "../../policy/ir.ts";
import { notAnArgument, notAPath } from "../escape/text.ts";
import type { Lowered, TargetContext, Unrepresentable } from "../target.ts";
import { ancestorRule, collectParameters, grantRules, temporaryRules } from "./files.ts";
import type { SandboxModel, SandboxRule, SandboxSection } from "./model.ts";

function networkRules(server: ServerIr, context: TargetContext): readonly SandboxRule[] {
  const { network } = server;
  const rules: SandboxRule[] = [];
  if (network.loopback && context.accepts("net.loopback")) {
    rules.push({ operations: ["network-outbound"], filters: ['(remote ip "localhost:*")'] });
    rules.push({ operations: ["network-inbound", "network-bind"], filters: ['(local ip "localhost:*")'] });
  }
  if (context.accepts("net.connect")) {
    if (network.any) rules.push({ operations: ["network-outbound"], filters: ['(remote ip "*:*")'] });
    const filters = new Set<string>();
    for (const { ports, protocol } of network.connect) {
      for (let port = ports.from; port <= ports.to; port++) filters.add(`(remote ${protocol} "*:${port}")`);
    }
    if (filters.size > 0) rules.push({ operations: ["network-outbound"], filters: [...filters].sort() });
  }
  if (context.accepts("net.listen")) {
    const filters = new Set<string>();
    for (const { ports, protocol } of network.listen) {
      for (let port = ports.from; port <= ports.to; port++) filters.add(`(local ${protocol} "*:${port}")`);
    }
    if (filters.size > 0)
      rules.push({ operations: ["network-inbound", "network-bind"], filters: [...filters].sort() });
  }
  return rules;
}

function checkStrings(server: ServerIr, paths: readonly string[]): Unrepresentable[] {
  const out: Unrepresentable[] = [];
  for (const path of paths) {
    // The reader's buffer of a literal holds about a thousand bytes; parameters are kept below that too.
    const reason =
      notAPath(path) ?? (Buffer.byteLength(path) > 900 ? "it is longer than 900 bytes" : undefined);
    if (reason === undefined) continue;
    const grant = server.files.grants.find((g) => g.path === path);
    out.push({ what: "the path", text: path, reason, ...(grant && { origin: grant.origin }) });
  }
  const words =
    server.program?.argv.map((text) => ({
      what: "the word of `run`",
      text,
      origin: server.program?.origin,
    })) ?? [];
  const values = server.environment.map(({ name, value, origin }) => ({
    what: `the value of \`${name}\``,
    text: value ?? "",
    origin,
  }));
  for (const { what, text, origin } of [...words, ...values]) {
    const reason =
      notAnArgument(text) ??
      (/[\n\r\u0085\u2028\u2029]/.test(text) ? "a launcher script holds each on one line" : undefined);
    if (reason !== undefined) out.push({ what, text, reason, ...(origin !== undefined && { origin }) });
  }
  return out;
}

/** Paths of the policy's own words, which the launcher looks at again. */
function checkedPaths(server: ServerIr): readonly string[] {
  const own = server.files.grants.filter(
    (grant) => (grant.by === "clause" || grant.by === "run") && grant.type !== "device",
  );
  return [
    ...new Set([...own.map((grant) => grant.path), ...server.unix.map((socket) => socket.path)]),
  ].sort();
}

const isLinuxOnly = (path: string): boolean => /^\/(?:proc|sys)(?:\/|$)/.test(path);

/** Lowers a server. */
export function lowerSandbox(server: ServerIr, context: TargetContext): Lowered<SandboxModel> {
  const parameters = collectParameters();
  const grants = server.files.grants.filter((grant) => !isLinuxOnly(grant.path));
  const section = (title: string, rules: readonly (SandboxRule | undefined)[]): SandboxSection[] => {
    const present = rules.filter((rule) => rule !== undefined);
    return present.length === 0 ? [] : [{ title, rules: present }];
  };
  const temporary = server.tmp ? temporaryRules(server, parameters) : [];
  const spawns = grants.some((grant) => grant.by === "clause" && grant.access.includes("exec"));
  const sections = [
    ...section(
      "Files",
      grants.flatMap((grant) => grantRules(server, grant, parameters)),
    ),
    ...section("Directories above them: stat only", [ancestorRule(server, parameters)]),
    ...section("The private temporary directory", temporary),
    ...section(
      "Other programs",
      spawns
        ? [
            { operations: ["process-fork"], filters: [] },
            { operations: ["signal"], filters: ["(target same-sandbox)"] },
          ]
        : [],
    ),
    ...section("Network", networkRules(server, context)),
    ...section(
      "Sockets",
      server.unix.length === 0
        ? []
        : [
            {
              operations: ["network-outbound"],
              filters: server.unix.map(({ path }) => `(literal (param "${parameters.nameOf(path)}"))`),
            },
          ],
    ),
  ];
  const problems = checkStrings(server, [
    ...parameters.all().map((p) => p.path),
    server.program?.workingDirectory ?? "/",
  ]);
  if (problems.length > 0) return { ok: false, unrepresentable: problems };
  const { program, limits } = server;
  const command = program && [program.executable ?? program.argv[0] ?? "", ...program.argv.slice(1)];
  return {
    ok: true,
    model: {
      server: server.name,
      sections,
      parameters: parameters.all(),
      checked: checkedPaths(server),
      ...(command && { command }),
      workingDirectory: program?.workingDirectory ?? "/",
      environment: server.environment.map(({ name, value, temporary: isTemporary }) => ({
        name,
        ...(value !== undefined && { value }),
        ...(isTemporary && { temporary: isTemporary }),
      })),
      temporary: server.tmp !== undefined,
      limits: {
        ...(limits.files && { files: limits.files.value }),
        ...(limits.time && { milliseconds: limits.time.value }),
      },
    },
  };
}
