/**
 * The environment of a container.
 *
 * Source: Kubernetes' documentation, "Define Environment Variables for a Container", "Define Dependent Environment Variables",
 * "Accessing the Service"; `makeEnvironmentVariables` in pkg/kubelet/kubelet_pods.go; `Expand` in
 * third_party/forked/golang/expansion.
 */
import type { Variables } from "../../authority/authority.ts";
import { fail, flagAt, isGiven, knownText, listAt, mapAt, mapsAt, placeOf, type YamlMap } from "./nodes.ts";
import type { PodReading } from "./reading.ts";

/** What a runtime sets, and a kubelet for the API's own service. */
const always = [
  "PATH",
  "HOSTNAME",
  "HOME",
  "KUBERNETES_SERVICE_HOST",
  "KUBERNETES_SERVICE_PORT",
  "KUBERNETES_SERVICE_PORT_HTTPS",
  "KUBERNETES_PORT",
  ...["", "_PROTO", "_PORT", "_ADDR"].map((part) => `KUBERNETES_PORT_443_TCP${part}`),
];

/** A text with `$(NAME)` replaced where NAME is known; undefined where it is, and its value is not. */
export function expanded(text: string, known: ReadonlyMap<string, string | undefined>): string | undefined {
  let isKnown = true;
  const out = text.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (name === undefined) return "$";
    if (!known.has(name)) return found;
    const value = known.get(name);
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? out : undefined;
}

function valueIn(variable: YamlMap, known: ReadonlyMap<string, string | undefined>): string | undefined {
  const from = mapAt(variable, "valueFrom");
  const value = knownText(variable, "value");
  if (from.fields.size > 0) {
    if (value !== undefined && value !== "") return fail(variable, "`value` beside `valueFrom`");
    return undefined;
  }
  if (variable.open) return undefined;
  return expanded(value ?? "", known);
}

/** What a container's own list sets, over what is set before it. */
function own(reading: PodReading): ReadonlyMap<string, string | undefined> {
  const out = new Map<string, string | undefined>(always.map((name) => [name, undefined]));
  const seen = new Set<string>();
  for (const variable of mapsAt(reading.container, "env")) {
    const name = knownText(variable, "name");
    if (name === undefined || name === "" || name.includes("="))
      return fail(variable, "`name` must be the name of a variable");
    if (seen.has(name))
      reading.find(placeOf(variable, "name"), `\`${name}\` is set twice: the last one counts`);
    seen.add(name);
    out.set(name, valueIn(variable, out));
  }
  return out;
}

/** The variables of a container; `any` where the cluster brings more. @throws ManifestError */
export function variablesOf(reading: PodReading): Variables {
  const { spec, container } = reading;
  const variables = own(reading);
  reading.assume("the image's own variables are part of the image");
  if (flagAt(spec, "enableServiceLinks") !== false) return "any";
  const others = listAt(container, "envFrom");
  if (others.open || others.items.length > 0 || listAt(container, "env").open) return "any";
  const tty = isGiven(container, "tty") && flagAt(container, "tty") !== false;
  return tty ? new Map([["TERM", undefined], ...variables]) : variables;
}
