/** Evaluators on texts that their formats refuse: they have an answer, and it holds back nothing that is not known to be. */
import { expect, test } from "vitest";
import { isCopied, volumesIn } from "../../src/evaluate/container/copies.ts";
import { containerPermitsCall } from "../../src/evaluate/container.ts";
import { podPermitsCall } from "../../src/evaluate/pod.ts";
import { permitsCall } from "../../src/evaluate/seccomp.ts";

const call = { name: "mount", words: [] };
const closed = '{"defaultAction":"SCMP_ACT_ERRNO"}';

test.each([
  [closed, false],
  [closed.slice(0, -1), true],
  ["", true],
  ["null", true],
])("a container under the profile %s may mount: %s", (profile, expected) => {
  const manifest = `apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: a, image: a, securityContext: {seccompProfile: {type: Localhost, localhostProfile: p}}}]}
`;
  const pod = [{ path: "pod.yaml", text: manifest }];
  const world = { profile: () => profile } as unknown as Parameters<typeof podPermitsCall>[1];
  expect(podPermitsCall(pod, world, "a/a", call)).toBe(expected);
  const argv = ["docker", "run", "--security-opt", "seccomp=/p.json", "a"];
  const read = (path: string) => (path === "/p.json" ? profile : undefined);
  expect(containerPermitsCall({ kind: "run", argv }, { directory: "/", read }, call)).toBe(expected);
});

test("a profile alone that can't be read is no answer at all", () => {
  expect(() => permitsCall(closed.slice(0, -1), call)).toThrow(SyntaxError);
});

test("a list of a Dockerfile that is no JSON is words, as docker takes it", () => {
  expect(volumesIn('VOLUME ["/a", "/b"]\n')).toEqual(["/a", "/b"]);
  expect(volumesIn('VOLUME ["/a", /b]\n')).toEqual(['["/a",', "/b]"]);
  expect(volumesIn("VOLUME [1]\nVOLUME /c /d\n")).toEqual(["[1]", "/c", "/d"]);
});

test("a pattern that docker refuses may copy anything, and keeps nothing out", () => {
  const copied = (dockerfile: string, ignore = "") => isCopied("/context/a", "/context", dockerfile, ignore);
  expect(copied("COPY b /x\n")).toBe(false);
  expect(copied("COPY [b /x\n")).toBe(true);
  expect(copied('COPY ["a", "/x"]\n')).toBe(true);
  expect(copied("COPY a /x\n", "a\n")).toBe(false);
  expect(copied("COPY a /x\n", "[a\n")).toBe(true);
});
