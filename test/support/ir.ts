import { type PolicyIr, policyIr, type ServerIr } from "../../src/policy/ir.ts";
import { irVersion } from "../../src/policy/ir-names.ts";

/** A server's IR that grants nothing, with what a test wants laid over it. */
export function serverIrOf(overrides: Partial<ServerIr> = {}): ServerIr {
  return {
    name: "fs",
    runtime: { name: "none" },
    files: { grants: [], denies: [], credentials: [], sockets: [] },
    network: { loopback: false, any: false, connect: [], listen: [], origins: [] },
    unix: [],
    systemCalls: { exact: false, allow: [], denied: [] },
    environment: [],
    user: { kind: "any" },
    limits: {},
    isolation: { level: "process" },
    accepts: [],
    ...overrides,
  };
}

/** A document around servers; checked against the schema, so that a test cannot invent an IR. */
export function policyIrOf(...servers: readonly ServerIr[]): PolicyIr {
  return policyIr.parse({
    irVersion,
    language: 1,
    std: 1,
    policy: { name: "policy.mcp", hash: "0".repeat(64), imports: [] },
    platform: "linux",
    root: "/srv/app",
    home: "/home/user",
    clauses: [{ source: "policy.mcp", line: 1, text: "read ./project" }],
    servers,
  });
}
