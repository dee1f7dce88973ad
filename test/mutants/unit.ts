/** Units with one setting changed. */
import type { Edited } from "./edited.ts";

const isSetting = (line: string): boolean => /^[A-Z]\w+=/.test(line);

const loosened: readonly (readonly [RegExp, string])[] = [
  [/^(\w+)=yes$/, "$1=no"],
  [/^(ProtectSystem)=strict$/, "$1=full"],
  [/^(ProtectProc)=invisible$/, "$1=default"],
  [/^(PrivateNetwork|PrivateDevices)=yes$/, "$1=true?"],
  [/^(CapabilityBoundingSet)=$/, "$1=CAP_SYS_ADMIN"],
  [/^(AmbientCapabilities)=$/, "$1=CAP_NET_RAW"],
  [/^BindReadOnlyPaths=/, "BindPaths="],
  [/^(SystemCallArchitectures)=native$/, "$1=native x86"],
  [/^(SystemCallFilter)=(?!~)/, "$1=@mount "],
  [/^(SystemCallFilter)=~@default$/, "$1=~@defualt"],
  [/^(RestrictAddressFamilies)=none$/, "$1=AF_INET AF_UNIX"],
  [/^(MemoryMax|TasksMax)=\d+$/, "$1=infinity"],
  [/^(MemoryMax|TasksMax)=\d+$/, "$1=0"],
  [/^(LimitNOFILE|CPUQuota|RuntimeMaxSec)=(\d+)/, "$1=1$2"],
  [/^(TemporaryFileSystem=[^:]*):size=\d+,/, "$1:"],
  [/^(UnsetEnvironment)=/, "$1=X"],
  [/^(Environment)="/, '$1="A1=x" "'],
  [/^NoExecPaths="\+/, 'NoExecPaths="'],
  [/^InaccessiblePaths="\+/, 'InaccessiblePaths="'],
  [/^InaccessiblePaths="\+/, 'InaccessiblePaths="-+'],
  [/^NoExecPaths=/, "ExecPaths="],
  [/^ExecStart=:/, "ExecStart=+:"],
  [/^(RootDirectory)=.*$/, "$1=/"],
  [/^(User|Group)=\d+$/, "$1=0"],
];

/** Every path of a line, moved to the directory it is in. */
function parents(line: string): readonly string[] {
  if (!/^(?:Bind|Inaccessible|NoExec|Exec)\w*Paths=/.test(line)) return [];
  const [key = "", value = ""] = line.split(/=(.*)/s);
  return [...value.matchAll(/\/[^\s:"]*/g)].map(({ 0: found, index }) => {
    const above = found.slice(0, found.lastIndexOf("/")) || "/";
    return `${key}=${value.slice(0, index)}${above}${value.slice(index + found.length)}`;
  });
}

/** A unit without a setting, with one loosened, moved to a directory above, after the next one, or misspelt. */
export function unitMutants(text: string): readonly Edited[] {
  const lines = text.split("\n");
  const spliced = (what: string, at: number, count: number, ...put: readonly string[]): Edited => ({
    what,
    text: lines.toSpliced(at, count, ...put).join("\n"),
  });
  return lines.flatMap((line, at): readonly Edited[] => {
    if (!isSetting(line)) return [];
    const next = lines[at + 1] ?? "";
    const replaced = (other: string): Edited =>
      spliced(`${line.slice(0, 80)} -> ${other.slice(0, 80)}`, at, 1, other);
    return [
      spliced(`without ${line.slice(0, 80)}`, at, 1),
      ...loosened.flatMap(([from, to]) => (from.test(line) ? [replaced(line.replace(from, to))] : [])),
      ...parents(line).map(replaced),
      ...(isSetting(next) && next !== line
        ? [spliced(`${line.slice(0, 60)} after ${next.slice(0, 60)}`, at, 2, next, line)]
        : []),
      replaced(line.replace(/^\w/, (c) => `${c}${c}`)),
    ];
  });
}
