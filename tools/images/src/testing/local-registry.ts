// For specs: a real registry program on a free port, with its store in a scratch folder.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureProgram } from '@pods/local';
import { execa } from 'execa';

export type LocalRegistry = {
  readonly url: string;
  /** Ends the registry, keeping its store, so that nothing answers on its port any more. */
  readonly end: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

const LISTENING = /listening on 127\.0\.0\.1:(\d+)/;

/** Starts the registry; with `readonly` it refuses every upload. */
export const startRegistry = async (mode: 'writable' | 'readonly' = 'writable'): Promise<LocalRegistry> => {
  const folder = await mkdtemp(join(tmpdir(), 'registry-spec-'));
  const configFile = join(folder, 'config.yaml');
  const lines = [
    'version: 0.1',
    'log: {level: info, accesslog: {disabled: true}}',
    'storage:',
    `  filesystem: {rootdirectory: ${folder}/store}`,
    `  maintenance: {readonly: {enabled: ${mode === 'readonly'}}}`,
    'http: {addr: "127.0.0.1:0"}',
  ];
  await writeFile(configFile, `${lines.join('\n')}\n`);
  const program = await ensureProgram('registry');
  const env = { OTEL_TRACES_EXPORTER: 'none' };
  const child = execa(program, ['serve', configFile], { env, reject: false, buffer: false });
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child;
  };
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const [, port] = LISTENING.exec(line) ?? [];
    if (port === undefined) continue;
    child.stderr.resume();
    const remove = async (): Promise<void> => {
      await end();
      await rm(folder, { recursive: true, force: true });
    };
    return { url: `http://127.0.0.1:${port}`, end, remove };
  }
  throw new Error(`the registry did not start:\n${said.join('\n')}`);
};
