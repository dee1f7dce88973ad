/** Questions about the files of a policy that several targets ask. */
import { coversPath, isPlain, reachesInto } from "../../host/patterns.ts";
import type { FileDeny, FileGrant, ServerIr } from "../../policy/ir.ts";
import type { Gap } from "../target.ts";

/** Whether the policy says something of exec, so that what it does not grant is denied firmly. */
export function namesExec(server: ServerIr): boolean {
  return (
    server.files.grants.some((grant) => grant.by === "clause" && grant.access.includes("exec")) ||
    server.files.denies.some((deny) => deny.access === "exec")
  );
}

/**
 * What every runtime with a view of its own mounts there itself. The host's would show processes outside: `/proc` of the
 * host, bound over the sandbox's, holds their environments.
 */
export const isApi = (path: string): boolean => /^\/(?:proc|sys|dev)(?:\/|$)/.test(path);

/** Grants of the policy's own clauses: live data of the host. */
export function dataGrants(server: ServerIr): readonly FileGrant[] {
  return server.files.grants.filter((grant) => grant.by === "clause" && !isApi(grant.path));
}

/** Whether sockets may lie in what is granted: what is absent may be a directory, or a socket, by the time that it is mounted. */
export function mayHoldSockets({ type }: FileGrant): boolean {
  return type !== "file" && type !== "device";
}

/** What the policy says of `/proc`, `/sys` and `/dev`, which hold what the runtime puts there. */
export function apiGaps(server: ServerIr): readonly Gap[] {
  const granted = server.files.grants
    .filter((grant) => grant.by === "clause" && isApi(grant.path))
    .map(
      ({ path, origin }): Gap => ({
        kind: "slack",
        message: `\`${path}\` is the sandbox's own there, not the host's`,
        origin,
      }),
    );
  const denied = server.files.denies
    .filter(({ reason, pattern }) => reason === "clause" && isApi(pattern))
    .map(({ pattern, origin }): Gap => {
      const message = `\`${pattern}\` can't be taken out of what the runtime itself mounts`;
      return { kind: "residual", item: "files.deny", message, origin };
    });
  return [...granted, ...denied];
}

/**
 * Grants of programs that an image must bring itself: what is linked with a host's libraries starts only beside those. A
 * directory of scripts or of static programs can be mounted.
 */
export function imagePrograms(server: ServerIr): readonly FileGrant[] {
  return dataGrants(server).filter(
    (grant) =>
      grant.access.includes("exec") &&
      !grant.access.includes("write") &&
      (grant.type === "file" || grant.linked) &&
      grant.path !== server.program?.executable,
  );
}

/** The policy's own programs that a container has only if its image brings them. */
export function imageProgramGaps(server: ServerIr): readonly Gap[] {
  if (server.image) return [];
  return imagePrograms(server).map(({ path, type, origin }) => ({
    kind: "slack",
    message: `\`${path}\` means the image's own ${type}, which must bring it`,
    origin,
  }));
}

/** Live directories that a deny's pattern reaches into with the access that it takes away. */
function liveBelow(deny: FileDeny, grants: readonly FileGrant[]): readonly FileGrant[] {
  return grants.filter(
    (grant) =>
      // What is absent may be a directory by the time that it is mounted.
      (grant.type === "directory" || grant.type === "absent") &&
      (deny.access === "all" || grant.access.includes(deny.access)) &&
      !coversPath(deny.pattern, grant.path) &&
      reachesInto(deny.pattern, grant.path),
  );
}

/**
 * Denies inside live directories: a mask holds what exists at start, and only while nothing outside replaces it, and
 * what appears later is not masked. Protected paths are soft; credential paths are denies like any other.
 */
export function futureDenies(server: ServerIr, live: readonly FileGrant[]): readonly Gap[] {
  const gaps: Gap[] = [];
  for (const deny of server.files.denies) {
    const [first] = liveBelow(deny, live);
    if (!first || deny.reason === "protected") continue;
    const message = isPlain(deny.pattern)
      ? `\`${deny.pattern}\` is masked inside the live directory \`${first.path}\`: the mask ends when something outside replaces it`
      : `what appears later in \`${first.path}\` and matches \`${deny.pattern}\` is not masked`;
    gaps.push({ kind: "residual", item: "deny.future", message, origin: deny.origin });
  }
  for (const grant of live) {
    const places = server.files.credentials.filter((credential) =>
      reachesInto(credential.pattern, grant.path),
    );
    const [first] = places;
    if (!first) continue;
    const others = places.length === 1 ? "" : ` or ${places.length - 1} more places`;
    const message = `credentials that appear later at \`${first.pattern}\`${others} in the live directory \`${grant.path}\` are not masked`;
    gaps.push({ kind: "residual", item: "deny.future", message, origin: grant.origin });
  }
  return [
    ...gaps,
    ...protectedGaps(
      server,
      live,
      (path) =>
        `what other programs obey in \`${path}\` (\`.git/hooks\`, \`.vscode\` and the like) is read-only only as far as it exists at start`,
    ),
  ];
}

/** One soft gap for each writable directory in which protected paths can't be held: the list is long, and always the same. */
export function protectedGaps(
  server: ServerIr,
  live: readonly FileGrant[],
  message: (path: string) => string,
): readonly Gap[] {
  const denies = server.files.denies.filter((deny) => deny.reason === "protected");
  return live.flatMap((grant): readonly Gap[] =>
    denies.some((deny) => liveBelow(deny, [grant]).length > 0)
      ? [{ kind: "soft", message: message(grant.path), origin: grant.origin }]
      : [],
  );
}
