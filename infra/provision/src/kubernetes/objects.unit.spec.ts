// What counts as being in the cluster as wanted.
import { describe, expect, it } from 'vitest';
import { holds, wantedObjects } from './objects.ts';

describe('an object', () => {
  it('is as wanted when the server added fields of its own', () => {
    for (const { object } of wantedObjects('pods')) {
      const stored = { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '1' }, status: {} };
      expect(holds(stored, object)).toBe(true);
    }
  });

  it.for([
    ['a right more', { rules: [{ verbs: ['get', 'delete'] }] }],
    ['a rule more', { rules: [{ verbs: ['get'] }, { verbs: ['*'] }] }],
    ['a right less', { rules: [{ verbs: [] }] }],
    ['no rules', {}],
    ['rules of another form', { rules: 'all' }],
  ] as const)('is not as wanted with %s', ([, found]) => {
    expect(holds(found, { rules: [{ verbs: ['get'] }] })).toBe(false);
  });
});
