/** Requests that a kubelet makes for a container, from the node: to another host it is a way around network policies. */
import { isGiven, mapAt, placeOf, type YamlMap } from "./nodes.ts";
import type { PodReading } from "./reading.ts";

const handlers = ({ container }: PodReading): readonly YamlMap[] => [
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((key) => mapAt(container, key)),
  ...["postStart", "preStop"].map((key) => mapAt(mapAt(container, "lifecycle"), key)),
];

/** Finds requests that name a host. @throws ManifestError */
export function findProbes(reading: PodReading): void {
  for (const handler of handlers(reading))
    for (const key of ["httpGet", "tcpSocket"]) {
      const request = mapAt(handler, key);
      if (!request.open && isGiven(request, "host"))
        reading.find(placeOf(request, "host"), "the kubelet connects to this host, for the container");
    }
}
