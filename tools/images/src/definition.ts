// The shape of one image of the catalogue: what it is made of and how it runs. No I/O.

/** A user (with a group of the same name and number) that the image needs in its passwd file. */
export type ImageUser = { readonly name: string; readonly id: number; readonly home: string };

/** A folder that a package's maintainer script would have made. */
export type ImageFolder = { readonly path: string; readonly mode: number; readonly ownerId: number };

/** A file of ours: `from` is relative to the tool's `files` folder, `to` absolute in the image. */
export type ImageFile = { readonly from: string; readonly to: string; readonly mode: number };

/** A symbolic link in the image. */
export type ImageLink = { readonly path: string; readonly target: string };

/** Debian packages that are unpacked into the image, with everything they depend on. */
export type DebianPart = {
  readonly packages: readonly string[];
  /** Dependencies that only matter when a package is configured by dpkg, or that are large and unused here. */
  readonly leaveOut: readonly string[];
  /** Path prefixes (without a leading slash) that are not taken into the image. */
  readonly dropPaths: readonly string[];
};

/** A Go program of ours, standard library only, linked statically. */
export type GoPart = {
  /** Folder below the tool's `go` folder. */
  readonly folder: string;
  /** Absolute path of the program in the image. */
  readonly to: string;
};

/** The parts of an OCI image's `config` object that are used here, in the specification's spelling. */
export type RunConfig = {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
};

/** One image of the catalogue. */
export type ImageDefinition = {
  readonly name: string;
  readonly tag: string;
  readonly description: string;
  readonly go?: GoPart;
  readonly debian?: DebianPart;
  readonly users: readonly ImageUser[];
  readonly folders: readonly ImageFolder[];
  readonly files: readonly ImageFile[];
  readonly links: readonly ImageLink[];
  readonly config: RunConfig;
};

/** The registry part of all names in the catalogue. It is a name, not an address: nothing is looked up under it. */
export const REGISTRY_NAME = 'pods.local';

/** The name by which pods refer to an image, such as `pods.local/webpage:1`. */
export const referenceOf = (image: Pick<ImageDefinition, 'name' | 'tag'>): string =>
  `${REGISTRY_NAME}/${image.name}:${image.tag}`;
