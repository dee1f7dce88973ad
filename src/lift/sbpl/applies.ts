/** Which filters an operation takes; Apple's compiler refuses the others. */
import type { Leaf } from "./filters.ts";

const ofPaths =
  /^(?:file|fs-|process-exec|process\*|network|system-fsctl|system-package-check|lsopen|device)/;
const ofSpaces: Readonly<Record<string, RegExp>> = {
  "global-name": /^mach/,
  "local-name": /^mach/,
  "xpc-service-name": /^mach/,
  "sysctl-name": /^sysctl/,
  "ipc-posix-name": /^ipc/,
  "preference-domain": /^(?:user|managed)-preference/,
  target: /^(?:signal|process|mach)/,
};

/** Whether an operation can be filtered by a test. */
export function applies(leaf: Leaf, operation: string): boolean {
  if (operation === "default") return false;
  if (leaf.kind === "path") return (leaf.side === undefined ? ofPaths : /^network/).test(operation);
  if (leaf.kind === "unix" || leaf.kind === "address") return operation.startsWith("network");
  if (leaf.kind === "name") return (ofSpaces[leaf.test.space] ?? /^/).test(operation);
  return true;
}
