/** Whether a selector takes what has given labels; `maybe` where not all labels are known. Kubernetes, "Labels and Selectors". */
import { fail, knownText, mapAt, mapsAt, textOf, textsAt, type YamlMap } from "./nodes.ts";

/** An answer that may not be known. */
export type Answer = "yes" | "no" | "maybe";

/** All of several answers. */
export function both(answers: readonly Answer[]): Answer {
  if (answers.includes("no")) return "no";
  return answers.includes("maybe") ? "maybe" : "yes";
}

const answer = (holds: boolean): Answer => (holds ? "yes" : "no");
const opposite = (a: Answer): Answer => (a === "maybe" ? a : answer(a === "no"));

/**
 * Labels that controllers add to pods, whatever their template says (Kubernetes' documentation, "Well-Known Labels,
 * Annotations and Taints").
 */
const added: ReadonlySet<string> = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "controller-uid",
  "job-name",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
  "batch.kubernetes.io/job-completion-index",
  "apps.kubernetes.io/pod-index",
  "statefulset.kubernetes.io/pod-name",
]);

/** Whether a label has one of some values; any where none are named. */
function has(labels: YamlMap, key: string, values: readonly string[] | undefined): Answer {
  const node = labels.fields.get(key);
  if (labels.open && node === undefined) return "maybe";
  // A controller sets its own label over what the template says.
  if (added.has(key)) return "maybe";
  if (node === undefined) return "no";
  const value = textOf(node, key);
  return answer(values === undefined || values.includes(value));
}

function required(requirement: YamlMap, labels: YamlMap): Answer {
  const key = knownText(requirement, "key");
  const operator = knownText(requirement, "operator") ?? "";
  if (key === undefined) return fail(requirement, "`key` is missing");
  const values = textsAt(requirement, "values");
  if (operator === "Exists") return has(labels, key, undefined);
  if (operator === "DoesNotExist") return opposite(has(labels, key, undefined));
  if (operator === "In") return has(labels, key, values);
  // What lacks the label is taken too.
  if (operator === "NotIn") return opposite(has(labels, key, values));
  return fail(requirement, `\`${operator}\` is no operator`);
}

/** Whether a selector takes what has these labels; an empty one takes everything. @throws ManifestError */
export function selects(selector: YamlMap, labels: YamlMap): Answer {
  const words = [...mapAt(selector, "matchLabels").fields];
  return both([
    ...words.map(([key, node]) => has(labels, key, [textOf(node, key)])),
    ...mapsAt(selector, "matchExpressions").map((one) => required(one, labels)),
  ]);
}
