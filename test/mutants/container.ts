/** Compose files, Dockerfiles and command lines with one thing changed. */
import type { Edited } from "./edited.ts";

const above = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";

/** Words with every path of theirs moved to the directory it is in. */
function parents(text: string): readonly string[] {
  return [...text.matchAll(/(?<=[="':]|^)\/[^\s:",]+/g)].map(
    ({ 0: found, index }) => text.slice(0, index) + above(found) + text.slice(index + found.length),
  );
}

const loosened: readonly (readonly [RegExp, string])[] = [
  [/(read_only": )true/, "$1false"],
  [/(privileged": )false/, "$1true"],
  [/"ALL"|=ALL$/, "$&X"],
  [/(cap[-_]drop"?:?=?\s*)"?ALL"?/, "$1CHOWN"],
  [/no-new-privileges:true/, "no-new-privileges:false"],
  [/no-new-privileges:true/, "no-new-privilege:true"],
  [/seccomp[:=]\S*seccomp\.json/, "seccomp=unconfined"],
  [/seccomp\.json/, "other.json"],
  [/(ipc(?:": "|=))none/, "$1host"],
  [/(ipc(?:": "|=))none/, "$1private"],
  [/(network(?:_mode": "|=))none/, "$1host"],
  [/(network(?:_mode": "|=))none/, "$1bridge"],
  [/(\buser(?:": "|=))\d+:\d+/, "$10:0"],
  [/(\buser(?:": "|=))(\d+):\d+/, "$1$2"],
  [/((?:limit|memory|swap|processes)(?:": |=))\d+$/, "$10"],
  [/((?:limit|memory|swap|processes)(?:": |=))\d+$/, "$1-1"],
  [/((?:limit|memory|cpus|soft|hard|nofile)(?:": |=))(\d)/, "$19$2"],
  [/bind,ro,noexec/, "bind,noexec"],
  [/bind,ro,noexec/, "bind,ro,noexce"],
  [/bind,ro,/, "bind,rw,"],
  [/(volume-nocopy),/, "$1,readonly,"],
  [/,readonly/, ""],
  [/,readonly/, ",readonly,readonly=false"],
  [/:ro,noexec/, ":rw,noexec"],
  [/,size=\d+[km]?/, ""],
  [/,size=(\d)/, ",size=9$1"],
  [/([A-Za-z_]+_(?:PROXY|proxy))=/, "$1"],
  [/(--rm)/, "--privileged"],
  [/(--rm)/, "--pid=host"],
  [/(--rm)/, "--volume=/etc:/etc:ro"],
  [/("stdin_open": )/, '"pid": "host"\n    $1'],
  [/("stdin_open": )/, '"cap_add": ["SYS_ADMIN"]\n    $1'],
  [/("stdin_open": )/, '"env_file": ["x"]\n    $1'],
  [/("stdin_open": )/, '"devices": ["/dev/kvm"]\n    $1'],
  [/(COPY \[")[^"]*/, "$1."],
  [/^USER \d+:\d+$/, "VOLUME /data"],
];

function changed(text: string): readonly string[] {
  const swaps = loosened.flatMap(([from, to]) => (from.test(text) ? [text.replace(from, to)] : []));
  return [...new Set([...swaps, ...parents(text)])].filter((other) => other !== text);
}

/** How many lines below one belong to it. */
function blockBelow(lines: readonly string[], at: number): number {
  const depth = (line: string): number => line.length - line.trimStart().length;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line === "" || depth(line) <= depth(lines[at] ?? ""));
  return end === -1 ? rest.length : end;
}

/** Each line changed, left out alone and with all that belongs to it, or twice. */
export function lineMutants(text: string): readonly Edited[] {
  const lines = text.split("\n");
  const joined = (at: number, ...instead: readonly string[]): string =>
    [...lines.slice(0, at), ...instead, ...lines.slice(at + 1)].join("\n");
  return lines.flatMap((line, at) => {
    if (line === "" || line.startsWith("#")) return [];
    const short = line.trim().slice(0, 90);
    const below = blockBelow(lines, at);
    const without = [...lines.slice(0, at), ...lines.slice(at + 1 + below)].join("\n");
    return [
      ...(below > 0 ? [{ what: `without all of ${short}`, text: without }] : []),
      { what: `without ${short}`, text: joined(at) },
      { what: `${short} twice`, text: joined(at, line, line) },
      ...changed(line).map((other) => ({
        what: `${short} -> ${other.trim().slice(0, 90)}`,
        text: joined(at, other),
      })),
    ];
  });
}

/** A command line of which a word is left out, twice there, or another. */
export interface EditedLine {
  readonly what: string;
  readonly argv: readonly string[];
}

/** Each option of a command line changed: what lies before `--`, behind the command itself. `mutate` changes one word more. */
export function argvMutants(
  argv: readonly string[],
  from = 2,
  mutate: (word: string) => readonly string[] = () => [],
): readonly EditedLine[] {
  const end = argv.indexOf("--");
  return argv.slice(0, end).flatMap((word, at) => {
    const mutant = (what: string, ...words: readonly string[]): EditedLine => ({
      what,
      argv: argv.toSpliced(at, 1, ...words),
    });
    return at < from
      ? []
      : [
          mutant(`without ${word}`),
          mutant(`${word} twice`, word, word),
          ...[...changed(word), ...mutate(word)].map((other) => mutant(`${word} -> ${other}`, other)),
        ];
  });
}
