/** Random manifests over a small universe: every field that means something, with few values each. */
import fc from "fast-check";

/** Plain data that is printed as JSON, which is YAML. */
type Data = { readonly [key: string]: unknown };

/** Paths of the host and of containers. */
export const podPaths = [
  "/",
  "/a",
  "/a/b",
  "/a/b/c",
  "/d",
  "/d/e",
  "/dev",
  "/dev/shm",
  "/dev/null",
  "/proc",
  "/proc/sys",
  "/proc/kcore",
  "/sys",
  "/sys/fs",
  "/run",
  "/tmp",
] as const;

const path = fc.constantFrom(...podPaths);
const inner = fc.constantFrom("/a", "/a/b", "/a/b/c", "/d", "/d/e", "/tmp");

/** A map with some of its fields. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Data> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Data>;

const rare = <T>(value: T): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(value) });

const often = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 4, arbitrary });

const source: fc.Arbitrary<Data> = fc.oneof(
  { weight: 6, arbitrary: path.map((at) => ({ hostPath: { path: at } })) },
  {
    weight: 3,
    arbitrary: some({
      medium: fc.constantFrom("", "Memory", "Memory"),
      sizeLimit: fc.constantFrom("1Mi", "2Mi", "0", 4096),
    }).map((emptyDir) => ({ emptyDir })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("x", "y"), fc.boolean())
      .map(([claimName, readOnly]) => ({ persistentVolumeClaim: { claimName, readOnly } })),
  },
  fc.constantFrom(
    {},
    { configMap: { name: "m" } },
    { secret: { secretName: "s" } },
    { projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
    { csi: { driver: "d" } },
  ),
);

const volumes = fc
  .array(source, { minLength: 3, maxLength: 3 })
  .map((list) => list.map((one, at) => ({ name: `v${at}`, ...one })));

const mount = fc
  .tuple(
    fc.constantFrom("v0", "v1", "v2"),
    fc.oneof({ weight: 3, arbitrary: inner }, path),
    some({ subPath: fc.constantFrom("", "b", "b/c", "x") }),
    fc.constantFrom({}, {}, { readOnly: true }, { readOnly: true, recursiveReadOnly: "Enabled" }),
    fc.constantFrom({}, {}, {}, {}, { mountPropagation: "HostToContainer" }, { mountPropagation: "None" }),
    rare({ mountPropagation: "Bidirectional" }),
    rare({ subPathExpr: "$(A)" }),
  )
  .map(([name, mountPath, ...parts]): Data => Object.assign({ name, mountPath }, ...parts));

const mounts = fc.uniqueArray(mount, { maxLength: 4, selector: ({ mountPath }) => mountPath });

const profile = fc.constantFrom(
  { type: "Localhost", localhostProfile: "sockets.json" },
  { type: "Localhost", localhostProfile: "sockets.json" },
  { type: "Localhost", localhostProfile: "silent.json" },
  { type: "Localhost", localhostProfile: "missing.json" },
  { type: "RuntimeDefault" },
  { type: "Unconfined" },
);

const user = { runAsUser: fc.constantFrom(0, 1000, 1001), runAsNonRoot: fc.boolean() };

const capabilities = some({
  drop: fc.subarray(["ALL", "all", "NET_RAW", "CAP_CHOWN", "SYS_ADMIN"]),
  add: fc.subarray(["NET_ADMIN", "CAP_NET_RAW", "chown"]),
});

const context = fc
  .tuple(
    some({
      ...user,
      runAsGroup: fc.constant(1000),
      allowPrivilegeEscalation: fc.boolean(),
      readOnlyRootFilesystem: fc.constantFrom(true, true, false),
      seccompProfile: profile,
    }),
    often(fc.constant({ capabilities: { drop: ["ALL"] } })),
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      capabilities.map((one) => ({ capabilities: one })),
    ),
    rare({ privileged: true }),
    rare({ procMount: "Unmasked" }),
    rare({ capabilities: { add: ["SYS_ADMIN"] } }),
    rare({ capabilities: { add: ["ALL"] } }),
  )
  .map((parts): Data => Object.assign({}, ...parts));

const variable = fc.oneof(
  fc
    .tuple(fc.constantFrom("A", "B", "TERM"), fc.constantFrom("1", "$(A)", "$(B)x", ""))
    .map(([name, value]) => ({ name, value })),
  fc.constant({ name: "C", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }),
);

const limits = some({
  memory: fc.constantFrom("64Mi", "100M", 4096, "1e3", "1500m", "0"),
  cpu: fc.constantFrom("250m", 2, "0.5", "1u", 0),
});

const resources = fc
  .tuple(limits, rare({ "vendor.example/gpu": 1 }))
  .map(([plain, device]) => ({ limits: { ...plain, ...device } }));

const container = fc
  .tuple(
    mounts,
    often(context),
    fc.array(variable, { maxLength: 3 }),
    some({ resources, tty: fc.boolean() }),
    rare({ envFrom: [{ configMapRef: { name: "m" } }] }),
    rare({ ports: [{ containerPort: 80, hostPort: 8080 }] }),
  )
  .map(
    ([volumeMounts, securityContext, env, ...parts]): Data =>
      Object.assign(
        { name: "c", image: "i", volumeMounts, env, ...(securityContext && { securityContext }) },
        ...parts,
      ),
  );

const beside = fc.constantFrom<Data>(
  {},
  {},
  {},
  { initContainers: [{ name: "i", image: "i" }] },
  { initContainers: [{ name: "i", image: "i", restartPolicy: "Always" }] },
);

const spec = fc
  .tuple(
    volumes,
    container,
    rare({ name: "o", image: "i" }),
    some({
      ...{ automountServiceAccountToken: fc.boolean(), enableServiceLinks: fc.constant(false) },
      securityContext: some({ ...user, runAsGroup: fc.constant(1000), seccompProfile: profile }),
      activeDeadlineSeconds: fc.constantFrom(1, 30),
    }),
    beside,
    rare({ hostPID: true }),
    rare({ hostIPC: true }),
    rare({ hostNetwork: true }),
    rare({ shareProcessNamespace: true }),
  )
  .map(
    ([own, first, other, ...parts]): Data =>
      Object.assign({ volumes: own, containers: other ? [first, other] : [first] }, ...parts),
  );

const metadata = fc
  .tuple(
    some({ app: fc.constantFrom("p", "q"), tier: fc.constantFrom("p", "q") }),
    rare({ "k8s.v1.cni.cncf.io/networks": "n" }),
    rare({ "io.kubernetes.cri-o.Devices": "/dev/sda" }),
  )
  .map(([labels, ...notes]): Data => ({ labels, annotations: Object.assign({}, ...notes) }));

const claims = { volumeClaimTemplates: [{ metadata: { name: "v0" } }] };

/** What holds a pod. */
const owner = (named: Data, template: Data): fc.Arbitrary<Data> =>
  fc.constantFrom<Data>(
    { apiVersion: "v1", kind: "Pod", ...template, metadata: { ...(template.metadata as Data), ...named } },
    { apiVersion: "apps/v1", kind: "Deployment", metadata: named, spec: { template } },
    { apiVersion: "apps/v1", kind: "StatefulSet", metadata: named, spec: { template, ...claims } },
    { apiVersion: "batch/v1", kind: "Job", metadata: named, spec: { template, activeDeadlineSeconds: 20 } },
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: named,
      spec: { jobTemplate: { spec: { template } } },
    },
  );

const requirement = fc.oneof(
  fc
    .tuple(fc.constantFrom("app", "tier", "job-name"), fc.constantFrom("In", "NotIn"))
    .map(([key, operator]) => ({ key, operator, values: ["p"] })),
  fc
    .tuple(fc.constantFrom("app", "tier", "pod-template-hash"), fc.constantFrom("Exists", "DoesNotExist"))
    .map(([key, operator]) => ({ key, operator })),
);

const selector = some({
  matchLabels: some({ app: fc.constantFrom("p", "q"), tier: fc.constant("p") }),
  matchExpressions: fc.array(requirement, { maxLength: 1 }),
});

const peer = fc.oneof(
  fc
    .constantFrom(
      { cidr: "10.0.0.0/8" },
      { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] },
      { cidr: "0.0.0.0/1" },
      { cidr: "::/0", except: ["fd00::/8"] },
      { cidr: "8.8.8.8/32" },
      { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "8.0.0.0/8"] },
    )
    .map((ipBlock): Data => ({ ipBlock })),
  fc.constantFrom<Data>({ podSelector: {} }, { namespaceSelector: {} }),
);

const port = fc.oneof(
  fc
    .tuple(fc.constantFrom("TCP", "UDP", "SCTP", undefined), fc.constantFrom(53, 80))
    .map(([protocol, number]) => ({ ...(protocol && { protocol }), port: number })),
  fc.constantFrom({ port: 60, endPort: 90 }, { port: "http" }, { protocol: "UDP" }),
);

const rule = (side: "to" | "from"): fc.Arbitrary<Data> =>
  some({ [side]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) });

const policySpec = fc
  .tuple(
    selector,
    some({
      policyTypes: fc.constantFrom(["Egress"], ["Ingress"], ["Ingress", "Egress"], ["Ingress", "Egress"]),
      egress: fc.array(rule("to"), { maxLength: 2 }),
      ingress: fc.array(rule("from"), { maxLength: 2 }),
    }),
  )
  .map(([podSelector, rest]): Data => ({ podSelector, ...rest }));

const namespace = fc.constantFrom<Data>(
  { namespace: "k" },
  { namespace: "k" },
  { namespace: "k" },
  { namespace: "l" },
  {},
);

const policies = fc.array(fc.tuple(namespace, policySpec), { maxLength: 3 }).map((list) =>
  list.map(
    ([where, of], at): Data => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: `n${at}`, ...where },
      spec: of,
    }),
  ),
);

/** Documents, as text: what holds a pod `p` with a container `c`, and network policies. */
export const randomPods: fc.Arbitrary<string> = fc
  .tuple(
    namespace.chain((where) =>
      fc
        .tuple(spec, metadata)
        .chain(([of, own]) => owner({ name: "p", ...where }, { metadata: own, spec: of })),
    ),
    policies,
  )
  .map(([first, rest]) => [first, ...rest].map((one) => JSON.stringify(one, undefined, 1)).join("\n---\n"));
