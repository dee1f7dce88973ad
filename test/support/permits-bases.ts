/** The artifacts that tables of `fixtures/permits/` change: of each format an open one, and a closed one. */
import type { Environment } from "../../src/policy/environment.ts";

/** A bundle with one thing changed. */
export interface Changed {
  readonly target: string;
  readonly files: Readonly<Record<string, string>>;
  readonly environment?: Partial<Environment>;
}

/** A unit that confines everything it can. */
const closedUnit = `[Service]
ExecStart=/bin/true
Type=exec
DynamicUser=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RootDirectory=/run/mcpc/s
MountAPIVFS=yes
PrivateDevices=yes
PrivateIPC=yes
PrivateNetwork=yes
ProtectProc=invisible
RestrictAddressFamilies=none
SystemCallArchitectures=native
InaccessiblePaths=-+/dev/shm -+/dev/mqueue -+/dev/hugepages
NoExecPaths=+/
`;

function unit(head: string, lines: readonly string[]): Changed {
  const [kind = "", release] = head.split(" ");
  const environment = release === undefined ? {} : { systemd: { major: Number(release), minor: 0 } };
  const text = lines.join("\n");
  if (kind === "drop-in")
    return { target: "systemd", files: { "s.service.d/50.conf": `[Service]\n${text}\n` }, environment };
  const base = kind === "closed" ? closedUnit : "[Service]\nExecStart=/bin/true\n";
  return { target: "systemd", files: { "s.service": `${base}${text}\n` }, environment };
}

/** The bases by format: what a row names, and its lines. */
export const bases: Readonly<Record<string, (head: string, lines: readonly string[]) => Changed>> = { unit };
