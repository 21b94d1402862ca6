// The few calls of the OCI distribution specification 1.1 that pushing needs, over fetch. Turns every
// failure into a PushError.
import { openAsBlob } from 'node:fs';
import { PushError } from '../errors.ts';
import { MEDIA_TYPE } from '../oci/documents.ts';

const CALL_TIMEOUT_MS = 10_000;
const UPLOAD_TIMEOUT_MS = 300_000;

/** One repository of a registry. */
export type Repository = {
  readonly hasBlob: (digest: string) => Promise<boolean>;
  /** Streams a file into the registry, which checks the digest. */
  readonly putBlob: (digest: string, path: string) => Promise<void>;
  /** The digest that a tag points to, or undefined. */
  readonly digestOfTag: (tag: string) => Promise<string | undefined>;
  /** Stores a manifest under a tag and returns the digest under which the registry knows it. */
  readonly putManifest: (tag: string, manifest: string) => Promise<string | undefined>;
};

/** What a registry said in an error body, short enough for a message. */
const saidBy = async (response: Response): Promise<string> =>
  (await response.text().catch(() => '')).trim().slice(0, 300);

type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal | undefined };

const call = async (url: URL, init: RequestInit, { timeoutMs, signal }: Limits): Promise<Response> => {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await fetch(url, { ...init, signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]) });
  } catch (error) {
    // Ended by the caller: no trouble of the registry.
    signal?.throwIfAborted();
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new PushError('unreachable', `no answer from the registry at ${url.origin} (${why}): is it running?`, {
      retryable: true,
      cause: error,
    });
  }
};

const refused = async (what: string, url: URL, response: Response): Promise<PushError> =>
  new PushError(
    'refused',
    `the registry at ${url.origin} did not ${what}: HTTP ${response.status} ${await saidBy(response)}`,
    {
      retryable: response.status >= 500 || response.status === 429,
    },
  );

/** The repository `name` of the registry at `registryUrl`. Each call has its own deadline; `signal` ends all. */
export const openRepository = (registryUrl: string, name: string, signal?: AbortSignal): Repository => {
  const base = new URL(`/v2/${name}/`, registryUrl);
  const within = (timeoutMs: number): Limits => ({ timeoutMs, signal });

  const head = async (path: string, headers: Record<string, string> = {}): Promise<Response | undefined> => {
    const url = new URL(path, base);
    const response = await call(url, { method: 'HEAD', headers }, within(CALL_TIMEOUT_MS));
    if (response.status === 404) return undefined;
    if (!response.ok) throw await refused(`say whether it has ${path}`, url, response);
    return response;
  };

  const startUpload = async (): Promise<URL> => {
    const url = new URL('blobs/uploads/', base);
    const response = await call(url, { method: 'POST' }, within(CALL_TIMEOUT_MS));
    const location = response.headers.get('location');
    if (response.status !== 202 || location === null) throw await refused('take an upload', url, response);
    return new URL(location, url);
  };

  return {
    hasBlob: async (digest) => (await head(`blobs/${digest}`)) !== undefined,

    putBlob: async (digest, path) => {
      const url = await startUpload();
      url.searchParams.set('digest', digest);
      const body = await openAsBlob(path);
      const headers = { 'content-type': 'application/octet-stream' };
      const response = await call(url, { method: 'PUT', headers, body }, within(UPLOAD_TIMEOUT_MS));
      if (response.status !== 201) throw await refused(`store blob ${digest}`, url, response);
      await response.body?.cancel();
    },

    digestOfTag: async (tag) => {
      const response = await head(`manifests/${tag}`, { accept: MEDIA_TYPE.manifest });
      return response?.headers.get('docker-content-digest') ?? undefined;
    },

    putManifest: async (tag, manifest) => {
      const url = new URL(`manifests/${tag}`, base);
      const init = { method: 'PUT', headers: { 'content-type': MEDIA_TYPE.manifest }, body: manifest };
      const response = await call(url, init, within(CALL_TIMEOUT_MS));
      if (response.status !== 201) throw await refused(`store the manifest of ${name}:${tag}`, url, response);
      await response.body?.cancel();
      return response.headers.get('docker-content-digest') ?? undefined;
    },
  };
};
