/** Dockerfiles: what is known of their image, and what is not what it looks like. */
import { describe, expect, test } from "vitest";
import { type PathRule, ruleMachine } from "../../src/authority/path-rules.ts";
import { fileOutside, rights } from "../../src/authority/paths.ts";
import { ContainerError } from "../../src/lift/container.ts";
import { type LiftedDockerfile, liftDockerfile } from "../../src/lift/dockerfile.ts";
import { dockerfileJson } from "../../src/targets/escape/text.ts";

const lift = (text: string, ignore?: string, target?: string): LiftedDockerfile =>
  liftDockerfile(text, ignore, { context: "/c", ...(target !== undefined && { target }) });

const mask = rights.read | rights.exec;

/** A file of the host that may be in the image, beside those that are expected. */
function beyond({ image }: LiftedDockerfile, ...granted: readonly string[]): string | undefined {
  const rules = granted.map((pattern): PathRule => ({ pattern, effect: { kind: "grant", rights: mask } }));
  const found = image.copied && fileOutside(image.copied, ruleMachine(rules));
  return found && `${found.right} ${found.path}`;
}

describe("what is copied", () => {
  test.each([
    ["COPY a /a", "/c/a"],
    ["COPY a b /x/", "/c/a", "/c/b"],
    ['COPY ["a b", "/x"]', "/c/a b"],
    ["COPY --chown=1:1 --link /a /a", "/c/a"],
    ["COPY ../../a /a", "/c/a"],
    ["COPY src/*.js /a", "/c/src"],
    ["ADD a.tar /", "/c/a.tar"],
    ["COPY \\\n  # a comment\n  a \\\n\n  /a", "/c/a"],
    ['COPY ["a\\\\$b", "/x"]', "/c/a$b"],
    ["RUN --mount=type=bind,target=/x cp -r /x /y", "/c"],
    ["COPY . .", "/c"],
  ])("%j", (line, ...expected) => {
    const lifted = lift(`FROM x\n${line}\n`);
    expect(beyond(lifted, ...expected)).toBe(undefined);
    expect(beyond(lifted)).toBe(`read ${expected[0]}`);
  });

  test.each([
    "COPY --from=build /a /a",
    "ADD https://example.com/a /a",
    "COPY <<EOF /a\nCOPY /etc /etc\nEOF",
    "RUN <<EOF\nCOPY . .\nEOF",
    "# COPY . .",
    "RUN --mount=type=cache,target=/x true",
    "ONBUILD COPY . .",
  ])("nothing of the host by %j", (line) => {
    expect(beyond(lift(`FROM x\n${line}\nUSER 1:1\n`))).toBe(undefined);
    expect(lift(`FROM x\n${line}\nUSER 1:1\n`).image.user).toBe("1:1");
  });

  test("what a variable stands for may be all of the context", () => {
    const lifted = lift("FROM x\nARG A\nCOPY $A /a\n");
    expect(beyond(lifted)).toBe("read /c");
    expect(lifted.findings.map(({ line }) => line)).toEqual([3]);
    // Quotes are taken off a word, which is then another name.
    expect(beyond(lift('FROM x\nCOPY ["a\'b\'", "/x"]\n'))).toBe("read /c");
  });

  test.each(["a'b'c", 'a"b"c', "a$b", "$HOME", "a\\b", "it's", "plain"])(
    "the compiler's %j is that file",
    (name) => {
      const lifted = lift(`FROM x\nCOPY [${dockerfileJson(name)}, "/x"]\n`);
      expect(lifted.findings).toEqual([]);
      expect(lifted.sources).toEqual([`/${name}`]);
    },
  );

  test("of a key that stands twice in a mount the last counts; one in quotes or a variable is not known", () => {
    for (const mount of [
      "type=cache,target=/x,type=bind",
      "type=cache,target=/x,TYPE=bind",
      "target=/x,from=y,from=",
      "type=cache,target=$X",
      "type=cache,target='/x",
      "type=ssh",
    ])
      expect(lift(`FROM x\nRUN --mount=${mount} true\n`).image.isWhole, mount).toBe(false);
    expect(lift("FROM x\nRUN --mount=type=bind,from=y,target=/x true\n").image.isWhole).toBe(true);
    expect(beyond(lift("FROM x\nRUN --mount=from=,target=/x true\n"))).toBe("read /c");
  });

  test("steps for whoever begins with a stage are steps of the next one, and of no further", () => {
    const stages =
      "FROM x AS b\nONBUILD COPY a /a\nONBUILD USER 0\nONBUILD VOLUME /v\nFROM b AS c\nUSER 5\nFROM c\n";
    const lifted = lift(stages);
    expect(beyond(lifted)).toBe("read /c/a");
    expect(lifted.image.user).toBe("5");
    expect(lift(stages, undefined, "c").image.volumes).toEqual(["/v"]);
    expect(lift(stages.replace("USER 5\n", "")).image.user).toBe("0");
    expect(() => lift("FROM x\nONBUILD FROM y\n")).toThrow("ONBUILD FROM");
  });

  test("a stage that begins with what a variable names may begin with any above", () => {
    const { image } = lift("ARG B=b\nFROM x AS b\nUSER 7\nENV A=1\nVOLUME /v\nONBUILD COPY a /a\nFROM $B\n");
    expect(image.user).toBe(undefined);
    expect([...image.environment]).toEqual([["A", undefined]]);
    expect(image.volumes).toEqual(["/v"]);
    expect(beyond(lift("FROM x AS b\nONBUILD COPY a /a\nFROM $B\n"))).toBe("read /c/a");
  });

  test("a volume at a place that is not known is covered by no mount", () => {
    expect(lift("FROM x\nARG V\nVOLUME $V /w\n").image.volumes).toEqual(["$V\0", "/w"]);
  });

  test("an earlier stage may hand it on", () => {
    expect(beyond(lift("FROM x AS build\nCOPY secret /s\nFROM scratch\nCOPY --from=build /s /s\n"))).toBe(
      "read /c/secret",
    );
  });
});

describe("what an ignore file keeps out", () => {
  const all = "FROM x\nCOPY . .\n";

  test("everything but what is named", () => {
    expect(beyond(lift(all, "*\n!server\n"), "/c/server")).toBe(undefined);
    expect(beyond(lift(all, "*\n!server\n**/*.key\n"))).toBe("read /c/server");
    expect(beyond(lift("FROM x\nCOPY other /o\n", "*\n!server\n"))).toBe(undefined);
    expect(beyond(lift("FROM x\nCOPY server/a /o\n", "*\n!server\n"), "/c/server/a")).toBe(undefined);
  });

  test("a line that a later one takes back", () => {
    expect(beyond(lift(all, "secret\n!secret/public\n"), "/c/open")).toBe("read /c");
    const taken = lift("FROM x\nCOPY secret /s\n", "secret\n!secret/public\n");
    expect(beyond(taken, "/c/secret/public")).toBe("read /c/secret");
    expect(beyond(lift("FROM x\nCOPY secret /s\n", "!secret/public\nsecret\n"))).toBe(undefined);
    expect(beyond(lift("FROM x\nCOPY a /s\n", "*\n!a\n!b\na/x\n"), "/c/a")).toBe(undefined);
  });

  test("patterns that this can't hold keep nothing out", () => {
    expect(beyond(lift("FROM x\nCOPY secret /s\n", "secre?\n"))).toBe("read /c/secret");
    expect(beyond(lift("FROM x\nCOPY a /s\n", "[a]\n"))).toBe("read /c/a");
    expect(beyond(lift("FROM x\nCOPY a[b] /s\n", "*\n!a\\[b\\]\n"), "/c/a[b]")).toBe(undefined);
  });
});

describe("settings", () => {
  test("the last stage's, with what it inherits from a stage", () => {
    const text = "FROM x AS a\nUSER 5:5\nENV A=1\nFROM a AS b\nENV B 2 3\nFROM y\nUSER root\n";
    expect(lift(text).image.user).toBe("root");
    const b = lift(text, undefined, "B");
    expect(b.image.user).toBe("5:5");
    expect(Object.fromEntries(b.image.environment)).toEqual({ A: "1", B: "2 3" });
    expect(b.base).toBe("x");
    expect(lift(text, undefined, "0").image.user).toBe("5:5");
    expect(() => lift(text, undefined, "c")).toThrow("there is no stage `c`");
  });

  test("nothing is known of a base, but of scratch", () => {
    expect(lift("FROM debian\n").image.user).toBe(undefined);
    expect(lift("FROM debian\n").assumptions.length).toBe(1);
    expect(lift("FROM scratch\n")).toMatchObject({ image: { user: "0:0" }, assumptions: [] });
    expect(lift("ARG B=x\nFROM $B\n").base).toBe(undefined);
  });

  test("a user that the build decides", () => {
    const lifted = lift("FROM scratch\nUSER 5\nUSER $U\n");
    expect(lifted.image.user).toBe(undefined);
    expect(lifted.findings.map(({ line }) => line)).toEqual([3]);
  });

  test("a list that is no JSON goes to a shell", () => {
    const lifted = lift("FROM x\nENTRYPOINT ['/a', 'b']\nCMD echo hi\n");
    expect(lifted.entrypoint).toEqual(["/bin/sh", "-c", "['/a', 'b']"]);
    expect(lifted.findings[0]?.message).toContain("no list in JSON");
    expect(lift('FROM x\nCMD ["a"]\nENTRYPOINT ["b"]\n').cmd).toBe(undefined);
  });

  test("volumes, ports, working directories, another escape, another frontend", () => {
    const lifted = lift(
      '# escape=`\nFROM x\nVOLUME ["/a", "/b"]\nVOLUME /c /d\nWORKDIR /w\nWORKDIR v\nEXPOSE 80 `\n 81\n',
    );
    expect(lifted.image.volumes).toEqual(["/a", "/b", "/c", "/d"]);
    expect(lifted).toMatchObject({ workdir: "/w/v", exposed: ["80", "81"] });
    expect(lift("# syntax=example.com/own\nFROM x\n").image.isWhole).toBe(false);
    expect(lift("# syntax=docker/dockerfile:1\nFROM x\n").image.isWhole).toBe(true);
    // Behind a comment it is a comment.
    expect(lift("# a\n# syntax=example.com/own\nFROM x\n").image.isWhole).toBe(true);
    expect(lift("FROM x\nRUN --mount=type=secret,id=a cat /run/secrets/a\n").image.isWhole).toBe(false);
  });

  test.each(["COPPY a b", "FROM", "FROM a b c", "COPY a", "COPY --chwon=1 a b", "USER"])(
    "%j is refused",
    (line) => {
      expect(() => lift(`FROM x\n${line}\n`)).toThrow(ContainerError);
    },
  );

  test("what stands before FROM, and nothing at all", () => {
    expect(() => lift("USER 1\nFROM x\n")).toThrow("before the first FROM");
    expect(() => lift("ARG A=1\n")).toThrow("there is no FROM");
    expect(() => lift("# escape=x\nFROM x\n")).toThrow("refuses the escape");
  });
});
