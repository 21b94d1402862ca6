// Names of Debian packages as apt prints them. Pure.

/** One package in one version, as a downloadable file. */
export type PackageFile = {
  readonly name: string;
  readonly version: string;
  /** Name of the .deb file as apt saves it. */
  readonly fileName: string;
  readonly sizeBytes: number;
};

/**
 * Reads the lines of `apt-get --print-uris`: `'<uri>' <name>_<version>_<architecture>.deb <size> <hash>`.
 * Lines of any other form are not ours and are skipped.
 */
export const parsePrintedUris = (output: string): readonly PackageFile[] =>
  output.split('\n').flatMap((line) => {
    const [, fileName, size] = /^'[^']+' (\S+\.deb) (\d+)(?: \S+)?$/.exec(line) ?? [];
    const [name, version] = fileName?.split('_') ?? [];
    if (fileName === undefined || size === undefined || name === undefined || version === undefined) return [];
    return [{ name, version: decodeURIComponent(version), fileName, sizeBytes: Number(size) }];
  });

/** Whether a package name is in the list; an entry ending in `*` stands for all names that begin so. */
export const isListed = (name: string, list: readonly string[]): boolean =>
  list.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));
