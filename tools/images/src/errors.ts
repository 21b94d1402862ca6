// Errors of this tool that a person can do something about.

/** Why an image could not be built. `message` says what to do. */
export class ImageBuildError extends Error {
  readonly code:
    | 'no-apt'
    | 'apt-failed'
    | 'no-go'
    | 'go-failed'
    | 'unpack-failed'
    | 'unknown-image'
    | 'unsupported-processor';

  constructor(code: ImageBuildError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ImageBuildError';
    this.code = code;
  }
}

/** Why an image could not be pushed. `retryable` tells whether the same push may work later. */
export class PushError extends Error {
  readonly code: 'unreachable' | 'refused' | 'digest-mismatch' | 'damaged-image';
  readonly retryable: boolean;

  constructor(
    code: PushError['code'],
    message: string,
    options: { readonly retryable: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'PushError';
    this.code = code;
    this.retryable = options.retryable;
  }
}
