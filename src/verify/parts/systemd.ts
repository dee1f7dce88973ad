/** Units of systemd: the service with what is dropped into it, and the command line of systemd-run that does the same. */
import {
  type UnitWorld,
  unitPermitsCall,
  unitPermitsFile,
  unitPermitsVariable,
} from "../../evaluate/unit.ts";
import { callsOfGroup } from "../../lift/unit/groups.ts";
import { runUnit } from "../../lift/unit/run.ts";
import { type LiftedUnit, liftRun, liftUnit, RunError, type UnitText } from "../../lift/unit.ts";
import { unitFloor } from "../floor.ts";
import { slices, type Witness } from "../witness.ts";
import { CommandLineError, commandLinesIn } from "./command-lines.ts";
import { type Bundle, type Part, type ReadPart, readParts, type TargetReader } from "./part.ts";

const emptyRoot = ({ server }: Bundle): string => `/run/mcpc/${server.name}`;

const environmentOf = (bundle: Bundle): Parameters<typeof liftUnit>[1] => ({
  release: bundle.environment.systemd.major,
  // The bundle's own tmpfiles make it, and nobody else writes below /run.
  emptyDirectories: new Set([emptyRoot(bundle)]),
});

/** Machines on which what may not be there is there, and is not: what either permits is permitted. */
function worldsOf(bundle: Bundle): readonly UnitWorld[] {
  return [true, false].map((exists) => ({
    exists: () => exists,
    empty: new Set([emptyRoot(bundle)]),
    group: (name) => {
      const calls = callsOfGroup(name);
      return calls && [...calls];
    },
  }));
}

/** The evaluator speaks of files, of variables, and of calls of x86_64 by their names. */
function confirms(
  texts: readonly UnitText[],
  worlds: readonly UnitWorld[],
  witness: Witness,
): boolean | undefined {
  if ("everything" in witness) return undefined;
  if (witness.slice === "files") {
    const { right, path } = witness.file;
    return worlds.some((world) => unitPermitsFile(texts, world, right, path));
  }
  if (witness.slice === "env") return unitPermitsVariable(texts, witness.name);
  if (witness.slice !== "syscalls") return undefined;
  const { name, entry } = witness.call;
  if (name === undefined || entry !== "x86_64" || name.startsWith("x32:")) return undefined;
  return worlds.some((world) => unitPermitsCall(texts, world, name));
}

function partOf(
  name: string,
  texts: readonly UnitText[],
  bundle: Bundle,
  { authority, findings }: LiftedUnit,
): Part {
  const worlds = worldsOf(bundle);
  // Of drop-ins alone nobody sees the unit: what the evaluator finds in them is permitted, and what it does not find may be.
  const isWhole = texts.some(({ path }) => !isDropIn(path));
  return {
    name,
    from: texts.map(({ path }) => path),
    authority,
    findings,
    assumptions: [
      `nothing is below ${emptyRoot(bundle)}`,
      "the system manager runs the unit, as root, and adds no variables of its own",
      ...(isWhole
        ? []
        : [
            "the unit hands the server no open file (StandardInput=, StandardOutput=, StandardError=, sockets)",
          ]),
    ],
    permits: (witness) => {
      const answer = confirms(texts, worlds, witness);
      return answer === false && !isWhole ? undefined : answer;
    },
  };
}

const isDropIn = (path: string): boolean => /\.service\.d\/[^/]+\.conf$/.test(path);

/** The units that start the server itself: a proxy that owns a socket does not run it. */
function confining({ server, files }: Bundle): readonly (readonly UnitText[])[] {
  const texts = [...files].map(([path, text]): UnitText => ({ path, text }));
  const dropIns = texts.filter(({ path }) => isDropIn(path));
  const isOwn = (path: string): boolean =>
    path === `mcp-${server.name}.service` || path === `mcp-${server.name}@.service`;
  const services = texts.filter(({ path }) => path.endsWith(".service"));
  const own = services.some(({ path }) => isOwn(path))
    ? services.filter(({ path }) => isOwn(path))
    : services;
  const ofUnit = (path: string): readonly UnitText[] =>
    dropIns.filter((dropIn) => dropIn.path.includes(`${path.slice(path.lastIndexOf("/") + 1)}.d/`));
  if (own.length === 0) return dropIns.length === 0 ? [] : [dropIns];
  return own.map((unit) => [unit, ...ofUnit(unit.path)]);
}

function runParts(bundle: Bundle, path: string, text: string): readonly Part[] {
  const environment = environmentOf(bundle);
  return commandLinesIn(text, "systemd-run").map((argv, at) => {
    const name = at === 0 ? path : `${path}#${at + 1}`;
    return partOf(name, [{ ...runUnit(argv), path }], bundle, liftRun(argv, environment));
  });
}

function unitPart(bundle: Bundle, texts: readonly UnitText[]): Part {
  return partOf(texts[0]?.path ?? "", texts, bundle, liftUnit(texts, environmentOf(bundle)));
}

function parts(bundle: Bundle): readonly ReadPart[] {
  const units = confining(bundle).flatMap((texts) =>
    readParts(texts[0]?.path ?? "", () => [unitPart(bundle, texts)], []),
  );
  const run = [...bundle.files].filter(([path]) => path.endsWith("run.json"));
  return [
    ...units,
    ...run.flatMap(([path, text]) =>
      readParts(path, () => runParts(bundle, path, text), [RunError, CommandLineError]),
    ),
  ];
}

/** Units hold everything but what is no dimension of theirs. */
export const systemdReader: TargetReader = {
  scope: slices.filter((slice) => slice !== "services"),
  floor: () => unitFloor,
  parts,
};
