/**
 * A command line of systemd-run, as the unit that it makes: options that set properties, and the command.
 *
 * Source: systemd-run(1). Values go to the manager as they are, without specifiers; those that would need quoting are not
 * read here.
 */
import { directivesOf } from "./directives.ts";
import type { UnitText } from "./settings.ts";

/** A command line that is not understood: what it makes may permit everything. */
export class RunError extends Error {
  override readonly name = "RunError";
}

/** Options without a value that change nothing of what is permitted. */
const plain: ReadonlySet<string> = new Set([
  "--collect",
  "--no-ask-password",
  "--no-block",
  "--pipe",
  "--pty",
  "--quiet",
  "--remain-after-exit",
  "--send-sighup",
  "--service-type",
  "--system",
  "--wait",
  "-G",
  "-P",
  "-q",
  "-r",
  "-t",
]);

/** Options with a value, and the property that each sets; `X-` for none. */
const valued: Readonly<Record<string, string>> = {
  "--description": "X-Description",
  "--gid": "Group",
  "--nice": "Nice",
  "--service-type": "Type",
  "--setenv": "Environment",
  "--slice": "Slice",
  "--uid": "User",
  "--unit": "X-Unit",
  "--working-directory": "WorkingDirectory",
  "-E": "Environment",
  "-u": "X-Unit",
};

interface Property {
  readonly key: string;
  readonly value: string;
}

/** An option, and how many words it took. */
function propertyAt(
  argv: readonly string[],
  at: number,
): { readonly property?: Property; readonly words: number } {
  const word = argv[at] ?? "";
  if (plain.has(word)) return { words: 1 };
  const [, name = word, inline] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
  const value = inline ?? argv[at + 1];
  const words = inline === undefined ? 2 : 1;
  if (value === undefined) throw new RunError(`\`${word}\` has no value`);
  if (name === "--property" || name === "-p") {
    const [, key = "", rest = ""] = /^([A-Za-z]+)=(.*)$/s.exec(value) ?? [];
    if (key === "") throw new RunError(`\`${value}\` is no property`);
    return { property: { key, value: rest }, words };
  }
  const key = Object.hasOwn(valued, name) ? valued[name] : undefined;
  if (key === undefined) throw new RunError(`the option \`${word}\` is not known here`);
  // A name alone is a variable of whoever calls (systemd-run(1), --setenv=).
  const isPassed = key === "Environment" && !value.includes("=");
  return { property: { key: isPassed ? "PassEnvironment" : key, value }, words };
}

/** The unit of a command line. @throws RunError */
export function runUnit(argv: readonly string[]): UnitText {
  if (!/(?:^|\/)systemd-run$/.test(argv[0] ?? ""))
    throw new RunError("this is no command line of systemd-run");
  const lines: Record<"Unit" | "Service", string[]> = { Unit: [], Service: [] };
  let at = 1;
  for (; (argv[at] ?? "").startsWith("-") && argv[at] !== "--"; ) {
    const { property, words } = propertyAt(argv, at);
    at += words;
    if (!property) continue;
    const { key, value } = property;
    if (/["'\\%\n\r\0]/.test(value)) throw new RunError(`the value of \`${key}\` would need quotes`);
    lines[directivesOf("Unit")?.has(key) ? "Unit" : "Service"].push(`${key}=${value}`);
  }
  const command = argv.slice(argv[at] === "--" ? at + 1 : at);
  if (command.length === 0) throw new RunError("there is no command");
  const quoted = command.map((word) => `"${word.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`);
  if (quoted.some((word) => /[\n\r\0]/.test(word)))
    throw new RunError("a word of the command has a line's end");
  const text = `[Unit]\n${lines.Unit.join("\n")}\n[Service]\n${lines.Service.join("\n")}\nExecStart=${quoted.join(" ")}\n`;
  return { path: "run.service", text };
}
