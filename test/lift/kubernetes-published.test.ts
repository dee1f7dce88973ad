/** Manifests in the shapes that people publish: a verdict for each container, or why there is none. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { liftManifests, ManifestError, type ManifestText } from "../../src/lift/kubernetes.ts";
import { closedEnvironment, fileBeyond, peerBeyond } from "../support/closed-pod.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../fixtures/kubernetes");

function textsOf(name: string): readonly ManifestText[] {
  const path = join(folder, name);
  const names = statSync(path).isDirectory() ? readdirSync(path).map((file) => join(name, file)) : [name];
  return names.map((file) => ({ path: file, text: readFileSync(join(folder, file), "utf8") }));
}

/** What each container may do at least, the evaluator agreeing, and how much of it was found worth a word. */
function verdictsOf(texts: readonly ManifestText[]): readonly string[] {
  try {
    return liftManifests(texts, closedEnvironment).map(({ name, authority, findings }) => {
      const file = fileBeyond({ texts, name });
      const peer = peerBeyond({ texts, name });
      const { user } = authority.identity ?? {};
      const who = user?.kind === "ids" ? `${user.uid}` : "anybody";
      return [
        name,
        file ? `${file.right} ${file.path}` : "no file",
        peer ?? "no peer",
        `as ${who}`,
        authority.identity?.noNewPrivileges ? "gains nothing" : "gains",
        `${findings.length} findings`,
      ].join(", ");
    });
  } catch (error) {
    if (error instanceof ManifestError) return [`${error.file}:${error.line}: ${error.message}`];
    throw error;
  }
}

const published: Readonly<Record<string, readonly string[]>> = {
  "accelerator.yaml": ["inference/inference, read /, connect 0.0.0.0:0, as anybody, gains, 6 findings"],
  "anchored.yaml": ["anchored.yaml:6: an anchor or a tag"],
  "builder.yaml": [
    "builder/runner, no file, connect 0.0.0.0:0, as anybody, gains, 3 findings",
    "builder/dind, read /, connect 0.0.0.0:0, as anybody, gains, 2 findings",
  ],
  "chart.yaml": [
    "release-name-search/search, no file, connect 0.0.0.0:0, as anybody, gains, 3 findings",
    "release-name-search-test-connection/wget, no file, connect 0.0.0.0:0, as anybody, gains, 3 findings",
  ],
  "cron-job.yaml": ["backup/backup, read /srv/data, connect 0.0.0.0:0, as anybody, gains, 3 findings"],
  "daemon-set.yaml": [
    "node-metrics/node-metrics, read /, connect 0.0.0.0:0, as 65534, gains nothing, 5 findings",
  ],
  "default-deny.yaml": [
    "weather/weather, no file, connect 203.0.113.16:443, as 10001, gains nothing, 1 findings",
  ],
  "exported.yaml": ["echo-6d4cf56db6-x7x2k/echo, no file, connect 0.0.0.0:0, as anybody, gains, 4 findings"],
  "job.yaml": ["migrate-/migrate, no file, connect 0.0.0.0:0, as anybody, gains nothing, 1 findings"],
  "log-collector.yaml": [
    "log-collector/collector, read /var/log, connect 0.0.0.0:0, as anybody, gains, 3 findings",
  ],
  "mesh.yaml": [
    "shop/shop, no file, connect 0.0.0.0:0, as anybody, gains, 3 findings",
    "shop/istio-init, no file, connect 0.0.0.0:0, as 0, gains nothing, 2 findings",
    "shop/istio-proxy, no file, connect 0.0.0.0:0, as 1337, gains nothing, 2 findings",
  ],
  "monitored.yaml": ["monitored.yaml:1: `monitoring.coreos.com/v1 ServiceMonitor` is not known here"],
  "operator.yaml": ["operator/manager, no file, connect 0.0.0.0:0, as anybody, gains nothing, 2 findings"],
  overlay: ["files/files, read /srv/files, no peer, as 1000, gains nothing, 0 findings"],
  "sidecar.yaml": [
    "notes/server, no file, connect 0.0.0.0:0, as anybody, gains, 3 findings",
    "notes/log-shipper, no file, connect 0.0.0.0:0, as anybody, gains, 3 findings",
  ],
  "stateful-set.yaml": [
    "database/database, read /srv/data, connect 0.0.0.0:0, as 999, gains, 2 findings",
    "database/own-data, read /srv/data, connect 0.0.0.0:0, as 0, gains, 2 findings",
  ],
  "template.yaml": ["template.yaml:4: a key must be a string"],
};

test("each of the files is here", () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(published).toSorted());
});

test.each(Object.entries(published))("%s", (name, verdicts) => {
  expect(verdictsOf(textsOf(name))).toEqual(verdicts);
});
