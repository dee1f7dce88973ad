/** Containers of pods, asked by the evaluator of manifests: what one of them may, all of them together may. */
import {
  type PodSource,
  type PodWorld,
  podMayGain,
  podMayHold,
  podMayRunAs,
  podPermitsAmount,
  podPermitsCall,
  podPermitsFile,
  podPermitsPeer,
  podPermitsVariable,
  podReaches,
} from "../../../../src/evaluate/pod.ts";
import { at, get, items, objectsOf } from "../../../../src/evaluate/pod-texts.ts";
import type { Operation } from "../operation.ts";
import type { Evaluator } from "./evaluator.ts";

/** Every container, as `pod/container`. */
function namesIn(sources: readonly PodSource[]): readonly string[] {
  return objectsOf(sources).flatMap((object) =>
    ["", "spec.template.", "spec.jobTemplate.spec.template."].flatMap((path) =>
      ["containers", "initContainers"].flatMap((list) =>
        items(at(object, `${path}spec.${list}`)).map(
          (one) => `${String(at(object, "metadata.name"))}/${String(get(one, "name"))}`,
        ),
      ),
    ),
  );
}

function ofOne(
  sources: readonly PodSource[],
  world: PodWorld,
  name: string,
  operation: Operation,
): boolean | undefined {
  switch (operation.kind) {
    case "file":
      return podPermitsFile(sources, world, name, operation.access, operation.path);
    // To connect takes the file, to be read or to be written.
    case "unix":
      return podPermitsFile(sources, world, name, "read", operation.path);
    case "call":
      return podPermitsCall(sources, world, name, operation.call);
    case "env":
      return podPermitsVariable(sources, name, operation.name);
    case "peer":
      return podPermitsPeer(sources, world, name, operation.peer);
    case "process":
      return podReaches(sources, name, operation.way as "signal");
    case "user":
      return podMayRunAs(sources, name, operation.uid);
    case "capability":
      return podMayHold(sources, name, operation.name);
    case "gain":
      return podMayGain(sources, name);
    case "amount": {
      const { limit, value } = operation;
      if (limit === "processes" || limit === "files" || limit === "io") return true;
      return podPermitsAmount(sources, world, name, limit, value);
    }
    case "service":
      return undefined;
  }
}

/** Asks all containers of a set of files. */
export function podEvaluator(sources: readonly PodSource[], world: PodWorld): Evaluator {
  let names: readonly string[] | undefined;
  return (operation) => {
    names ??= namesIn(sources);
    const answers = names.map((name) => ofOne(sources, world, name, operation));
    return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
  };
}
