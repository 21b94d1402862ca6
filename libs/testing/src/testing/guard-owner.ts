// A program for the guard's spec: starts a guarded process, prints where and what it is as JSON, and stays.
import { startGuard } from '../servers/start-guard.ts';

const guard = await startGuard('spec');
const { pid } = await guard.start({ name: 'sleeper', command: 'sleep', args: ['600'] });
process.stdout.write(`${JSON.stringify({ pid, folder: guard.folder })}\n`);
