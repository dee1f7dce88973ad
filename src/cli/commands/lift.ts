import { defaultEnvironment } from "../../policy/environment.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { createWorkspace } from "../../verify/decide.ts";
import { deputiesOf } from "../../verify/deputies.ts";
import { nothing } from "../../verify/diff.ts";
import { readerOf } from "../../verify/parts/readers.ts";
import { authorityWords } from "../../verify/words/authority.ts";
import { type FoundBundle, findBundles, shownName } from "../bundles.ts";
import type { Command, Invocation } from "../command.ts";
import { report, usageError } from "../report.ts";

/** An artifact has no server of its own: it is called as its root is, or as its directory. */
const anyServer = ({ directory, files }: FoundBundle): ServerIr => {
  const [, root] = /^RootDirectory=\/run\/mcpc\/(\S+)$/m.exec([...files.values()].join("\n")) ?? [];
  const name = root ?? directory.split("/").at(-2) ?? "";
  return { ...nothing, name: /^[a-z0-9-]+$/.test(name) ? name : "server" };
};

function liftBundle(bundle: FoundBundle): string {
  const { target, directory, files, named } = bundle;
  const reader = readerOf(target);
  const server = anyServer(bundle);
  const space = createWorkspace();
  const parts = reader?.parts({ server, environment: defaultEnvironment, location: directory, files }) ?? [];
  return parts
    .flatMap((read): readonly string[] => {
      if (!read.ok)
        return named.has(read.name)
          ? [`# ${shownName(bundle, read.name)} can't be read: ${read.reason}`, ""]
          : [];
      const { part } = read;
      if (!part.from.some((path) => named.has(path))) return [];
      return [
        `# what ${shownName(bundle, part.name)} permits`,
        ...part.findings.map(({ line, message }) => `# line ${line}: ${message}`),
        ...part.assumptions.map((text) => `# taken for granted: ${text}`),
        `server ${server.name} <`,
        ...authorityWords(part.authority, reader?.scope ?? []).map((line) => `  ${line}`),
        ...deputiesOf(part.authority, reader?.scope ?? [], space).map(
          ({ operation, authority }) => `  # ${operation} hands over ${authority}`,
        ),
        ">",
        "",
      ];
    })
    .join("\n");
}

function runLift(invocation: Invocation): number {
  const { streams, operands } = invocation;
  if (operands.length === 0) return usageError(streams, "`mcpc lift` needs a file that confines something");
  const found = findBundles(operands);
  if (!found.ok) {
    report(invocation, [found.diagnostic]);
    return 2;
  }
  streams.out(found.bundles.map(liftBundle).join("\n"));
  return 0;
}

/** `mcpc lift`. */
export const liftCommand: Command = {
  name: "lift",
  summary: "show what a file permits, made by anyone, in the words of the language",
  usage: "FILE|DIRECTORY…",
  options: {},
  run: runLift,
};
