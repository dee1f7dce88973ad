import { defaultEnvironment } from "../../policy/environment.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { createWorkspace } from "../../verify/decide.ts";
import { nothing } from "../../verify/diff.ts";
import { readerOf } from "../../verify/parts/readers.ts";
import { partWords } from "../../verify/words/part.ts";
import { type FoundBundle, findBundles, shownName } from "../bundles.ts";
import type { Command, Invocation } from "../command.ts";
import { report, usageError } from "../report.ts";

/** An artifact has no server of its own: it is called as its root is, or as its directory. */
const anyServer = ({ directory, files }: FoundBundle): ServerIr => {
  const [, root] = /^RootDirectory=\/run\/mcpc\/(\S+)$/m.exec([...files.values()].join("\n")) ?? [];
  const name = root ?? directory.split("/").at(-2) ?? "";
  return { ...nothing, name: /^[a-z0-9-]+$/.test(name) ? name : "server" };
};

/** What is said of a bundle, and whether all of it could be read. */
interface Said {
  readonly text: string;
  readonly isWhole: boolean;
}

function liftBundle(bundle: FoundBundle): Said {
  const { target, directory, files, named } = bundle;
  const reader = readerOf(target);
  const server = anyServer(bundle);
  const space = createWorkspace();
  const parts = reader?.parts({ server, environment: defaultEnvironment, location: directory, files }) ?? [];
  let isWhole = true;
  const unread = (name: string, reason: string): readonly string[] => {
    isWhole = false;
    return [`# ${shownName(bundle, name)} can't be read: ${reason}`, ""];
  };
  const text = parts
    .flatMap((read): readonly string[] => {
      if (!read.ok) return named.has(read.name) ? unread(read.name, read.reason) : [];
      const { part } = read;
      if (!part.from.some((path) => named.has(path))) return [];
      const words = partWords(part, reader?.scope ?? [], space);
      if (!words.ok) return unread(part.name, words.reason);
      return [
        `# what ${shownName(bundle, part.name)} permits`,
        ...part.findings.map(({ line, message }) => `# line ${line}: ${message}`),
        ...part.assumptions.map((text) => `# taken for granted: ${text}`),
        `server ${server.name} <`,
        ...words.lines.map((line) => `  ${line}`),
        ">",
        "",
      ];
    })
    .join("\n");
  return { text, isWhole };
}

function runLift(invocation: Invocation): number {
  const { streams, operands } = invocation;
  if (operands.length === 0) return usageError(streams, "`mcpc lift` needs a file that confines something");
  const found = findBundles(operands);
  if (!found.ok) {
    report(invocation, [found.diagnostic]);
    return 2;
  }
  const said = found.bundles.map(liftBundle);
  streams.out(said.map(({ text }) => text).join("\n"));
  return said.every(({ isWhole }) => isWhole) ? 0 : 1;
}

/** `mcpc lift`. */
export const liftCommand: Command = {
  name: "lift",
  summary: "show what a file permits, made by anyone, in the words of the language",
  usage: "FILE|DIRECTORY…",
  options: {},
  run: runLift,
};
