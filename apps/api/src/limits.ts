// Limits that follow from the architecture rather than from settings.

/** Bytes of a definition as JSON, so that it fits into an event (architecture.md section 3). */
export const definitionBytesMax = 32 * 1024;

/** Bytes of container logs in one answer, newest whole lines (pods-api.md 3.8). */
export const logBytesMax = 10 * 1024 * 1024;
