import { type Check, edited, fileOf, type Output } from "../support/outputs.ts";
import { firstOf, holdTraps, type Seed } from "./trap.ts";

const script =
  (from: string | RegExp, to: string): Seed["spoil"] =>
  (output: Output) =>
    edited(output, "run.sh", from, to);
const profile =
  (from: string | RegExp, to: string): Seed["spoil"] =>
  (output: Output) =>
    edited(output, "profile.sb", from, to);

const lines = (output: Output): readonly string[] => fileOf(output, "run.sh").split("\n");

/** The line of the launcher that starts the server's sandbox. */
const starts = (line: string): boolean => /^exec "\$@"$|^"\$@" <&0 &$/.test(line);

/** The launcher refuses root before it does anything else, and nothing after that line asks to go on. */
const refusesRoot: Check = (output) => {
  const all = lines(output).filter((line) => line !== "" && !line.startsWith("#"));
  const refusal = all.findIndex((line) => /^\[ "\$\(\/usr\/bin\/id -u\)" -ne 0 \] \|\| fail /.test(line));
  if (refusal === -1) return "root is not refused";
  if (!all.includes("set -eu")) return "a failing step does not end the launcher";
  const start = all.findIndex(starts);
  return start > refusal ? undefined : "the server is started before root is refused";
};

/** Every descriptor but 0, 1 and 2 is closed before the server starts. */
const closesDescriptors: Check = (output) => {
  const all = lines(output);
  const loop = all.indexOf("for path in /dev/fd/*; do");
  const close = all.findIndex((line) => line.includes('eval "exec $fd<&-"'));
  const kept = all.find((line) => line.includes("*[!0-9]*"))?.trim();
  if (loop === -1 || close < loop) return "descriptors stay open";
  if (kept !== "0 | 1 | 2 | *[!0-9]*) ;;") return `descriptors ${kept} are kept`;
  return all.findIndex(starts) > close ? undefined : "the server is started before";
};

/** Nothing is denied by a rule that a later one could undo: what is taken away is inside the allow. */
const orderIsNothing: Check = (output) => {
  const rules = fileOf(output, "profile.sb")
    .split("\n")
    .filter((line) => line.startsWith("("));
  if (rules[1] !== "(deny default)") return "the default is not the first rule";
  const denies = rules.filter((rule) => /^\(deny (?!default\))/.test(rule));
  if (denies.length > 0) return `${denies[0]} depends on its place`;
  const conditional = rules.lastIndexOf(rules.filter((rule) => rule.startsWith("(if ")).at(-1) ?? "");
  const allow = rules.findIndex((rule) => rule.startsWith("(allow "));
  if (conditional > allow) return "a denial behind an allow";
  return firstOf(rules, (rule) => {
    const unfiltered = /^\(allow [a-z*-]+(?: [a-z*-]+)*\)$/.test(rule) && rule !== "(allow process-fork)";
    return unfiltered ? `${rule} allows everything` : undefined;
  });
};

holdTraps(
  "sb",
  ["", "macos=15"],
  [
    {
      trap: "35",
      check: refusesRoot,
      seeds: [
        { what: "no refusal", policy: "program", spoil: script(/^\[ "\$\(\/usr\/bin\/id -u\)".*\n/m, "") },
        { what: "the other way round", policy: "writes", spoil: script("-ne 0", "-eq 0") },
        { what: "going on after a failure", policy: "program", spoil: script("set -eu", "set -u") },
      ],
    },
    {
      trap: "36",
      check: closesDescriptors,
      seeds: [
        { what: "left open", policy: "program", spoil: script(/^.*eval "exec \$fd<&-".*\n/m, "") },
        { what: "one more is kept", policy: "writes", spoil: script("0 | 1 | 2 |", "0 | 1 | 2 | 3 |") },
      ],
    },
    {
      trap: "38",
      check: orderIsNothing,
      seeds: [
        {
          what: "a deny behind",
          policy: "writes",
          spoil: profile(/$(?![\s\S])/, '\n(deny file-read-data (literal "/x"))'),
        },
        {
          what: "an allow of everything",
          policy: "program",
          spoil: profile(/$(?![\s\S])/, "\n(allow file-read-data)"),
        },
        { what: "the default elsewhere", policy: "program", spoil: profile("(deny default)\n", "") },
      ],
    },
  ],
);
