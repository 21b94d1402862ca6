// Whose a control group is, on this machine's own hierarchies. Needs root, as the platform does.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cgroupOwner, ensureCgroup, hierarchiesOf, killCgroup, removeCgroup } from './cgroups.ts';

let group = '';
let state = '';
beforeEach(async () => {
  group = `pods-spec-${randomUUID().slice(0, 8)}`;
  state = await mkdtemp(join(tmpdir(), 'pods-cgroup-'));
  await ensureCgroup(group, state);
});
afterEach(async () => {
  await killCgroup(group, state);
  await removeCgroup(group, state);
  await rm(state, { recursive: true, force: true });
});

describe('a control group', () => {
  it('belongs to the platform that made it, and to nobody after its removal', async () => {
    expect(await cgroupOwner(group)).toBe(state);
    await removeCgroup(group, state);
    expect(await cgroupOwner(group)).toBeUndefined();
  });

  it('is not removed or emptied for another platform', async () => {
    await killCgroup(group, '/another');
    await removeCgroup(group, '/another');
    expect(await cgroupOwner(group)).toBe(state);
  });

  it('whose platform’s folder was deleted belongs to it only while it has processes', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const [root = ''] = hierarchiesOf(await readFile('/proc/self/mounts', 'utf8'));
    await writeFile(join(root, group, 'cgroup.procs'), String(child.pid));
    await rm(state, { recursive: true });
    expect(await cgroupOwner(group)).toBe(state);
    const ended = once(child, 'exit');
    await killCgroup(group, state);
    await ended;
    expect(await cgroupOwner(group)).toBeUndefined();
    // So that what this spec made can be removed.
    await ensureCgroup(group, state);
    await writeFile(state, '');
  });
});
