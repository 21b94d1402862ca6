// What is counted about passes. Ids are never labels.
import type { Metrics } from '@pods/service';
import type { Action } from './reconcile/pod/actions.ts';

export interface SpawnMetrics {
  readonly action: (action: Action) => void;
  readonly repair: () => void;
  readonly orphansRefused: () => void;
}

export function createSpawnMetrics(metrics: Metrics): SpawnMetrics {
  const actions = metrics.counter('spawner_actions_total', 'Actions carried out', ['action', 'object']);
  const repairs = metrics.counter('spawner_repairs_total', 'Passes that only the timed full pass found necessary');
  const refused = metrics.counter(
    'spawner_orphans_refused_total',
    'Passes that left objects without a history alone because there are too many',
  );
  return {
    action: (action) => {
      actions.inc(labelsOf(action));
    },
    repair: () => {
      repairs.inc();
    },
    orphansRefused: () => {
      refused.inc();
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
