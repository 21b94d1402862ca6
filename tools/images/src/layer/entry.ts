// One thing in an image's file system, as it is put into the layer. Types and small makers only.

type Common = { readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number };

/** A folder, file or link. Paths are relative to the image's root, without a leading or trailing slash. */
export type LayerEntry =
  | (Common & { readonly kind: 'folder' })
  | (Common & { readonly kind: 'file'; readonly content: Buffer })
  /** The content must be read to its end before the next entry is asked for. */
  | (Common & { readonly kind: 'stream'; readonly sizeBytes: number; readonly content: AsyncIterable<Uint8Array> })
  | (Common & { readonly kind: 'symlink'; readonly target: string })
  | (Common & { readonly kind: 'hardlink'; readonly target: string });

const relative = (path: string): string => path.replace(/^\/+|\/+$/g, '');

/** A folder; `path` may begin with a slash. */
export const folder = (path: string, mode = 0o755, ownerId = 0): LayerEntry => ({
  kind: 'folder',
  path: relative(path),
  mode,
  uid: ownerId,
  gid: ownerId,
});

/** A file owned by root with the given content; `path` may begin with a slash. */
export const file = (path: string, content: Buffer | string, mode = 0o644): LayerEntry => ({
  kind: 'file',
  path: relative(path),
  mode,
  uid: 0,
  gid: 0,
  content: Buffer.from(content),
});

/** A symbolic link; `path` may begin with a slash, `target` is kept as it is. */
export const symlink = (path: string, target: string): LayerEntry => ({
  kind: 'symlink',
  path: relative(path),
  mode: 0o777,
  uid: 0,
  gid: 0,
  target,
});
