// The programs that specs need: found, or built when there are none, which is said because it takes minutes.
import { type ProgramName, type ProgramProgress, ensureProgram } from '@pods/local';

const reportEveryMs = 30_000;

/** Absolute path of a program. @throws ProgramError of `@pods/local` that says what to do. */
export async function findProgram(name: ProgramName): Promise<string> {
  return ensureProgram(name, { onProgress: reporter() });
}

/** Says each thing once, and that a build goes on every half a minute. */
function reporter(): (progress: ProgramProgress) => void {
  let nextReportMs = 0;
  return (progress) => {
    switch (progress.state) {
      case 'found':
      case 'cached':
        break;
      case 'ignored':
        console.log(`specs: ${progress.reason}`);
        break;
      case 'waiting':
        console.log(`specs: another process is building; ${progress.program} waits for it`);
        break;
      case 'building':
        if (progress.elapsedMs < nextReportMs) break;
        nextReportMs = progress.elapsedMs + reportEveryMs;
        console.log(
          `specs: building ${progress.program}, ${seconds(progress.elapsedMs)} of about ${seconds(progress.estimateMs)}`,
        );
        break;
      case 'built':
        console.log(
          `specs: ${progress.program} is built, in ${seconds(progress.elapsedMs)}; it is kept for the next time`,
        );
        break;
    }
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
