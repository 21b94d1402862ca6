// The errors of finding and building programs.

/** Why a program is not there. The message says what to do. */
export class ProgramError extends Error {
  readonly code: 'no-go' | 'build-failed' | 'no-such-folder';

  constructor(code: ProgramError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ProgramError';
    this.code = code;
  }
}
