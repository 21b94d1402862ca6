// What goes wrong in real containers, and what its owner can read about it.
import { eventually } from '@pods/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Platform } from './client/platform.ts';
import { openPlatform } from './client/platform.ts';

const image = 'pods.local/webpage:1';
let platform: Platform;
beforeAll(async () => {
  platform = await openPlatform();
});

describe('the cause of a failure is readable', () => {
  test.each([
    ['failimage', 'an image that does not exist', { image: 'pods.local/nosuchimage:1' }, /pods\.local\/nosuchimage:1/],
    [
      'failcommand',
      'a command that is not in the image',
      { image, command: ['/no/such/program'] },
      /no such file|not found/i,
    ],
  ] as const)('%s: %s', async (podId, _, definition, cause) => {
    const { api, status } = platform;
    await api.create({ pod_id: podId, ...definition });
    const failed = await status(podId, 'ERROR', 170_000);
    expect(JSON.stringify(failed.status_container)).toMatch(cause);
    expect((await api.logs(podId)).action_logs.join('\n')).toMatch(cause);
    await api.remove(podId);
  });

  test.each([
    ['exitthree', 3, 'ERROR', /exit code 3|exit=3/],
    ['exitzero', 0, 'COMPLETE', /COMPLETE/],
  ] as const)(
    '%s: a program that ends with %i shows %s, and what it wrote stays readable',
    async (podId, code, word, text) => {
      const { api, status, visit } = platform;
      await api.create({ pod_id: podId, image, environment_variables: { ALLOW_EXIT: '1' } });
      const pod = await status(podId, 'AVAILABLE');
      await eventually(async () => {
        expect((await visit(pod, '/healthz')).status).toBe(200);
      });
      await visit(pod, `/exit?code=${code}`);
      await status(podId, word);
      const logs = await api.logs(podId);
      expect(logs.action_logs.join('\n')).toMatch(text);
      expect(logs.logs).toContain('webpage listening on :5000');
      await api.remove(podId);
    },
  );
});
