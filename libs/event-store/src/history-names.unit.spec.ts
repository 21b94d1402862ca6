// Keys and versions go into subjects and come back; what is no key gets into none.
import { parsePodEventSubject, topology } from '@pods/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventSubject, familySubjects, historySubjects, parseEventSubject, podHistories } from './history-names.ts';

const token = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);

describe('subjects of pod histories', () => {
  it('are the ones of contracts', () => {
    for (const names of [topology(), topology('other')]) {
      const histories = podHistories(names);
      const key = { tenant: 'dev', podId: 'docpod' };
      expect(histories.stream).toBe(names.streams.podEvents);
      expect(eventSubject(histories, ['dev', 'docpod'], 3)).toBe(names.subjects.podEvent(key, 3));
      expect(historySubjects(histories, ['dev', 'docpod'])).toBe(names.subjects.podEventsOf(key));
      expect(familySubjects(histories)).toBe(names.subjects.allPodEvents);
      const subject = eventSubject(histories, ['dev', 'docpod'], 3);
      expect(parsePodEventSubject(names, subject)).toEqual({ key, version: 3 });
    }
  });

  it('give back their key and version', () => {
    fc.assert(
      fc.property(token, token, fc.integer({ min: 1 }), (tenant, podId, version) => {
        const histories = podHistories(topology('x1'));
        const key = [tenant, podId];
        expect(parseEventSubject(histories, eventSubject(histories, key, version))).toEqual({ key, version });
      }),
    );
  });

  it('take no key that would reach into other subjects, and no version below 1', () => {
    const histories = podHistories(topology());
    for (const bad of ['', '*', '>', 'a.b', 'a b', 'ü', 'x'.repeat(65)]) {
      expect(() => eventSubject(histories, ['dev', bad], 1)).toThrow(RangeError);
      expect(() => historySubjects(histories, [bad, 'docpod'])).toThrow(RangeError);
    }
    expect(() => eventSubject(histories, ['dev'], 1)).toThrow(RangeError);
    for (const bad of [0, -1, 1.5, Number.NaN])
      expect(() => eventSubject(histories, ['dev', 'docpod'], bad)).toThrow(RangeError);
  });

  it('of anything else are not read', () => {
    const histories = podHistories(topology());
    for (const subject of [
      'pods.events.dev.docpod',
      'pods.events.dev.docpod.x',
      'pods.events.dev.docpod.01',
      'pods.events.dev.docpod.0',
      'pods.events.dev.docpod.1.2',
      'other.pods.events.dev.docpod.1',
    ]) {
      expect(parseEventSubject(histories, subject)).toBeUndefined();
    }
  });
});
