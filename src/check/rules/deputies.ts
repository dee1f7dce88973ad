import { meaningErrors as e } from "../../diagnostics/catalogue/meaning.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { isWithin, matchesPattern } from "../../host/patterns.ts";
import type { ServerIr } from "../../policy/ir.ts";
import { type CheckInput, spanOf } from "../rule.ts";

/** A socket or device that acts for whoever reaches it, with rights of its own. */
interface Deputy {
  readonly name: string;
  readonly patterns: readonly string[];
  readonly authority: string;
}

/** Known deputies; each row's authority follows from the daemon's own documentation. */
const deputies: readonly Deputy[] = [
  {
    name: "docker",
    patterns: [
      "/var/run/docker.sock",
      "/run/docker.sock",
      "/run/user/*/docker.sock",
      "/**/.docker/run/docker.sock",
    ],
    authority: "the docker engine's: root on the host",
  },
  {
    name: "containerd",
    patterns: ["/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock"],
    authority: "containerd's: root on the host",
  },
  {
    name: "podman",
    patterns: ["/run/podman/podman.sock", "/run/user/*/podman/podman.sock"],
    authority: "podman's: any container with any mount of its user",
  },
  { name: "crio", patterns: ["/run/crio/crio.sock"], authority: "CRI-O's: root on the host" },
  {
    name: "dbus-system",
    patterns: ["/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket"],
    authority: "that of every service on the system bus",
  },
  {
    name: "dbus-session",
    patterns: ["/run/user/*/bus"],
    authority: "the session's: starting any program of the user through its services",
  },
  {
    name: "systemd",
    patterns: ["/run/systemd/private", "/run/systemd/journal/*", "/run/user/*/systemd/private"],
    authority: "systemd's: starting any unit",
  },
  {
    name: "ssh-agent",
    patterns: ["/tmp/ssh-*/agent.*", "/run/user/*/keyring/ssh", "/run/user/*/ssh-agent*"],
    authority: "the keys of the user's ssh agent",
  },
  {
    name: "gpg-agent",
    patterns: ["/run/user/*/gnupg/S.gpg-agent*"],
    authority: "the user's private GnuPG keys",
  },
  {
    name: "x11",
    patterns: ["/tmp/.X11-unix", "/tmp/.X11-unix/*"],
    authority: "the display's: every key typed and window shown",
  },
  { name: "wayland", patterns: ["/run/user/*/wayland-*"], authority: "the compositor's" },
  { name: "libvirt", patterns: ["/run/libvirt/libvirt-sock"], authority: "libvirt's: root on the host" },
  {
    name: "lxd",
    patterns: ["/var/snap/lxd/common/lxd/unix.socket", "/var/lib/lxd/unix.socket"],
    authority: "LXD's: root on the host",
  },
];

/** Grants of sockets that hand over the authority of what listens there. */
export function deputyGrants(server: ServerIr, input: CheckInput): readonly Diagnostic[] {
  const accepted = new Set(server.accepts.map((a) => a.item));
  return server.unix.flatMap((socket) =>
    deputies
      .filter((deputy) => !accepted.has(`deputy.${deputy.name}`))
      .filter(({ patterns }) =>
        patterns.some(
          (p) => matchesPattern(p, socket.path) || (!p.includes("*") && isWithin(p, socket.path)),
        ),
      )
      .map(({ name, authority }) =>
        e.deputy.report(
          { path: socket.path, name, authority },
          { at: spanOf(input, socket.origin), server: server.name },
        ),
      ),
  );
}
