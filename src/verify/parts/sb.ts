/** A Seatbelt profile with the launcher that starts the server inside it. */
import type { Authority, Variables } from "../../authority/authority.ts";
import { type Bdd, never, type Root, union } from "../../authority/bdd.ts";
import { type Peers, peersIn } from "../../authority/network.ts";
import { type FileWitness, type PathMachine, rights, unionOf } from "../../authority/paths.ts";
import { SbEvaluationError } from "../../evaluate/sb.ts";
import { confirms } from "../../evaluate/sb-files.ts";
import { LauncherError, type LiftedLauncher, liftLauncher } from "../../lift/launcher.ts";
import { type LiftedProfile, liftProfile, type NetworkGrant, SbError } from "../../lift/sb.ts";
import { profileFloor, profileTemporary } from "../floor.ts";
import { slices, type Witness } from "../witness.ts";
import { type Bundle, type Part, readParts, type TargetReader } from "./part.ts";

const loopback: readonly NonNullable<Peers["network"]>[] = [
  { family: "ipv4", address: "127.0.0.0", prefix: 8 },
  { family: "ipv6", address: "::1", prefix: 128 },
];

/** Peers of one grant: `localhost` is the host's own loopback; `other` is taken for every address. */
function peersOf({ direction, host, ports, protocols }: NetworkGrant): readonly Peers[] {
  const networks = host === "localhost" ? loopback : [undefined];
  const transports = (["tcp", "udp"] as const).filter((protocol) =>
    protocols.some((one) => one.startsWith(protocol) || one.startsWith("other")),
  );
  return networks.flatMap((network) =>
    transports.flatMap((protocol) =>
      ports.map((range) => ({
        direction: direction === "outbound" ? ("connect" as const) : ("listen" as const),
        protocol,
        ports: range,
        ...(network && { network }),
      })),
    ),
  );
}

/** Peers by address, and whatever the sockets of other families lead to. */
function networkOf({ network, otherFamilies }: LiftedProfile): (bdd: Bdd) => Root {
  const others = otherFamilies.map(
    (direction): Peers => ({ direction: direction === "outbound" ? "connect" : "listen" }),
  );
  return (bdd) =>
    [...network.flatMap(peersOf), ...others].reduce<Root>(
      (root, peers) => union(bdd, root, peersIn(bdd, peers)),
      never,
    );
}

/** Operations without a slice of their own; those that nothing in the profile decides are the model's limit. */
function servicesOf({ authorities, unsandboxed }: LiftedProfile): readonly string[] {
  const out = authorities.flatMap(({ operation, open, names, assumed }) => [
    ...(open && !assumed ? [operation] : []),
    ...(open ? [] : names.map((name) => `${operation} ${name}`)),
  ]);
  return unsandboxed.length > 0 ? ["run a program outside of the sandbox", ...out] : out;
}

const assumedOf = ({ authorities }: LiftedProfile): readonly string[] =>
  authorities.filter(({ open, assumed }) => open && assumed).map(({ operation }) => operation);

function variablesOf({ environment }: LiftedLauncher): Variables {
  return new Map(
    environment.map(({ name, value }) => {
      if (typeof value === "string") return [name, value];
      return [name, value.kind === "temporary" ? profileTemporary : undefined];
    }),
  );
}

function permitsFile(
  profile: string,
  parameters: ReadonlyMap<string, string>,
  witness: Witness,
): boolean | undefined {
  if (!("file" in witness) || witness.slice !== "files") return undefined;
  try {
    return confirms(profile, parameters, witness.file);
  } catch (error) {
    if (error instanceof SbEvaluationError) return undefined;
    throw error;
  }
}

/** Whether a machine permits an operation. */
function isPermitted({ start, step, rightsAt }: PathMachine, { path, right }: FileWitness): boolean {
  const names = path === "/" ? [] : path.split("/").slice(1);
  return (rightsAt(names.reduce((state, name) => step(state, name), start)) & rights[right]) !== 0;
}

/**
 * What a renamed directory holds has other names, which other rules decide. To execute what was moved is no more than to
 * execute a copy of it, which whoever may write at a place where files are executed can make.
 */
function filesOf(profile: LiftedProfile): PathMachine {
  const moved = profile.moved();
  const kept = rights.read | rights.write;
  return unionOf([profile.files, { ...moved, rightsAt: (state) => moved.rightsAt(state) & kept }]);
}

/** What the launcher holds; without one, nothing of it is. */
function launched(launcher: LiftedLauncher | undefined): Partial<Authority> {
  if (!launcher) return {};
  const { files, milliseconds } = launcher.limits;
  return {
    environment: variablesOf(launcher),
    identity: { user: { kind: "caller" }, capabilities: new Set(), noNewPrivileges: true },
    limits: {
      ...(files !== undefined && { files }),
      ...(milliseconds !== undefined && { time: milliseconds }),
      ...(!launcher.temporary && { tmp: 0 }),
    },
  };
}

function sbPart(name: string, profile: string, script: string | undefined): Part {
  const launcher = script === undefined ? undefined : liftLauncher(script);
  const parameters = launcher?.parameters ?? new Map<string, string>();
  const lifted = liftProfile(profile, parameters);
  const assumed = assumedOf(lifted);
  return {
    name,
    from: [name, ...(launcher ? ["run.sh"] : [])],
    authority: {
      files: filesOf(lifted),
      sockets: unionOf([lifted.sockets.connect, lifted.sockets.bind]),
      network: networkOf(lifted),
      processes: new Set(),
      services: servicesOf(lifted),
      isolation: "process",
      ...launched(launcher),
    },
    findings: [],
    assumptions: [
      "the model of the profile's language is Apple's rule compiler as it was published, with the operations of macOS 10.15",
      ...(assumed.length === 0
        ? []
        : [`what nothing in the profile decides is what the system makes of it: ${assumed.join(", ")}`]),
    ],
    permits: (witness) => {
      // A program outside of the sandbox may do what no rule of the profile says.
      if (lifted.unsandboxed.length > 0) return undefined;
      // What can only be done once something was moved is more than one question.
      if ("file" in witness && witness.slice === "files" && !isPermitted(lifted.files, witness.file))
        return undefined;
      return permitsFile(profile, parameters, witness);
    },
  };
}

function parts({ files }: Bundle): ReturnType<TargetReader["parts"]> {
  const script = files.get("run.sh");
  const profiles = [...files].filter(([path]) => path.endsWith(".sb"));
  if (script !== undefined && !files.has("profile.sb"))
    return [
      { ok: false, name: "run.sh", reason: "the profile that it starts, `profile.sb`, is missing beside it" },
    ];
  return profiles.flatMap(([path, text]) =>
    readParts(path, () => [sbPart(path, text, path === "profile.sb" ? script : undefined)], [
      LauncherError,
      SbError,
    ]),
  );
}

/** macOS has no filter of system calls that a profile could hold; everything else it does. */
export const sbReader: TargetReader = {
  scope: slices.filter((slice) => slice !== "syscalls"),
  floor: () => profileFloor,
  parts,
};
