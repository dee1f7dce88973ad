/** Confirms by the concrete evaluator that a profile permits an operation under some reading of what is not known. */
import { type SbQuestion, sbPermits } from "./sb.ts";

const operations = {
  read: ["file-read-data", "file-read-xattr"],
  write: [
    "file-write-data",
    "file-write-create",
    "file-write-unlink",
    "file-write-acl",
    "file-write-finderinfo",
    "file-write-flags",
    "file-write-mode",
    "file-write-owner",
    "file-write-setugid",
    "file-write-times",
    "file-write-xattr",
  ],
  exec: ["process-exec*", "process-exec-interpreter", "file-map-executable"],
} as const;
const vnodeTypes = [
  "REGULAR-FILE",
  "DIRECTORY",
  "CHARACTER-DEVICE",
  "BLOCK-DEVICE",
  "SYMLINK",
  "SOCKET",
  "FIFO",
  "TTY",
];

/** What may hold of a thing: nothing that filters ask for, one type of file, or all of it. */
const holdings: readonly NonNullable<SbQuestion["holds"]>[] = [
  new Set(),
  ...vnodeTypes.map((type) => new Set([`(vnode-type ${type})`])),
  "all",
];

/** Whether an operation on a path is permitted under some reading. */
export function mayOn(
  profile: string,
  parameters: ReadonlyMap<string, string>,
  operation: string,
  path: string,
): boolean {
  return holdings.some((holds) =>
    [false, true].some((bytes) => sbPermits(profile, parameters, { operation, path, holds, bytes })),
  );
}

/** Whether a right on a path is permitted under some reading, by its own name or by a link or a clone. */
export function confirms(
  profile: string,
  parameters: ReadonlyMap<string, string>,
  { path, right }: { readonly path: string; readonly right: keyof typeof operations },
): boolean {
  const also = right === "exec" ? [] : right === "read" ? ["file-link", "file-clone"] : ["file-link"];
  return [...operations[right], ...also].some((operation) => mayOn(profile, parameters, operation, path));
}
