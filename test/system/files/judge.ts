/** Compares what the sandbox permitted with what the policy says. */
import type { Asked, Prepared, Right } from "./asked.ts";

/** What a prober printed, by what was tried and the path. */
export type Reports = ReadonlyMap<string, string>;

/** Reads a prober's output; other lines, as of a journal, are none of its own. @throws Error when it did not come to its end */
export function readReports(output: string): Reports {
  const reports = new Map<string, string>();
  let ended = false;
  for (const line of output.split("\n")) {
    const [word = "", path = "", outcome = ""] = line.replace(/\r$/, "").split("\t");
    if (word === "end") ended = true;
    else if (path.startsWith("/")) reports.set(`${word} ${path}`, outcome);
  }
  if (!ended) throw new Error(`the prober did not come to its end:\n${output.slice(-3000)}`);
  return reports;
}

/** What all probes of an example come to. */
export interface Verdict {
  readonly probes: number;
  /** Those of what is there, and open to everybody but for the sandbox. */
  readonly open: number;
  readonly permitted: number;
  readonly denied: number;
  /** Probes that the target answers otherwise and says so, by what it says. */
  readonly excused: Readonly<Record<string, number>>;
  readonly disagreements: readonly string[];
}

const errors: Readonly<Record<string, string>> = {
  "1": "EPERM",
  "2": "ENOENT",
  "6": "ENXIO",
  "13": "EACCES",
  "19": "ENODEV",
  "20": "ENOTDIR",
  "30": "EROFS",
  "38": "ENOSYS",
};
const named = (outcome: string | undefined): string =>
  outcome === undefined ? "nothing was reported" : (errors[outcome] ?? outcome);

/** Whether an outcome reached what the host has there, and not a mask or another file. */
function reached({ right, evidence, isDevice }: Asked, outcome: string): boolean {
  if (/^\d+$/.test(outcome)) return false;
  // A file is masked by a device, and whoever writes to that writes nothing.
  if (right === "write") return outcome !== "device" || isDevice;
  if (right === "exec") return outcome === "ran";
  if (evidence === undefined) return true;
  return (
    outcome === "directory" ||
    outcome === `file ${evidence}` ||
    (evidence === "" && outcome.startsWith("file "))
  );
}

const wordsOf: Readonly<Record<Right, readonly string[]>> = {
  read: ["read"],
  write: ["write"],
  exec: ["map", "run"],
};

/** Judges one probe: of what it tries in several ways, all must be permitted that are granted, and none that are denied. */
function judgeOne(asked: Asked, reports: Reports): string | undefined {
  const tried = wordsOf[asked.right].filter((word) => word !== "run" || asked.runs);
  const outcomes = tried.map((word) => ({ word, outcome: reports.get(`${word} ${asked.path}`) }));
  const wrong = outcomes.find(
    ({ outcome }) => outcome === undefined || reached(asked, outcome) !== asked.allowed,
  );
  if (!wrong) return undefined;
  const said = outcomes.map(({ word, outcome }) => `${word}: ${named(outcome)}`).join(", ");
  const answer = asked.allowed ? "grants" : "denies";
  return `${asked.right} ${asked.path}: the policy ${answer} it: ${asked.because}; in the sandbox: ${said}`;
}

/** Judges all probes of an example. */
export function judge({ asked }: Prepared, reports: Reports): Verdict {
  const excused: Record<string, number> = {};
  const disagreements: string[] = [];
  let permitted = 0;
  let denied = 0;
  for (const one of asked) {
    const wrong = judgeOne(one, reports);
    if (wrong === undefined) {
      if (one.allowed) permitted++;
      else denied++;
    } else if (one.excuse !== undefined) excused[one.excuse] = (excused[one.excuse] ?? 0) + 1;
    else disagreements.push(wrong);
  }
  const open = asked.filter(({ isOpen }) => isOpen).length;
  return { probes: asked.length, open, permitted, denied, excused, disagreements };
}

/** Probes of what is open to everybody that failed although nothing confines: what they find in a sandbox says nothing. */
export function failedOutside({ asked }: Prepared, reports: Reports): readonly string[] {
  const open = asked.filter(({ isOpen }) => isOpen).map((one) => ({ ...one, allowed: true, because: "" }));
  return open.flatMap((one) => judgeOne(one, reports) ?? []);
}

/** What was counted, as a line of JSON. */
export function counted(of: string, { nodes }: Prepared, { disagreements, ...counts }: Verdict): string {
  return `${JSON.stringify({ files: of, nodes, ...counts, disagreements: disagreements.length })}\n`;
}
