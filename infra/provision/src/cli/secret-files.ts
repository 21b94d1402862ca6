// Files that hold secrets: read whole, written whole or not at all, for their owner's eyes only.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from './report.ts';

/** The content without white space around it. @throws Refusal when there is none */
export async function readSecret(file: string, what: string): Promise<string> {
  const content = await attempt(readFile(file, 'utf8'), `${what} cannot be read from ${file}`);
  const secret = content.trim();
  if (secret === '') throw new Refusal('file_empty', `${file} is empty; it should hold ${what}.`);
  return secret;
}

/** @throws Refusal when the file cannot be written */
export async function writeSecret(file: string, content: string): Promise<void> {
  await attempt(writeWhole(file, content), `${file} cannot be written`);
}

async function writeWhole(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}.draft`;
  try {
    await writeFile(draft, content, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function attempt<T>(work: Promise<T>, trouble: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (reason === undefined) throw error;
    throw new Refusal('file_unusable', `${trouble} (${reason}).`, { cause: error });
  }
}
