// What is counted about passes. Ids are never labels.
import type { Metrics } from '@pods/service';
import type { Action } from './reconcile/pod/actions.ts';

export interface SpawnMetrics {
  readonly action: (action: Action) => void;
  readonly repair: () => void;
  /** Told after each pass of a pod whether objects of it were left alone. */
  readonly orphansRefused: (key: string, refused: boolean) => void;
}

export function createSpawnMetrics(metrics: Metrics): SpawnMetrics {
  const actions = metrics.counter('spawner_actions_total', 'Actions carried out', ['action', 'object']);
  const repairs = metrics.counter('spawner_repairs_total', 'Passes that only the timed full pass found necessary');
  const refused = metrics.counter(
    'spawner_orphans_refused_total',
    'Passes that left objects alone which the log does not account for',
  );
  const unaccounted = new Set<string>();
  const gauge = metrics.gauge(
    'spawner_unaccounted_pods',
    'Pods with objects in the cluster which the log does not account for; a healthy system has none',
  );
  return {
    action: (action) => {
      actions.inc(labelsOf(action));
    },
    repair: () => {
      repairs.inc();
    },
    orphansRefused: (key, isRefused) => {
      if (isRefused) refused.inc();
      if (isRefused) unaccounted.add(key);
      else unaccounted.delete(key);
      gauge.set(unaccounted.size);
    },
  };
}

function labelsOf(action: Action): { readonly action: string; readonly object: string } {
  switch (action.type) {
    case 'Record':
      return { action: 'record', object: action.command.type };
    case 'RecordCreated':
      return { action: 'record', object: 'RecordObjectsCreated' };
    case 'Create':
    case 'Apply':
      return { action: action.type.toLowerCase(), object: action.part };
    case 'Delete':
      return { action: 'delete', object: action.kind };
  }
}
