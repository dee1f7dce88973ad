/** Launchers of sandbox profiles with one thing changed. */
import type { Edited } from "./edited.ts";

const above = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

const loosened: readonly (readonly [RegExp, string])[] = [
  [/(ulimit -n )(\d+)/, "$19$2"],
  [/(ulimit -n )\d+/, "$1unlimited"],
  [/(\/bin\/sleep )(\d+)/, "$19$2"],
  [/-ne 0/, "-eq 0"],
  [/ -eu$/, " -u"],
  [/\|\| fail .*$/, "|| :"],
  [/\/usr\/bin\/env -i /, "/usr/bin/env "],
  [/env -i /, "env -i 'LD_PRELOAD=/tmp/x.so' "],
  [/env -i /, "env -i 'DYLD_INSERT_LIBRARIES=/x' "],
  [/'HOME=[^']*'/, "'HOME=/Users/other'"],
  [/'PATH=[^']*'/, "'PATH=/tmp/x:/usr/bin'"],
  [/\$\{TOKEN\+"TOKEN=\$TOKEN"\}/, `\${SECRET+"SECRET=$SECRET"}`],
  [/\$\{TOKEN\+"TOKEN=\$TOKEN"\}/, "'TOKEN=other'"],
  [/-f "\$here\/profile\.sb"/, '-f "$here/other.sb"'],
  [/-f "\$here\/profile\.sb"/, "-p '(version 1)(allow default)'"],
  [/umask 077/, "umask 000"],
  [/0 \| 1 \| 2 \|/, "0 | 1 | 2 | 3 |"],
  [/mcpc\.XXXXXXXX/, "mcpc"],
  [/ -- /, " "],
];

/** A parameter of the profile of which the value is the directory above, or all. */
function parameters(line: string): readonly string[] {
  return [...line.matchAll(/-D '(P\d+)=([^']*)'/g)].flatMap(
    ({ 0: found, 1: name = "", 2: path = "", index }) =>
      [above(path), "/", `${path}x`]
        .filter((other) => other !== path)
        .map((other) => `${line.slice(0, index)}-D '${name}=${other}'${line.slice(index + found.length)}`),
  );
}

/** A script without a line, with one twice, behind the next one, or another. */
export function launcherMutants(script: string): readonly Edited[] {
  const lines = script.split("\n");
  return lines.flatMap((line, at): readonly Edited[] => {
    if (line === "" || (line.startsWith("#") && at > 0)) return [];
    const short = line.trim().slice(0, 70);
    const spliced = (what: string, count: number, ...put: readonly string[]): Edited => ({
      what: `${at + 1}: ${what}`,
      text: lines.toSpliced(at, count, ...put).join("\n"),
    });
    const next = lines[at + 1] ?? "";
    const changed = loosened.flatMap(([from, to]) => (from.test(line) ? [line.replace(from, to)] : []));
    return [
      spliced(`without ${short}`, 1),
      spliced(`${short} twice`, 1, line, line),
      ...(next !== "" && next !== line
        ? [spliced(`${short} after ${next.trim().slice(0, 40)}`, 2, next, line)]
        : []),
      ...[...changed, ...parameters(line)]
        .filter((other) => other !== line)
        .map((other, which) => spliced(`${short} changed (${which})`, 1, other)),
    ];
  });
}
