// Names of Debian packages as apt prints them. Pure.

/** One package in one version, as a downloadable file. */
export type PackageFile = {
  readonly name: string;
  readonly version: string;
  /** Name of the .deb file as apt saves it. */
  readonly fileName: string;
  readonly sizeBytes: number;
};

const PRINTED = /^'[^']+' (([^_\s]+)_([^_\s]+)_\S+\.deb) (\d+) ?\S*$/;

/**
 * Reads the lines of `apt-get --print-uris`: `'<uri>' <name>_<version>_<architecture>.deb <size> <hash>`, where the
 * hash may be missing. Other lines are remarks and are skipped.
 * @throws Error for a line that begins like a package and is none: a package left out unnoticed breaks an image.
 */
export const parsePrintedUris = (output: string): readonly PackageFile[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith("'"))
    .map((line) => {
      const [, fileName, name, version, size] = PRINTED.exec(line) ?? [];
      if (fileName === undefined || name === undefined || version === undefined || size === undefined) {
        throw new Error(`apt-get printed a package in an unknown form: ${line}`);
      }
      return { name, version: decodeURIComponent(version), fileName, sizeBytes: Number(size) };
    });

/** Whether a package name is in the list; an entry ending in `*` stands for all names that begin so. */
export const isListed = (name: string, list: readonly string[]): boolean =>
  list.some((entry) => (entry.endsWith('*') ? name.startsWith(entry.slice(0, -1)) : name === entry));
