import { afterAll, expect, test } from "vitest";
import { answerQuestion } from "../../src/cli/answer.ts";
import type { Host } from "../../src/host/host.ts";
import { memoryHost } from "../support/memory-host.ts";
import { workspace } from "../support/project.ts";

const root = "/srv/house";
const space = workspace();
afterAll(space.dispose);

/** A host on which some names lead elsewhere, with all that lies below them. */
function linkedHost(
  entries: Parameters<typeof memoryHost>[0],
  links: Readonly<Record<string, string>>,
): Host {
  const host = memoryHost(entries);
  const follow = (path: string): string => {
    const link = Object.keys(links).find((name) => path === name || path.startsWith(`${name}/`));
    return link === undefined ? path : `${links[link]}${path.slice(link.length)}`;
  };
  return { ...host, lookup: (path) => host.lookup(follow(path)) };
}

function ask(clauses: string, host: Host, question: string) {
  const text = `server s < ${clauses} >`;
  const project = space.project(text, {
    root,
    home: "/home/someone",
    host,
    main: { path: `${root}/policy.mcp`, source: { name: "policy.mcp", text } },
    location: `${root}/sandbox`,
  });
  const answer = answerQuestion(project, "s", question);
  if (!answer.ok) return expect.fail(answer.reason);
  return answer.decision;
}

test("what a grant names by a link is granted by that name as well, and what it leads to", () => {
  const host = linkedHost({ "/usr/bin/dash": "file" }, { "/bin/sh": "/usr/bin/dash" });
  for (const path of ["/bin/sh", "/usr/bin/dash"])
    expect(ask("exec /bin/sh;", host, `exec ${path}`)).toMatchObject({ allowed: true });
  expect(ask("exec /bin/sh;", host, "write /bin/sh")).toMatchObject({ allowed: false });
  expect(ask("exec /bin/sh;", host, "exec /bin/dash")).toMatchObject({ allowed: false });
});

test("what is denied is denied by each of its names", () => {
  const host = linkedHost(
    { "/data/all/secret/key": "file", "/data/all/notes": "file" },
    { [`${root}/link`]: "/data/all" },
  );
  const denied = ["deny ./link/secret;", "deny /data/all/secret;", "deny **/key;", "deny ./link/*/key;"];
  for (const deny of denied) {
    const policy = `read ./link; ${deny}`;
    for (const path of ["./link/secret/key", "/data/all/secret/key"])
      expect(ask(policy, host, `read ${path}`), `${deny} ${path}`).toMatchObject({ allowed: false });
    expect(ask(policy, host, "read ./link/notes"), deny).toMatchObject({ allowed: true });
  }
});

test("what other programs obey is allowed, and denied softly, inside of a writable grant and not where it is granted itself", () => {
  const host = memoryHost({ [`${root}/repository/.git/hooks/pre-commit`]: "file" });
  const softly = (clauses: string, question: string): unknown => {
    const decision = ask(clauses, host, question);
    return [decision.allowed, decision.softly?.source.name];
  };
  const hook = "./repository/.git/hooks/pre-commit";
  expect(softly("write ./repository;", `write ${hook}`)).toEqual([true, "std:protected.mcp"]);
  expect(softly("write ./repository;", "write ./repository/.git/HEAD")).toEqual([true, undefined]);
  expect(softly("write ./repository;", `read ${hook}`)).toEqual([true, undefined]);
  expect(softly("write ./repository/.git/hooks;", `write ${hook}`)).toEqual([true, undefined]);
  expect(softly("read ./repository;", `write ${hook}`)).toEqual([false, undefined]);
});
