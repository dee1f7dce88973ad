import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { type PodDocument, type PodSpec, podOf, type SecurityContext } from "../support/manifests.ts";
import { fileOf, type Output, outputOf } from "../support/outputs.ts";
import { allControls } from "../support/pod-security.ts";
import { policyBodies, policyText, policyWorkspace } from "../support/policies.ts";
import type { Workspace } from "../support/project.ts";

let space: Workspace;
let outputs: readonly Output[];
beforeAll(async () => {
  space = await policyWorkspace();
  outputs = Object.entries(policyBodies)
    .flatMap(([name, body]) =>
      ["", "kubernetes=1.25", "kubernetes=1.34"].map((environment) =>
        outputOf(space, name, policyText(body), "kubernetes", environment),
      ),
    )
    .filter((output) => output.files.size > 0);
});
afterAll(() => space?.dispose());

type Spoil = (pod: PodDocument) => PodDocument;
const inSpec =
  (change: (spec: PodSpec) => Partial<PodSpec>): Spoil =>
  (pod) => ({ ...pod, spec: { ...pod.spec, ...change(pod.spec) } });
const inPod = (change: Partial<SecurityContext>): Spoil =>
  inSpec((spec) => ({ securityContext: { ...spec.securityContext, ...change } }));
const inContainer = (change: Partial<SecurityContext>): Spoil =>
  inSpec((spec) => ({
    containers: spec.containers.map((c) => ({ ...c, securityContext: { ...c.securityContext, ...change } })),
  }));
const without =
  (...fields: readonly (keyof SecurityContext)[]): Spoil =>
  (pod) => {
    const strip = (context: SecurityContext = {}): SecurityContext =>
      Object.fromEntries(Object.entries(context).filter(([key]) => !fields.some((field) => field === key)));
    return inSpec((spec) => ({
      securityContext: strip(spec.securityContext),
      containers: spec.containers.map((c) => ({ ...c, securityContext: strip(c.securityContext) })),
    }))(pod);
  };
const beside = (field: "initContainers" | "ephemeralContainers"): Spoil =>
  inSpec(() => ({ [field]: [{ name: "beside" }] }));

/** Bad pods for each control: it must report every one of them. */
const bad: Readonly<Record<string, readonly [Spoil, ...Spoil[]]>> = {
  HostProcess: [
    inPod({ windowsOptions: { hostProcess: true } }),
    inContainer({ windowsOptions: { hostProcess: true } }),
  ],
  "Host Namespaces": [
    inSpec(() => ({ hostNetwork: true })),
    inSpec(() => ({ hostPID: true })),
    inSpec(() => ({ hostIPC: true })),
  ],
  "Privileged Containers": [inContainer({ privileged: true })],
  Capabilities: [inContainer({ capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } })],
  "HostPath Volumes": [inSpec(() => ({ volumes: [{ name: "host", hostPath: { path: "/" } }] }))],
  "Host Ports": [
    inSpec((spec) => ({
      containers: spec.containers.map((c) => ({ ...c, ports: [{ containerPort: 1, hostPort: 1 }] })),
    })),
  ],
  "Host Probes / Lifecycle Hooks": [
    inSpec((spec) => ({
      containers: spec.containers.map((c) => ({ ...c, livenessProbe: { httpGet: { host: "10.0.0.1" } } })),
    })),
    inSpec((spec) => ({
      containers: spec.containers.map((c) => ({
        ...c,
        lifecycle: { preStop: { tcpSocket: { host: "x" } } },
      })),
    })),
  ],
  AppArmor: [
    inPod({ appArmorProfile: { type: "Unconfined" } }),
    inContainer({ appArmorProfile: { type: "Unconfined" } }),
    (pod) => ({
      ...pod,
      metadata: { annotations: { "container.apparmor.security.beta.kubernetes.io/fs": "unconfined" } },
    }),
  ],
  SELinux: [inPod({ seLinuxOptions: { type: "spc_t" } }), inContainer({ seLinuxOptions: { user: "u" } })],
  "/proc Mount Type": [inContainer({ procMount: "Unmasked" })],
  Seccomp: [
    inPod({ seccompProfile: { type: "Unconfined" } }),
    inContainer({ seccompProfile: { type: "Unconfined" } }),
  ],
  Sysctls: [inPod({ sysctls: [{ name: "kernel.msgmax", value: "1" }] })],
  "Volume Types": [inSpec(() => ({ volumes: [{ name: "nfs", nfs: {} }] }))],
  "Privilege Escalation": [
    inContainer({ allowPrivilegeEscalation: true }),
    without("allowPrivilegeEscalation"),
    beside("initContainers"),
  ],
  "Running as Non-root": [inContainer({ runAsNonRoot: false }), without("runAsNonRoot")],
  "Running as Non-root user": [inPod({ runAsUser: 0 }), inContainer({ runAsUser: 0 })],
  "Seccomp (restricted)": [without("seccompProfile")],
  "Capabilities (restricted)": [
    without("capabilities"),
    inContainer({ capabilities: { drop: ["ALL"], add: ["CHOWN"] } }),
    beside("ephemeralContainers"),
  ],
};

describe("the Pod Security Standard restricted", () => {
  test("both shapes and the patch are tested", () => {
    const shapes = new Set(outputs.flatMap((o) => [...o.files.keys()]));
    for (const shape of ["pod.yaml", "deployment.yaml", "patch.yaml"]) expect(shapes).toContain(shape);
    expect(Object.keys(bad)).toEqual(Object.keys(allControls));
  });

  for (const [name, control] of Object.entries(allControls)) {
    test(`${name}: every pod satisfies it, and a bad one is seen`, () => {
      for (const output of outputs) {
        const pod = podOf(output);
        expect(control(pod), output.title).toBeUndefined();
        for (const spoil of bad[name] ?? []) expect(control(spoil(pod)), output.title).toBeDefined();
      }
    });
  }

  test("is enforced, audited and warned about by the namespace that comes with a pod", () => {
    const own = outputs.filter((output) => output.files.has("namespace.yaml"));
    expect(own.length).toBeGreaterThan(0);
    for (const output of own) {
      const { metadata } = parseYaml(fileOf(output, "namespace.yaml")) as {
        metadata: { name: string; labels: Record<string, string> };
      };
      expect(metadata.name).toBe(podOf(output).metadata.namespace);
      for (const mode of ["enforce", "audit", "warn"])
        expect(metadata.labels[`pod-security.kubernetes.io/${mode}`]).toBe("restricted");
    }
  });
});
