// Wall time of whole processes, as differences to a process that does nothing, measured in pairs beside it: what the
// machine does at that moment is in both.
import { spawnSync } from "node:child_process";

/** The middle of some numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function milliseconds(words, options) {
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(process.execPath, words, options);
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  if (error) throw error;
  if (status !== 0)
    throw new Error(`exit code ${status} of node ${words.join(" ")}:\n${String(stderr).slice(0, 2000)}`);
  return took;
}

/** Median extra milliseconds of each case over `node -e 0`; a case is `{ name, words, cwd }`. */
export function measure(cases, { rounds, warmUps }) {
  const extra = new Map(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const { name, words, cwd } of cases) {
      const options = { cwd, stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 28 };
      // The order alternates, so that neither of a pair always runs on what the other has warmed.
      const nothingFirst = round % 2 === 0;
      const before = nothingFirst ? milliseconds(["-e", "0"], options) : 0;
      const took = milliseconds(words, options);
      const nothing = nothingFirst ? before : milliseconds(["-e", "0"], options);
      if (round >= warmUps) extra.get(name).push(took - nothing);
    }
  }
  return new Map([...extra].map(([name, values]) => [name, median(values)]));
}
