/** What the sb target says, before it is text. */

/** A rule: operations, and filters of which one must match; each filter is a closed expression. */
export interface SandboxRule {
  readonly operations: readonly string[];
  readonly filters: readonly string[];
}

/** Rules under a comment. */
export interface SandboxSection {
  readonly title: string;
  readonly rules: readonly SandboxRule[];
}

/** A profile and how it is started. */
export interface SandboxModel {
  readonly server: string;
  readonly sections: readonly SandboxSection[];
  /** Parameters that carry paths into the profile: data, never text of the profile. */
  readonly parameters: readonly { readonly name: string; readonly path: string }[];
  /** Paths that must still be what they were when compiling. */
  readonly checked: readonly string[];
  /** argv; absent when the launcher is given it. */
  readonly command?: readonly string[];
  readonly workingDirectory: string;
  readonly environment: readonly {
    readonly name: string;
    readonly value?: string;
    /** Its value is the temporary directory that the launcher makes. */
    readonly temporary?: true;
  }[];
  readonly temporary: boolean;
  readonly limits: { readonly files?: number; readonly milliseconds?: number };
}
