// What became of mutants: from Stryker's report to a list, and from the list to what share of each folder was killed.

/** The folders, what share of the mutants that are drawn is of each, and how many of them must be killed. */
export const folders = [
  { folder: "src/targets", share: 0.4, bar: 0.9 },
  { folder: "src/authority", share: 0.3, bar: 0.95 },
  { folder: "src/lift", share: 0.3, bar: 0.95 },
];

/** Every mutant of a report, with the text of its line and of what it replaces. */
export function listOf(files) {
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split("\n");
    return mutants.map(({ location: { start, end }, mutatorName, replacement, status }) => {
      const text = lines[start.line - 1] ?? "";
      const last = start.line === end.line ? end.column - 1 : undefined;
      return {
        file,
        at: `${file}:${start.line}:${start.column}`,
        line: text.trim(),
        original: text.slice(start.column - 1, last),
        replacement,
        mutator: mutatorName,
        status,
      };
    });
  });
}

/** What tells a mutant where lines move: the file, the line's text, and what stands in its place. */
const nameOf = ({ file, line, replacement }) => `${file} | ${line} | ${replacement}`;

const isKilled = ({ status }) => status === "Killed" || status === "Timeout" || status === "RuntimeError";
const isSurvivor = ({ status }) => status === "Survived" || status === "NoCoverage";

/** A row for each folder; what is known to mean the same counts neither as killed nor as survived. */
export function rowsOf(mutants, known) {
  const reasons = new Set(known.map(nameOf));
  return folders.map(({ folder, bar }) => {
    const own = mutants.filter(({ file }) => file.startsWith(`${folder}/`));
    const survivors = own.filter(isSurvivor);
    const left = survivors.filter((one) => !reasons.has(nameOf(one)));
    const killed = own.filter(isKilled).length;
    const counted = killed + left.length;
    return {
      folder,
      tried: killed + survivors.length,
      killed,
      equivalent: survivors.length - left.length,
      survived: left.length,
      static: own.filter(({ status }) => status === "Ignored").length,
      rate: counted === 0 ? 1 : Math.floor((killed / counted) * 1000) / 1000,
      bar,
      survivors: left,
    };
  });
}
