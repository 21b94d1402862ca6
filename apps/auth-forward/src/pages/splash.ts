// The pages that a visitor sees in place of a pod: by status only, never an id, an image, a setting or a log
// (runtime.md 8.5).
import type { PodStatus } from '@pods/domain-pods';

export interface Page {
  readonly status: 404 | 503;
  /** Seconds after which the page asks again; undefined where waiting does not help. */
  readonly refreshSeconds?: number | undefined;
  readonly html: string;
}

const refreshSeconds = 5;

interface Text {
  readonly title: string;
  readonly body: string;
  readonly waiting: boolean;
}

const texts: Readonly<Record<PodStatus, Text>> = {
  REQUESTED: { title: 'Starting', body: 'This service was asked for and will start soon.', waiting: true },
  SPAWNING: { title: 'Starting', body: 'This service is starting.', waiting: true },
  AVAILABLE: { title: 'Almost there', body: 'This service runs and is being connected.', waiting: true },
  RESTARTING: { title: 'Restarting', body: 'This service is restarting.', waiting: true },
  SHUTTING_DOWN: { title: 'Shutting down', body: 'This service is being stopped.', waiting: true },
  STOPPED: { title: 'Stopped', body: 'This service is stopped. Its owner can start it again.', waiting: false },
  COMPLETE: { title: 'Finished', body: 'This service has done its work and ended.', waiting: false },
  ERROR: { title: 'Failed', body: 'This service failed. Its owner finds the cause in its logs.', waiting: false },
};

const notFound: Text = { title: 'Not found', body: 'There is no service at this address.', waiting: false };

/** The page for a pod in this status. */
export function splashPage(status: PodStatus): Page {
  const text = texts[status];
  return { status: 503, refreshSeconds: text.waiting ? refreshSeconds : undefined, html: render(text) };
}

/** The page for a host that leads to no pod. */
export function notFoundPage(): Page {
  return { status: 404, html: render(notFound) };
}

function render({ title, body, waiting }: Text): string {
  const refresh = waiting ? `<meta http-equiv="refresh" content="${refreshSeconds}">` : '';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">${refresh}
<title>${title}</title>
<style>
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.1rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; color-scheme: light dark }
main { max-width: 32rem; padding: 2rem; text-align: center }
</style></head>
<body><main><h1>${title}</h1><p>${body}</p>${waiting ? '<p><small>This page looks again by itself.</small></p>' : ''}</main></body></html>
`;
}
