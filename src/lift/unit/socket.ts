/**
 * Socket units: who may connect to what is started by them.
 *
 * Source: systemd.socket(5).
 */
import { flag, type Settings } from "./settings.ts";

/** A place that a unit listens on: a path of the file system, an abstract name, or an address of the network. */
export interface Listening {
  readonly kind: "path" | "abstract" | "port" | "other";
  readonly address: string;
}

/** A socket unit. */
export interface SocketUnit {
  readonly listens: readonly Listening[];
  /** Permissions of a socket of the file system: everyone's unless SocketMode= says otherwise. */
  readonly mode: number;
  readonly user?: string;
  readonly group?: string;
  /** Whether each connection starts a program of its own. */
  readonly accepts: boolean;
}

const kinds = ["ListenStream", "ListenDatagram", "ListenSequentialPacket"];
const others = ["ListenFIFO", "ListenNetlink", "ListenSpecial", "ListenMessageQueue", "ListenUSBFunction"];

function listening(address: string): Listening {
  if (address.startsWith("/")) return { kind: "path", address };
  if (address.startsWith("@")) return { kind: "abstract", address };
  return { kind: /^vsock:/.test(address) ? "other" : "port", address };
}

/** Reads the section; undefined when there is none. */
export function socketOf(settings: Settings): SocketUnit | undefined {
  if (!settings.sections.has("Socket")) return undefined;
  const mode = settings.last("SocketMode", "Socket");
  if (mode && !/^0?[0-7]{3,4}$/.test(mode.value))
    settings.find(mode, `systemd ignores the mode \`${mode.value}\``);
  const user = settings.last("SocketUser", "Socket")?.value;
  const group = settings.last("SocketGroup", "Socket")?.value;
  return {
    listens: [
      ...kinds.flatMap((key) => settings.list(key, "Socket").map(({ value }) => listening(value))),
      ...others.flatMap((key) =>
        settings.list(key, "Socket").map(({ value }) => ({ kind: "other" as const, address: value })),
      ),
    ],
    mode: mode && /^0?[0-7]{3,4}$/.test(mode.value) ? Number.parseInt(mode.value, 8) : 0o666,
    accepts: flag(settings, "Accept", "Socket") === true,
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
  };
}
