/** What the compiler emits for a policy under an environment, ready to be held against a check. */
import { compile } from "../../src/compile/compile.ts";
import { forgetTrees } from "../../src/host/walk.ts";
import {
  defaultEnvironment,
  type Environment,
  environmentKeys,
  parseRelease,
} from "../../src/policy/environment.ts";
import type { ServerIr } from "../../src/policy/ir.ts";
import { targets } from "../../src/targets/registry.ts";
import type { Workspace } from "./project.ts";

/** The files of one target for one server, with everything that decided them. */
export interface Output {
  /** Names the case in a failure: policy, target, environment. */
  readonly title: string;
  readonly target: string;
  readonly environment: Environment;
  readonly server: ServerIr;
  /** By path, relative to `<server>/<target>/`; empty when the target refused. */
  readonly files: ReadonlyMap<string, string>;
  /** The codes and messages of all diagnostics. */
  readonly diagnostics: readonly string[];
}

/** Says what is wrong with an output; undefined when it is right. */
export type Check = (output: Output) => string | undefined;

/** Reads `compose=1.29,docker=20.10` as `--env` does. */
export function environmentOf(text: string): Environment {
  const out: Record<string, Environment["docker"]> = { ...defaultEnvironment };
  for (const part of text.split(",").filter((p) => p !== "")) {
    const [key = "", value = ""] = part.split("=");
    const release = parseRelease(value);
    if (!environmentKeys.some((known) => known === key) || !release) throw new RangeError(part);
    out[key] = release;
  }
  return out as unknown as Environment;
}

/** Compiles a policy of one server to one target. */
export function outputOf(
  space: Workspace,
  name: string,
  policy: string,
  target: string,
  environment = "",
): Output {
  forgetTrees();
  const project = space.project(policy, { environment: environmentOf(environment) });
  const compiled = compile(
    project,
    targets.filter((t) => t.name === target),
  );
  const [server] = [...compiled.analysed.values()][0]?.ir.servers ?? [];
  if (!server) throw new Error(`${name}: ${compiled.diagnostics.map((d) => d.message).join("\n")}`);
  const prefix = `${server.name}/${target}/`;
  return {
    title: `${name} to ${target}${environment === "" ? "" : ` for ${environment}`}`,
    target,
    environment: project.environment,
    server,
    files: new Map(compiled.artifacts.map((a) => [a.path.slice(prefix.length), a.content])),
    diagnostics: compiled.diagnostics.map((d) => `${d.severity} ${d.code}: ${d.message}`),
  };
}

/** The text of a file that must be there. */
export function fileOf(output: Output, path: string): string {
  const text = output.files.get(path);
  if (text === undefined)
    throw new Error(`${output.title}: no ${path} among ${[...output.files.keys()].join(", ")}`);
  return text;
}

/** The output with every occurrence of a text in one of its files replaced; refuses an edit that changes nothing. */
export function edited(output: Output, path: string, from: string | RegExp, to: string): Output {
  const text = fileOf(output, path);
  const pattern = typeof from === "string" ? from : new RegExp(from.source, `${from.flags}g`);
  const changed = text.replaceAll(pattern, to);
  if (changed === text) throw new Error(`${output.title}: nothing in ${path} matches ${String(from)}`);
  return { ...output, files: new Map([...output.files, [path, changed]]) };
}
