/**
 * The names that `accept` and `--target` know. Here, and not with the targets, because a policy is read before any
 * back-end is; a test holds the list against the registry.
 */
export const targetNames: readonly string[] = ["docker", "kubernetes", "sb", "seccomp", "systemd"];
