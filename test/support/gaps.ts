/** What targets leave open of a policy, as lines that a table can hold. */

import { analyse } from "../../src/compile/analyse.ts";
import { targetContext } from "../../src/compile/compile.ts";
import { defaultEnvironment, type Environment, type Release } from "../../src/policy/environment.ts";
import { gapsOf } from "../../src/targets/enforce.ts";
import { targets } from "../../src/targets/registry.ts";
import { worldProject } from "./random-policies.ts";

const release = (major: number, minor = 0): Release => ({ major, minor });

/**
 * The gaps of one target for `server s < BODY >` in the world of `random-policies.ts`: the dimension, the kind, what must be
 * accepted, the message, what helps, and the words of the clause that it is reported at.
 */
export function gapLines(
  name: string,
  body: string,
  releases: Readonly<Partial<Record<keyof Environment, readonly [number, number?]>>> = {},
): readonly string[] {
  const target = targets.find((one) => one.name === name);
  if (!target) throw new Error(`no target ${name}`);
  const own = Object.entries(releases).map(([key, [major, minor]]) => [key, release(major, minor)]);
  const project = worldProject(`server s <\n${body}\n>\n`, {
    environment: { ...defaultEnvironment, ...Object.fromEntries(own) },
  });
  const { results, diagnostics } = analyse(project, [target.platform]);
  const wrong = diagnostics.filter(({ severity }) => severity === "error");
  if (wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join("; "));
  const analysed = results.get(target.platform);
  const [server] = analysed?.ir.servers ?? [];
  if (!analysed || !server) throw new Error("the policy has no server");
  const context = targetContext(project, analysed.ir, server, target);
  return gapsOf(target, server, context).map(({ dimension, kind, item, message, help, origin, accepted }) => {
    const of = item === undefined ? kind : `${kind} ${item}`;
    const clause = origin === undefined ? undefined : analysed.ir.clauses[origin]?.text;
    return [
      `${dimension}: ${accepted ? "accepted " : ""}${of}: ${message}`,
      ...(help === undefined ? [] : [` = ${help}`]),
      ...(clause === undefined ? [] : [` @ ${clause}`]),
    ].join("");
  });
}
