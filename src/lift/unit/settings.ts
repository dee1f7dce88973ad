/**
 * The settings of a unit after its drop-ins are merged: in order, an empty value taking back what a list held. A line that
 * systemd passes over is not among them, and is a finding.
 *
 * Source: systemd.unit(5); systemd.syntax(7).
 */

import type { Finding } from "../finding.ts";
import { aliases, directivesOf, lastRelease, otherSections, widening } from "./directives.ts";
import { type Assignment, readUnitLines } from "./syntax.ts";
import { booleanOf, timeOf } from "./values.ts";

/** A text of a unit: its own file, or one that is dropped in. */
export interface UnitText {
  readonly path: string;
  readonly text: string;
}

/** The merged settings. */
export interface Settings {
  /** The release of systemd that reads them. */
  readonly release: number;
  /** What counts of a list: all values since the last empty one. */
  readonly list: (key: string, section?: string) => readonly Assignment[];
  /** What counts of a single value; undefined when there is none, or the last is empty. */
  readonly last: (key: string, section?: string) => Assignment | undefined;
  /** Whether a list was set to nothing, and not merely left out. */
  readonly wasEmptied: (key: string, section?: string) => boolean;
  /** Whether something that is not seen here may have set it too: a unit that these are dropped into. */
  readonly isOpen: (key: string, section?: string) => boolean;
  /** The same of a list, to which a unit's own items belong as well until it is set to nothing. */
  readonly isOpenList: (key: string, section?: string) => boolean;
  /** Notes something that systemd passes over. */
  readonly find: (at: Assignment, message: string) => void;
  readonly findings: readonly Finding[];
  /** The sections that are there. */
  readonly sections: ReadonlySet<string>;
}

const isDropIn = (path: string): boolean => /\.d\/[^/]+\.conf$/.test(path);
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The unit's own file first, then what is dropped in by name. */
function inOrder(texts: readonly UnitText[]): readonly UnitText[] {
  const own = texts.filter(({ path }) => !isDropIn(path));
  const dropped = texts.filter(({ path }) => isDropIn(path));
  return [...own, ...dropped.sort((a, b) => (baseName(a.path) < baseName(b.path) ? -1 : 1))];
}

/** Why systemd passes over an assignment; undefined when it doesn't. */
function whyIgnored({ section, key, value }: Assignment, release: number): string | undefined {
  if (section.startsWith("X-") || otherSections.has(section)) return undefined;
  const table = directivesOf(section);
  if (!table) return `systemd ignores the section [${section}], which it does not know`;
  const known = table.get(key);
  if (!known) {
    if (key.startsWith("X-")) return undefined;
    const right = ["Service", "Socket", "Unit", "Install"].find((name) => directivesOf(name)?.has(key));
    return right === undefined
      ? `systemd ignores \`${key}=\`, which it does not know`
      : `systemd ignores \`${key}=\` in [${section}]: it belongs to [${right}]`;
  }
  if (known.since > release) return `systemd ${release} ignores \`${key}=\`, which came with ${known.since}`;
  if (value === "") return undefined;
  if (known.kind === "boolean" && booleanOf(value) === undefined && !isNewerValue(key, value, release))
    return `systemd ignores \`${key}=${value}\`, which is no boolean`;
  if (known.kind === "time" && timeOf(value) === undefined)
    return `systemd ignores \`${key}=${value}\`, which is no span of time`;
  return undefined;
}

/** Booleans that have since got more values. */
const newerValues: Readonly<Record<string, readonly (readonly [value: string, since: number])[]>> = {
  PrivateTmp: [["disconnected", 257]],
  PrivateUsers: [
    ["self", 257],
    ["identity", 257],
    ["full", 258],
    ["managed", 258],
  ],
  ProtectControlGroups: [
    ["private", 257],
    ["strict", 257],
  ],
  ProtectHostname: [["private", 258]],
};

function isNewerValue(key: string, value: string, release: number): boolean {
  return newerValues[key]?.some(([name, since]) => name === value && release >= since) ?? false;
}

interface Collected {
  readonly kept: readonly Assignment[];
  readonly findings: Finding[];
  readonly sections: ReadonlySet<string>;
}

function collect(texts: readonly UnitText[], release: number): Collected {
  const kept: Assignment[] = [];
  const findings: Finding[] = [];
  const sections = new Set<string>();
  for (const { path, text } of inOrder(texts)) {
    const lines = readUnitLines(text, path);
    findings.push(...lines.findings);
    for (const assignment of lines.assignments) {
      sections.add(assignment.section);
      const why = whyIgnored(assignment, release);
      const { file, line, key } = assignment;
      if (why !== undefined) findings.push({ file, line, message: why });
      // Without knowing better, what would give something is held to.
      const held = widening.has(key) && directivesOf(assignment.section)?.has(key);
      if (why === undefined || held) kept.push({ ...assignment, key: aliases[key] ?? key });
    }
  }
  if (release > lastRelease) {
    const message = `directives of systemd ${release} are not known here`;
    findings.push({ file: texts[0]?.path ?? "", line: 1, message });
  }
  return { kept, findings, sections };
}

/** Merges the texts of one unit. Without its own file, whatever the drop-ins leave open may be set in it. */
export function mergeSettings(texts: readonly UnitText[], release: number): Settings {
  const { kept, findings, sections } = collect(texts, release);
  const isWhole = texts.some(({ path }) => !isDropIn(path));
  const all = (key: string, section: string): readonly Assignment[] =>
    kept.filter((a) => a.key === key && a.section === section);
  return {
    release,
    list: (key, section = "Service") => {
      const values = all(key, section);
      return values.slice(values.findLastIndex(({ value }) => value === "") + 1);
    },
    last: (key, section = "Service") => {
      const value = all(key, section).at(-1);
      return value?.value === "" ? undefined : value;
    },
    wasEmptied: (key, section = "Service") => all(key, section).some(({ value }) => value === ""),
    isOpen: (key, section = "Service") => !isWhole && all(key, section).length === 0,
    isOpenList: (key, section = "Service") =>
      !isWhole && !all(key, section).some(({ value }) => value === ""),
    find: ({ file, line }, message) => {
      if (!findings.some((f) => f.file === file && f.line === line && f.message === message))
        findings.push({ file, line, message });
    },
    findings,
    sections,
  };
}

/** The last valid boolean of a directive. */
export function flag(settings: Settings, key: string, section?: string): boolean | undefined {
  const found = settings.last(key, section);
  return found && booleanOf(found.value);
}

/** The last value of a directive that is one of a few words; another is a finding, and does not count. */
export function wordIn<T extends string>(
  settings: Settings,
  key: string,
  values: readonly T[],
): T | boolean | undefined {
  const found = settings.last(key);
  if (!found) return undefined;
  const value = values.find((v) => v === found.value) ?? booleanOf(found.value);
  if (value === undefined)
    settings.find(found, `systemd ignores \`${key}=${found.value}\`, which it does not know`);
  return value;
}
