// Whatever a body holds: it is parsed or refused in words, never more.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPodParser } from './create-pod.ts';
import { defaultResourceSettings } from './fields/resources.ts';
import { problemLine } from './problem.ts';
import { createUpdatePodParser } from './update-pod.ts';

const limits = { resources: defaultResourceSettings, computeQueues: ['default'] };
const create = createPodParser(limits);
const update = createUpdatePodParser(limits);

const fields = [
  'pod_id',
  'image',
  'template',
  'description',
  'command',
  'arguments',
  'environment_variables',
  'status_requested',
  'volume_mounts',
  'time_to_stop_default',
  'time_to_stop_instance',
  'networking',
  'resources',
  'compute_queue',
  'secret_map',
];

/** Values that are close to what fields hold, and values that are not. */
const value = fc.oneof(
  fc.jsonValue(),
  fc.string(),
  fc.integer(),
  fc.array(fc.string()),
  fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()))),
  fc.constantFrom({ default: { port: 80 } }, { gpus: 1 }, '8080', 'ON', 'docpod', 'a/b:c', null),
);
const body = fc.dictionary(fc.constantFrom(...fields), value).map((entries) => ({ ...entries }));

describe('any body', () => {
  it('is parsed into a definition that can be stored, or refused with one line for each problem', () => {
    fc.assert(
      fc.property(body, (anything) => {
        for (const parsed of [
          create(anything, 'dev.test'),
          update(anything, { podId: 'docpod', tenantHostName: 'dev.test' }),
        ]) {
          if (parsed.ok) {
            expect(() => JSON.stringify(parsed.value)).not.toThrow();
            continue;
          }
          expect(parsed.problems.length).toBeGreaterThan(0);
          for (const line of parsed.problems.map(problemLine)) expect(line).toMatch(/^[\x20-\x7e]+: [\x20-\x7e]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('shows no value of a variable or a secret in its refusal', () => {
    const secret = fc.string({ minLength: 12, maxLength: 40, unit: fc.constantFrom('q', 'x', 'z', '7', '\0', 'é') });
    fc.assert(
      fc.property(secret, (text) => {
        const parsed = create(
          { pod_id: 'docpod', image: text, environment_variables: { A: text, B: [text] }, secret_map: { A: text } },
          'dev.test',
        );
        const lines = parsed.ok ? [] : parsed.problems.map(problemLine);
        expect(lines.some((line) => line.includes(text))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});
