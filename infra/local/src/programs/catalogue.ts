// The programs that are compiled here: what each is made of and how its version is told. Data only.

/** A program that the local platform or a spec needs. */
export type ProgramName = 'nats-server' | 'kube' | 'registry' | 'dns' | 'pause' | 'traefik';

/** How a ready-made program may differ from the one that would be built: the same `major`, or `major.minor`. */
export type Compatibility = 'same major' | 'same minor';

/** What is known about one program. */
export type ProgramSpec = {
  readonly name: ProgramName;
  /** Names under which a ready-made one is looked for. Those on PATH must not be words that may mean anything. */
  readonly namesOnPath: readonly string[];
  /** Folder below `go/`, which is a Go module with a go.sum. */
  readonly folder: string;
  /** The module whose version in go.mod is the program's; none for a program that is all ours. */
  readonly pinnedModule: string | undefined;
  /** Go package to build, as `go build` takes it. */
  readonly goPackage: string;
  /** Variables that the linker sets, where upstream's own build does that. */
  readonly linkerVariables: (version: string) => Readonly<Record<string, string>>;
  readonly versionArguments: readonly string[];
  /** Finds `major.minor.patch` in what the program prints. */
  readonly versionPattern: RegExp;
  readonly compatibility: Compatibility;
  /** Wall time of a build with empty caches on two cores, in milliseconds. */
  readonly buildMs: number;
  /** What such a build leaves in Go's caches and ours, in bytes, rounded up. */
  readonly buildBytes: number;
};

const GiB = 2 ** 30;

const none = (): Readonly<Record<string, string>> => ({});

const kubeVariables = (version: string): Readonly<Record<string, string>> => {
  const [major = '', minor = ''] = version.split('.');
  const variables = 'k8s.io/component-base/version';
  return {
    [`${variables}.gitVersion`]: `v${version}`,
    [`${variables}.gitMajor`]: major,
    [`${variables}.gitMinor`]: minor,
  };
};

/** Every program, by name. The order is that in which all of them are built: the small and the urgent ones first. */
export const programs: Readonly<Record<ProgramName, ProgramSpec>> = {
  'nats-server': {
    name: 'nats-server',
    namesOnPath: ['nats-server'],
    folder: 'nats-server',
    pinnedModule: 'github.com/nats-io/nats-server/v2',
    goPackage: 'github.com/nats-io/nats-server/v2',
    linkerVariables: none,
    versionArguments: ['--version'],
    versionPattern: /nats-server: v(\d+\.\d+\.\d+)/,
    compatibility: 'same major',
    buildMs: 16_000,
    buildBytes: 0.3 * GiB,
  },
  pause: {
    name: 'pause',
    namesOnPath: [],
    folder: 'pause',
    pinnedModule: undefined,
    goPackage: '.',
    linkerVariables: none,
    versionArguments: ['--version'],
    versionPattern: /pods-pause (\d+\.\d+\.\d+)/,
    compatibility: 'same major',
    buildMs: 7_000,
    buildBytes: 0.1 * GiB,
  },
  registry: {
    name: 'registry',
    namesOnPath: ['registry', 'docker-registry'],
    folder: 'registry',
    pinnedModule: 'github.com/distribution/distribution/v3',
    goPackage: '.',
    linkerVariables: (version) => ({ 'github.com/distribution/distribution/v3/version.version': `v${version}` }),
    versionArguments: ['--version'],
    versionPattern: /distribution\/v3 v(\d+\.\d+\.\d+)/,
    compatibility: 'same major',
    buildMs: 27_000,
    buildBytes: 0.6 * GiB,
  },
  kube: {
    name: 'kube',
    namesOnPath: ['kube'],
    folder: 'kube',
    pinnedModule: 'k8s.io/kubernetes',
    goPackage: '.',
    linkerVariables: kubeVariables,
    versionArguments: ['apiserver', '--version'],
    versionPattern: /Kubernetes v(\d+\.\d+\.\d+)/,
    compatibility: 'same minor',
    buildMs: 312_000,
    buildBytes: 4 * GiB,
  },
  dns: {
    name: 'dns',
    namesOnPath: ['coredns'],
    folder: 'dns',
    pinnedModule: 'github.com/coredns/coredns',
    goPackage: '.',
    linkerVariables: none,
    versionArguments: ['-version'],
    versionPattern: /CoreDNS-(\d+\.\d+\.\d+)/,
    compatibility: 'same major',
    buildMs: 62_000,
    buildBytes: 1 * GiB,
  },
  traefik: {
    name: 'traefik',
    namesOnPath: ['traefik'],
    folder: 'traefik',
    pinnedModule: 'github.com/traefik/traefik/v3',
    goPackage: 'github.com/traefik/traefik/v3/cmd/traefik',
    linkerVariables: (version) => ({ 'github.com/traefik/traefik/v3/pkg/version.Version': version }),
    versionArguments: ['version'],
    versionPattern: /Version:\s+v?(\d+\.\d+\.\d+)/,
    compatibility: 'same major',
    buildMs: 212_000,
    buildBytes: 3 * GiB,
  },
};

/** All names, in the order in which they are built. */
export const programNames: readonly ProgramName[] = Object.values(programs).map(({ name }) => name);
