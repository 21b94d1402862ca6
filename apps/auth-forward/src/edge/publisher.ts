// Keeps the document that Traefik fetches: rendered pod by pod as the replica changes, checked, kept on disk.
import type { LivePod } from '@pods/domain-pods';
import { faultsOf } from './check.ts';
import type { HttpPart } from './document.ts';
import { joinParts } from './document.ts';
import { renderPod } from './render-pod.ts';
import { renderShared } from './render-shared.ts';
import type { EdgeSettings } from './settings.ts';

/** Keeps the last good document over a restart. */
export interface DocumentStore {
  readonly load: () => string | undefined;
  readonly save: (text: string) => void;
}

export interface Publisher {
  /** A pod changed, or is gone (undefined). Cheap: only this pod is rendered, and only before the next fetch. */
  readonly update: (key: string, pod: LivePod | undefined) => void;
  readonly setTenantHosts: (hosts: readonly string[]) => void;
  /** The newest good document as JSON; undefined while there is none, or the tenants are not known. */
  readonly document: () => string | undefined;
}

export interface PublisherDeps {
  readonly settings: EdgeSettings;
  readonly store: DocumentStore;
  /** Told the faults of a document that is not served. */
  readonly onFaults: (faults: readonly string[]) => void;
  /** Told of a pod that cannot be rendered; it is left out, the others are served. */
  readonly onBadPod: (key: string, error: unknown) => void;
}

export function createPublisher({ settings, store, onFaults, onBadPod }: PublisherDeps): Publisher {
  const parts = new Map<string, HttpPart>();
  let tenantHosts: readonly string[] | undefined;
  let good = store.load();
  let changed = true;

  const render = (hosts: readonly string[]): void => {
    const http = joinParts([...parts.values(), renderShared(settings, hosts)]);
    const faults = faultsOf({ http });
    if (faults.length > 0) {
      onFaults(faults);
      return;
    }
    const text = JSON.stringify({ http });
    if (text === good) return;
    good = text;
    store.save(text);
  };

  const renderOne = (key: string, pod: LivePod): HttpPart | undefined => {
    try {
      return renderPod(pod, settings);
    } catch (error) {
      onBadPod(key, error);
      return undefined;
    }
  };

  return {
    update: (key, pod) => {
      const part = pod === undefined ? undefined : renderOne(key, pod);
      if (part === undefined) parts.delete(key);
      else parts.set(key, part);
      changed = true;
    },
    setTenantHosts: (hosts) => {
      tenantHosts = hosts.toSorted();
      changed = true;
    },
    document: () => {
      if (tenantHosts === undefined) return undefined;
      if (changed) render(tenantHosts);
      changed = false;
      return good;
    },
  };
}
