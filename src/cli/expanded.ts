/** A policy as it is once everything is expanded: each line with the clause that it comes from. */
import type { Condition, PolicyIr, ServerIr } from "../policy/ir.ts";

function condition({ name, mask, values, negated }: Condition): string {
  const left = mask === undefined ? name : `${name} & ${mask}`;
  if (negated) return `${left} not in {${values.join(", ")}}`;
  return values.length === 1 ? `${left} = ${values[0]}` : `${left} in {${values.join(", ")}}`;
}

interface Row {
  readonly text: string;
  readonly origin: number | undefined;
}

function fileRows({ files, tmp, unix }: ServerIr): Row[] {
  return [
    ...files.grants.map(({ path, access, origin }) => ({
      text: `${access.at(-1) === "read" ? "read" : access.filter((a) => a !== "read").join(" + ")} ${path}`,
      origin,
    })),
    ...files.denies.map(({ pattern, access, reason, origin }) => ({
      text: `deny ${access === "all" ? "" : `${access} `}${pattern}${reason === "clause" ? "" : ` (${reason})`}`,
      origin,
    })),
    ...files.credentials.map(({ pattern, origin }) => ({ text: `deny ${pattern} (credential)`, origin })),
    ...(tmp ? [{ text: `tmp ${tmp.bytes} bytes`, origin: tmp.origin }] : []),
    ...unix.map(({ path, origin }) => ({ text: `unix ${path}`, origin })),
  ];
}

function networkRows({ network }: ServerIr): Row[] {
  const rows: Row[] = [];
  const [first] = network.origins;
  if (network.loopback) rows.push({ text: "net loopback", origin: first });
  if (network.any) rows.push({ text: "net any", origin: first });
  for (const { host, ports, protocol, origin } of network.connect) {
    const name =
      host.kind === "name"
        ? host.name
        : host.kind === "wildcard"
          ? `*.${host.suffix}`
          : `${host.address}/${host.prefix}`;
    rows.push({ text: `net connect ${name} ${ports.from}-${ports.to}/${protocol}`, origin });
  }
  for (const { address, ports, protocol, origin } of network.listen) {
    rows.push({ text: `net listen ${address} ${ports.from}-${ports.to}/${protocol}`, origin });
  }
  return rows.length === 0 ? [{ text: "net none", origin: first }] : rows;
}

function callRows({ systemCalls }: ServerIr): Row[] {
  return [
    ...systemCalls.allow.flatMap(({ name, when, origins }) =>
      (when ?? [undefined]).map((conjunction) => ({
        text: conjunction ? `call ${name}(${conjunction.map(condition).join(", ")})` : `call ${name}`,
        origin: origins[0],
      })),
    ),
    ...systemCalls.denied.map(({ name, origin }) => ({ text: `no call ${name}`, origin })),
  ];
}

function otherRows(server: ServerIr): Row[] {
  const { program, runtime, environment, user, limits, isolation, accepts } = server;
  return [
    ...(program
      ? [{ text: `run ${program.argv.join(" ")} (in ${program.workingDirectory})`, origin: program.origin }]
      : []),
    {
      text: `runtime ${runtime.name}${runtime.baseImage ? ` (container base ${runtime.baseImage})` : ""}`,
      origin: undefined,
    },
    ...environment.map(({ name, value, origin }) => ({
      text: `env ${name}${value === undefined ? "" : `=${value}`}`,
      origin,
    })),
    {
      text:
        user.kind === "any"
          ? user.owner
            ? `user ${user.owner.uid}:${user.owner.gid} (owner of what it writes)`
            : "user any but root"
          : `user ${user.kind === "ids" ? `${user.uid}:${user.gid}` : user.kind === "name" ? user.name : "dynamic"}`,
      origin: user.kind === "any" ? undefined : user.origin,
    },
    ...Object.entries(limits).flatMap(([name, limit]) =>
      limit ? [{ text: `limit ${name} ${limit.value}`, origin: limit.origin }] : [],
    ),
    { text: `isolation ${isolation.level}`, origin: isolation.origin },
    ...accepts.map(({ targets, item, origin }) => ({
      text: `accept ${targets.join(", ")}: ${item}`,
      origin,
    })),
  ];
}

/** The text of `mcpc explain POLICY`. */
export function expandedPolicy(ir: PolicyIr): string {
  const out: string[] = [];
  for (const server of ir.servers) {
    out.push(`server ${server.name}`);
    const rows = [...otherRows(server), ...fileRows(server), ...networkRows(server), ...callRows(server)];
    const width = Math.min(64, Math.max(...rows.map((row) => row.text.length)));
    for (const { text, origin } of rows) {
      const clause = origin === undefined ? undefined : ir.clauses[origin];
      const short = clause && (clause.text.length > 60 ? `${clause.text.slice(0, 57)}...` : clause.text);
      out.push(clause ? `  ${text.padEnd(width)}  # ${clause.source}:${clause.line}: ${short}` : `  ${text}`);
    }
    out.push("");
  }
  return out.join("\n");
}
