// Reading events: known types strictly, newer ones not at all, without telling values.
import { describe, expect, test } from 'vitest';
import { mayEmit, podEventEmitters } from './emitters.ts';
import { isPodEventType, MalformedPodEventError, parsePodEvent, podEventTypes } from './pod-events.ts';

describe('parsePodEvent', () => {
  test('joins type and body, and drops keys of a newer version', () => {
    expect(parsePodEvent('PodStopped', { incarnation: 1, run: 2, added: 'later' })).toEqual({
      type: 'PodStopped',
      incarnation: 1,
      run: 2,
    });
  });
  test('names the field that does not fit, and never its value', () => {
    const read = (): unknown => parsePodEvent('PodStopped', { incarnation: 1, run: 'hunter2' });
    expect(read).toThrow(MalformedPodEventError);
    expect(read).toThrow(/run: invalid_type/);
    expect(read).not.toThrow(/hunter2/);
  });
  test('a type inside the body does not win over the header', () => {
    expect(parsePodEvent('PodStopRequested', { type: 'PodDeleted' })).toEqual({ type: 'PodStopRequested' });
  });
  test('a type of a newer version is not known', () => {
    expect(isPodEventType('PodTeleported')).toBe(false);
    expect(isPodEventType('toString')).toBe(false);
  });
});

describe('who may write what', () => {
  test('every event has exactly one writer', () => {
    const written = Object.values(podEventEmitters).flat();
    expect(written.toSorted()).toEqual(podEventTypes.toSorted());
  });
  test('an event of another app is refused', () => {
    expect(mayEmit('health', 'PodBecameAvailable')).toBe(true);
    expect(mayEmit('health', 'PodDeleted')).toBe(false);
    expect(mayEmit('api', 'PodStopped')).toBe(false);
  });
});
