/** The documents of an output of the target kubernetes, in the shape that checks read. */
import { parse as parseYaml } from "yaml";
import { withoutDirectives } from "./kubernetes-schema.ts";
import type { Output } from "./outputs.ts";

/** A security context, of a pod or of a container. */
export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups?: readonly number[];
  readonly supplementalGroupsPolicy?: string;
  readonly fsGroup?: number;
  readonly allowPrivilegeEscalation?: boolean;
  readonly privileged?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly procMount?: string;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string; readonly localhostProfile?: string };
  readonly appArmorProfile?: { readonly type?: string };
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string };
  readonly windowsOptions?: { readonly hostProcess?: boolean };
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
}

interface Handler {
  readonly httpGet?: { readonly host?: string };
  readonly tcpSocket?: { readonly host?: string };
}

/** A container. */
export interface PodContainer {
  readonly name: string;
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly ports?: readonly { readonly containerPort: number; readonly hostPort?: number }[];
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string>>;
    readonly requests?: Readonly<Record<string, string>>;
  };
  readonly securityContext?: SecurityContext;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
    readonly recursiveReadOnly?: string;
    readonly subPath?: string;
  }[];
  readonly livenessProbe?: Handler;
  readonly readinessProbe?: Handler;
  readonly startupProbe?: Handler;
  readonly lifecycle?: { readonly postStart?: Handler; readonly preStop?: Handler };
}

/** A pod's specification. */
export interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostUsers?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly activeDeadlineSeconds?: number;
  readonly runtimeClassName?: string;
  readonly securityContext?: SecurityContext;
  readonly containers: readonly PodContainer[];
  readonly initContainers?: readonly PodContainer[];
  readonly ephemeralContainers?: readonly PodContainer[];
  readonly volumes?: readonly (Readonly<Record<string, unknown>> & { readonly name: string })[];
}

/** Metadata. */
export interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A pod, or the template of one. */
export interface PodDocument {
  readonly kind: "Pod" | "Deployment";
  readonly metadata: Metadata;
  readonly spec: PodSpec;
}

/** A network policy's peer and port. */
export interface PolicyRule {
  readonly to?: readonly {
    readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  }[];
  readonly from?: readonly unknown[];
  readonly ports?: readonly {
    readonly protocol?: string;
    readonly port?: number;
    readonly endPort?: number;
  }[];
}

/** A network policy. */
export interface NetworkPolicy {
  readonly metadata: Metadata;
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly PolicyRule[];
    readonly egress?: readonly PolicyRule[];
  };
}

/** The file that holds the pod. */
export function podFile(output: Output): string {
  return [...output.files.keys()].find((path) => /^(?:pod|deployment|patch)\.yaml$/.test(path)) ?? "";
}

/** The pod of an output, however it is wrapped. */
export function podOf(output: Output): PodDocument {
  const document = withoutDirectives(parseYaml(output.files.get(podFile(output)) ?? "")) as
    | { readonly kind: "Pod"; readonly metadata: Metadata; readonly spec: PodSpec }
    | {
        readonly kind: "Deployment";
        readonly metadata: Metadata;
        readonly spec: { readonly template: { readonly metadata: Metadata; readonly spec: PodSpec } };
      };
  if (document.kind === "Pod") return document;
  const { template } = document.spec;
  const metadata = {
    ...template.metadata,
    ...(document.metadata.namespace && { namespace: document.metadata.namespace }),
  };
  return { kind: "Deployment", metadata, spec: template.spec };
}

/** The network policy of an output. */
export function networkPolicyOf(output: Output): NetworkPolicy {
  return parseYaml(output.files.get("networkpolicy.yaml") ?? "") as NetworkPolicy;
}

/** Every YAML document of an output, by its path. */
export function manifestsOf(output: Output): ReadonlyMap<string, unknown> {
  const yaml = [...output.files].filter(([path]) => path.endsWith(".yaml"));
  return new Map(yaml.map(([path, text]) => [path, withoutDirectives(parseYaml(text))]));
}
