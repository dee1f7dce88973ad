/** The options of every command that reads a policy, and the project that they name. */
import { type Invocation, listOption, type OptionTable, stringOption } from "./command.ts";
import { type Opened, openProject } from "./open.ts";

/** Options of every command that reads a policy. */
export const projectOptions = {
  root: { type: "string", value: "DIR", help: "what `./` means in the policy; its directory by default" },
  home: { type: "string", value: "DIR", help: "what `~/` means; your home by default" },
  host: { type: "string", value: "FILE", help: "a snapshot to ask instead of this host" },
  include: { type: "string", multiple: true, value: "DIR", help: "another place that imports may lie in" },
  env: {
    type: "string",
    multiple: true,
    value: "KEY=VERSION,…",
    help: "versions that artifacts are for, as in docker=20.10",
  },
  out: {
    type: "string",
    short: "o",
    value: "DIR",
    help: "where artifacts are written; `sandbox` by default",
  },
} as const satisfies OptionTable;

/** Opens the policy that an operand names, as the options say. */
export function openOperand(invocation: Invocation, operand: string): Promise<Opened> {
  return openProject(operand, {
    root: stringOption(invocation, "root"),
    home: stringOption(invocation, "home"),
    host: stringOption(invocation, "host"),
    include: listOption(invocation, "include"),
    env: listOption(invocation, "env"),
    out: stringOption(invocation, "out"),
  });
}
