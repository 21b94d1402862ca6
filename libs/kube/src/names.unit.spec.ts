// What names and labels guarantee for every id that the platform accepts.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunIdentity } from './names.ts';
import {
  labelKeys,
  labelValue,
  objectName,
  parseRunIdentity,
  portName,
  runAnnotations,
  runLabels,
  runNames,
  runSelector,
} from './names.ts';

const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsSubdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const validLabelValue = /^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

const podId = fc.stringMatching(/^[a-z][a-z0-9]{2,63}$/);
/** What a subject token may be: wider than any id in use. */
const token = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{1,12}$/),
  fc.stringMatching(/^[a-z-]{1,64}$/),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
);
const identity: fc.Arbitrary<RunIdentity> = fc.record({
  installation: token,
  site: token,
  tenant: token,
  podId,
  incarnation: fc.integer({ min: 1, max: 1000 }),
  run: fc.integer({ min: 1, max: 1_000_000 }),
});
const sample: RunIdentity = {
  installation: 'i1',
  site: 'local',
  tenant: 'dev',
  podId: 'docpod',
  incarnation: 1,
  run: 3,
};

describe('names', () => {
  it('are the documented ones for ordinary ids', () => {
    expect(runNames(sample)).toEqual({
      pod: 'pods-local-dev-docpod',
      service: 'pods-local-dev-docpod',
      anchor: 'pods-local-dev-docpod-run-3',
      secret: 'pods-local-dev-docpod-run-3',
      networkPolicy: 'pods-local-dev-docpod-run-3',
    });
  });

  it('keep a tenant with hyphens readable, because nothing else can have that name', () => {
    expect(objectName({ ...sample, tenant: 'my-lab' })).toBe('pods-local-my-lab-docpod');
  });

  it('are valid whatever the ids: a DNS label for Pod and Service, a DNS subdomain for the rest', () => {
    fc.assert(
      fc.property(identity, (run) => {
        const names = runNames(run);
        expect(names.pod).toMatch(dnsLabel);
        expect(names.service).toMatch(dnsLabel);
        for (const name of [names.anchor, names.secret, names.networkPolicy]) expect(name).toMatch(dnsSubdomain);
      }),
    );
  });

  it('differ for different pods, also where parts are long, odd, or shift their hyphens', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(identity, {
          minLength: 2,
          maxLength: 8,
          selector: (run) => `${run.site}|${run.tenant}|${run.podId}`,
        }),
        (runs) => {
          expect(new Set(runs.map(objectName)).size).toBe(runs.length);
        },
      ),
    );
    expect(objectName({ ...sample, site: 'a', tenant: 'b-c' })).not.toBe(
      objectName({ ...sample, site: 'a-b', tenant: 'c' }),
    );
    const long = 'a'.repeat(63);
    expect(objectName({ ...sample, podId: `${long}x` })).not.toBe(objectName({ ...sample, podId: `${long}y` }));
  });

  it('never let a shortened name be the full name of another pod', () => {
    fc.assert(
      fc.property(identity, (run) => {
        const name = objectName(run);
        const last = name.slice(name.lastIndexOf('-') + 1);
        expect(last === run.podId || last.startsWith('0')).toBe(true);
      }),
    );
  });

  it('name ports within the 15 characters that Kubernetes allows', () => {
    expect(portName(0)).toBe('p0');
    expect(portName(65_535).length).toBeLessThanOrEqual(15);
  });
});

describe('labels', () => {
  it('are valid values for every id', () => {
    fc.assert(
      fc.property(identity, (run) => {
        for (const value of Object.values(runLabels(run))) expect(value).toMatch(validLabelValue);
      }),
    );
  });

  it('differ for different ids of the same length', () => {
    fc.assert(
      fc.property(fc.uniqueArray(token, { minLength: 2, maxLength: 8 }), (ids) => {
        expect(new Set(ids.map(labelValue)).size).toBe(ids.length);
      }),
    );
  });

  it('are read back with the full ids, also where labels had to cut them', () => {
    fc.assert(
      fc.property(identity, (run) => {
        expect(parseRunIdentity({ labels: runLabels(run), annotations: runAnnotations(run) })).toEqual(run);
      }),
    );
  });

  it('of others are nobody: missing mark, missing parts, or an annotation that does not fit its label', () => {
    const labels = runLabels(sample);
    const annotations = runAnnotations(sample);
    expect(parseRunIdentity(undefined)).toBeUndefined();
    expect(parseRunIdentity({ labels: { ...labels, [labelKeys.managedBy]: 'helm' }, annotations })).toBeUndefined();
    expect(parseRunIdentity({ labels: { ...labels, [labelKeys.run]: 'x' }, annotations })).toBeUndefined();
    expect(parseRunIdentity({ labels, annotations: { ...annotations, [labelKeys.pod]: 'other' } })).toBeUndefined();
  });

  it('select the Pod of one run and of no other', () => {
    const matches = (selector: Record<string, string>, labels: Record<string, string>): boolean =>
      Object.entries(selector).every(([key, value]) => labels[key] === value);
    expect(matches(runSelector(sample), runLabels(sample))).toBe(true);
    for (const other of [
      { run: 4 },
      { incarnation: 2 },
      { tenant: 'lab' },
      { podId: 'other' },
      { installation: 'i2' },
    ]) {
      expect(matches(runSelector(sample), runLabels({ ...sample, ...other }))).toBe(false);
    }
  });
});
