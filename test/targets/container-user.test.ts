/** Who runs a container: always two numbers, since a user's number alone means the group of root. */
import { expect, test } from "vitest";
import type { ServerIr, User } from "../../src/policy/ir.ts";
import { containerUser } from "../../src/targets/docker/lower.ts";

const of = (user: User): string => containerUser({ user } as ServerIr);

test.each<[User, string]>([
  [{ kind: "ids", uid: 1000, gid: 1001, origin: 0 }, "1000:1001"],
  [{ kind: "name", name: "someone", uid: 7, gid: 8, origin: 0 }, "7:8"],
  // Nobody knows its number: a user that owns nothing.
  [{ kind: "name", name: "someone", origin: 0 }, "65532:65532"],
  [{ kind: "dynamic", origin: 0 }, "65532:65532"],
  [{ kind: "any" }, "65532:65532"],
  [{ kind: "any", owner: { uid: 1000, gid: 100 } }, "1000:100"],
  // Nobody is given root's group because what is written belongs to it.
  [{ kind: "any", owner: { uid: 1000, gid: 0 } }, "1000:1000"],
])("%j", (user, expected) => {
  expect(of(user)).toBe(expected);
});
