import { describe, expect, it } from 'vitest';
import { add, isCounts, nothing, ofCheck, ofRun, render } from './counts.ts';

describe('the count of a run', () => {
  it('names skipped specs only when there are any', () => {
    expect(render({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(render({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });

  it('adds up each kind by itself', () => {
    const sum = [ofCheck(true), ofCheck(false), { passed: 5, failed: 6, skipped: 7 }].reduce(add, nothing);
    expect(sum).toEqual({ passed: 6, failed: 7, skipped: 7 });
  });

  it('is one failure when the run ended without reporting, whatever its exit code', () => {
    expect(ofRun(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(ofRun(undefined, 130)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('holds one failure for an exit code that no spec explains', () => {
    expect(ofRun({ passed: 2, failed: 0, skipped: 0 }, 1)).toEqual({ passed: 2, failed: 1, skipped: 0 });
    expect(ofRun({ passed: 2, failed: 3, skipped: 0 }, 1)).toEqual({ passed: 2, failed: 3, skipped: 0 });
    expect(ofRun({ passed: 2, failed: 0, skipped: 0 }, 0)).toEqual({ passed: 2, failed: 0, skipped: 0 });
  });

  it.each([undefined, null, 'text', {}, { passed: 1, failed: 0 }, { passed: '1', failed: 0, skipped: 0 }])(
    'is not taken from the message %j',
    (message) => {
      expect(isCounts(message)).toBe(false);
    },
  );
});
