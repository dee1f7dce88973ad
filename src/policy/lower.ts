/** Lowering: from a loaded policy to the IR of its servers, for one platform. */
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Host } from "../host/host.ts";
import type { Span } from "../text/span.ts";
import { collectOrigins, type LowerContext, type Platform } from "./context.ts";
import type { PolicyIr } from "./ir.ts";
import { irVersion } from "./ir-names.ts";
import { type LoadedPolicy, type StandardLibrary, standardLibrary, stdVersion } from "./load.ts";
import { type Ceiling, ceilingOf, draftOf, serverOf } from "./lower-server.ts";

/** What lowering needs beside the policy. */
export interface LowerOptions {
  readonly host: Host;
  readonly root: string;
  readonly home: string;
  readonly platform: Platform;
  /** Directories that artifacts are written to; no server may write there. */
  readonly outputs: readonly string[];
  /** SHA-256 of a text, hexadecimal. */
  readonly hash: (text: string) => string;
  /** Another standard library than the compiler's own. */
  readonly std?: StandardLibrary;
}

/** The IR, and for each of its clauses the span. */
export interface LoweredPolicy {
  readonly ir: PolicyIr;
  readonly spans: readonly Span[];
  /** What servers must stay within. */
  readonly ceilings: readonly Ceiling[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Lowers every server of a policy. */
export function lower(policy: LoadedPolicy, options: LowerOptions): LoweredPolicy {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  let server: string | undefined;
  const origins = collectOrigins();
  const context: LowerContext = {
    policy,
    std: options.std ?? standardLibrary(options.platform),
    host: options.host,
    root: options.root,
    home: options.home,
    platform: options.platform,
    outputs: options.outputs,
    origins,
    // A clause of a profile is met once for each server that extends it; it is reported once.
    report: (d) => {
      const key = `${d.code} ${d.primary?.span.source.name} ${d.primary?.span.start} ${d.message}`;
      if (seen.has(key)) return;
      seen.add(key);
      diagnostics.push(server === undefined || d.server !== undefined ? d : { ...d, server });
    },
  };
  const drafts = policy.servers.map((declared) => {
    server = declared.declaration.name.text;
    return draftOf(context, declared);
  });
  const ceilings: Ceiling[] = [];
  const servers = drafts.map((draft) => {
    server = draft.declared.declaration.name.text;
    const others = drafts.filter((other) => other !== draft);
    const ceiling = ceilingOf(context, draft, others);
    if (ceiling) ceilings.push(ceiling);
    return serverOf(context, draft, others);
  });
  const files = [policy.main, ...policy.imports];
  const ir: PolicyIr = {
    irVersion,
    language: 1,
    std: stdVersion,
    policy: {
      name: policy.main.source.name.replace(/^.*\//, ""),
      hash: files.length === 1 ? policy.main.hash : options.hash(files.map((file) => file.hash).join("\n")),
      imports: policy.imports.map((file) => ({ name: file.source.name, hash: file.hash })),
    },
    platform: options.platform,
    root: options.root,
    home: options.home,
    clauses: [...origins.clauses],
    servers,
  };
  return { ir, spans: origins.spans, ceilings, diagnostics };
}
