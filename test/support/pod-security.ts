/**
 * The Pod Security Standard *restricted*: every control of *baseline* and of *restricted*, by the name that the standard
 * gives it (Kubernetes documentation, "Pod Security Standards"). Each says what is wrong with a pod, or nothing.
 */
import type { PodContainer, PodDocument, PodSpec, SecurityContext } from "./manifests.ts";

/** A control: what is wrong with a pod; undefined when nothing is. */
export type Control = (pod: PodDocument) => string | undefined;

const containersOf = (spec: PodSpec): readonly PodContainer[] => [
  ...spec.containers,
  ...(spec.initContainers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

/** A control of each container, with the pod's own context beside it. */
function eachContainer(
  problem: (
    context: SecurityContext,
    pod: SecurityContext,
    container: PodContainer,
  ) => string | false | undefined,
): Control {
  return ({ spec }) => {
    for (const container of containersOf(spec)) {
      const found = problem(container.securityContext ?? {}, spec.securityContext ?? {}, container);
      if (found) return `${container.name}: ${found}`;
    }
    return undefined;
  };
}

/** A control of the pod's context and of each container's. */
function eachContext(problem: (context: SecurityContext) => string | false | undefined): Control {
  return (pod) => {
    const own = problem(pod.spec.securityContext ?? {});
    return own ? `pod: ${own}` : eachContainer((context) => problem(context))(pod);
  };
}

const baselineCapabilities: ReadonlySet<string> = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

const safeSysctls: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

const seLinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

const volumeTypes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/** The controls of *baseline*. */
export const baselineControls: Readonly<Record<string, Control>> = {
  HostProcess: eachContext((c) => c.windowsOptions?.hostProcess === true && "a Windows host process"),
  "Host Namespaces": ({ spec }) =>
    (["hostNetwork", "hostPID", "hostIPC"] as const).find((field) => spec[field] === true),
  "Privileged Containers": eachContainer((c) => c.privileged === true && "privileged"),
  Capabilities: eachContainer((c) => c.capabilities?.add?.find((name) => !baselineCapabilities.has(name))),
  "HostPath Volumes": ({ spec }) => spec.volumes?.find((v) => "hostPath" in v)?.name,
  "Host Ports": eachContainer((_, __, { ports = [] }) =>
    ports.some((port) => port.hostPort !== undefined && port.hostPort !== 0)
      ? "a port of the host"
      : undefined,
  ),
  "Host Probes / Lifecycle Hooks": eachContainer((_, __, c) => {
    const handlers = [
      c.livenessProbe,
      c.readinessProbe,
      c.startupProbe,
      c.lifecycle?.postStart,
      c.lifecycle?.preStop,
    ];
    return handlers.map((h) => h?.httpGet?.host ?? h?.tcpSocket?.host).find((host) => host);
  }),
  AppArmor: (pod) => {
    const annotations = Object.entries(pod.metadata.annotations ?? {});
    const old = annotations.find(
      ([key, value]) =>
        key.startsWith("container.apparmor.security.beta.kubernetes.io/") &&
        value !== "runtime/default" &&
        !value.startsWith("localhost/"),
    );
    const unconfined = eachContext((c) => {
      const type = c.appArmorProfile?.type;
      return type !== undefined && type !== "RuntimeDefault" && type !== "Localhost" ? type : undefined;
    });
    return old?.[1] ?? unconfined(pod);
  },
  SELinux: eachContext((c) => {
    const { type = "", user, role } = c.seLinuxOptions ?? {};
    if (!seLinuxTypes.includes(type)) return `the type ${type}`;
    return user || role ? "a user or role of its own" : undefined;
  }),
  "/proc Mount Type": eachContainer((c) => (c.procMount ?? "Default") !== "Default" && c.procMount),
  Seccomp: eachContext((c) => c.seccompProfile?.type === "Unconfined" && "unconfined"),
  Sysctls: ({ spec }) => spec.securityContext?.sysctls?.find(({ name }) => !safeSysctls.has(name))?.name,
};

/** The controls that *restricted* adds. */
export const restrictedControls: Readonly<Record<string, Control>> = {
  "Volume Types": ({ spec }) =>
    spec.volumes?.find((v) => !Object.keys(v).some((key) => volumeTypes.includes(key)))?.name,
  "Privilege Escalation": eachContainer(
    (c) => c.allowPrivilegeEscalation !== false && "privileges can be gained",
  ),
  "Running as Non-root": eachContainer(
    (c, pod) => (c.runAsNonRoot ?? pod.runAsNonRoot) !== true && "may be root",
  ),
  "Running as Non-root user": eachContext((c) => c.runAsUser === 0 && "root"),
  "Seccomp (restricted)": eachContainer((c, pod) => {
    const type = (c.seccompProfile ?? pod.seccompProfile)?.type;
    return type === "RuntimeDefault" || type === "Localhost" ? undefined : `seccomp ${type}`;
  }),
  "Capabilities (restricted)": eachContainer((c) => {
    if (!c.capabilities?.drop?.includes("ALL")) return "capabilities are kept";
    return c.capabilities.add?.find((name) => name !== "NET_BIND_SERVICE");
  }),
};

/** All controls that a pod under *restricted* satisfies. */
export const allControls: Readonly<Record<string, Control>> = { ...baselineControls, ...restrictedControls };
