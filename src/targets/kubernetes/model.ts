/** What the kubernetes target says, before it is text. */
import type { Endpoint, ListenEndpoint } from "../../policy/ir.ts";
import type { SeccompProfile } from "../seccomp/profile.ts";

/** A volume claim and where it is seen. */
export interface ClaimMount {
  readonly claim: string;
  readonly path: string;
  /** Inside the claim, where the claim holds a directory above. */
  readonly subPath?: string;
  readonly readOnly: boolean;
}

/** The pod of one server, and its network policy. */
export interface KubernetesModel {
  readonly server: string;
  readonly kind: "Pod" | "Deployment" | "Patch";
  readonly image?: string;
  readonly command?: readonly string[];
  readonly workingDirectory?: string;
  readonly uid: number;
  readonly gid: number;
  readonly claims: readonly ClaimMount[];
  readonly tmpBytes?: number;
  readonly environment: readonly { readonly name: string; readonly value?: string }[];
  readonly limits: { readonly memory?: number; readonly cpu?: number; readonly seconds?: number };
  /** Peers that may be connected to; names can't be said. */
  readonly egress: "any" | readonly Endpoint[];
  readonly ingress: readonly ListenEndpoint[];
  readonly runtimeClass?: string;
  readonly seccomp: SeccompProfile;
  /** Below the kubelet's seccomp directory. */
  readonly profilePath: string;
}
