import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

/** `net any`. */
export function netAny(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  if (!server.network.any) return [];
  const origin = server.network.origins.find((o) => /^net any$/.test(input.ir.clauses[o]?.text ?? ""));
  return [
    e.netAny.report({}, { at: spanOf(input, origin ?? server.network.origins[0]), server: server.name }),
  ];
}

/** A single file that may be written: saving by renaming fails there. */
export function singleFileWrite(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  return server.files.grants
    .filter((grant) => grant.by === "clause" && grant.access.includes("write") && grant.type === "file")
    .map((grant) =>
      e.singleFileWrite.report(
        { path: grant.path },
        { at: spanOf(input, grant.origin), server: server.name },
      ),
    );
}

/** A socket that is granted as a file: who writes that means to connect. */
export function readsSocket(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const granted = new Set(server.unix.map(({ path }) => path));
  return server.files.grants
    .filter(({ by, type, path }) => by === "clause" && type === "socket" && !granted.has(path))
    .map(({ path, origin }) =>
      e.readsSocket.report({ path }, { at: spanOf(input, origin), server: server.name }),
    );
}

/** An image that is named by a tag. */
export function imageWithoutDigest(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const { image } = server;
  if (!image || image.digest !== undefined) return [];
  return [
    e.imageWithoutDigest.report(
      { name: image.name },
      { at: spanOf(input, image.origin), server: server.name },
    ),
  ];
}

const secretName = /(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIAL|AUTH)/i;
// Shapes that well-known services give their keys, and connection strings that hold a password.
const secretValue =
  /^(?:ghp_|gho_|github_pat_|glpat-|sk-|xox[abpr]-|AKIA|AIza|ya29\.|eyJ)|:\/\/[^/\s:@]+:[^/\s@]+@/;

// A switch, a number, or the path of a file that holds the secret: `AUTH=none`, `TOKEN_LIMIT=4096`.
const harmlessValue = /^(?:|true|false|yes|no|on|off|none|[\d.]+|~?\.{0,2}\/.*)$/i;

/** Secrets that are written as NAME=VALUE. */
export function secretValues(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  return server.environment.flatMap(({ name, value, origin }) => {
    if (value === undefined || harmlessValue.test(value)) return [];
    if (!secretName.test(name) && !secretValue.test(value)) return [];
    return [e.secretValue.report({ name }, { at: spanOf(input, origin), server: server.name })];
  });
}
