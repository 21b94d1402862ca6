// Puts what an existing cluster refuses into words for whoever chose it.
import { KubeError } from '@pods/kube';
import { MachineError } from '../../steps/machine.ts';

/** Whom the words are about. */
export type Asked = { readonly context: string; readonly server: string };

const innermost = (error: Error): Error => (error.cause instanceof Error ? innermost(error.cause) : error);

/** The codes of OpenSSL for a certificate that does not hold, as Node has them. */
const CERTIFICATE = /CERT|SIGNATURE|UNABLE_TO|ERR_TLS/;

const unavailable = ({ context }: Asked, error: Error): string =>
  'code' in error && CERTIFICATE.test(String(error.code))
    ? 'What it shows is not what the kubeconfig says: see certificate-authority-data and tls-server-name there.'
    : `Is it running, and can it be reached from this machine? This asks it too: kubectl --context ${context} get --raw /readyz`;

const lines = (asked: Asked, error: KubeError): readonly string[] => {
  const { context, server } = asked;
  const cluster = `The cluster of context ${context}, at ${server},`;
  switch (error.code) {
    case 'Unavailable': {
      const cause = innermost(error);
      // Node adds advice about its own flags.
      const [why = ''] = cause.message.trim().split(';');
      return [`${cluster} cannot be asked: ${why}.`, unavailable(asked, cause)];
    }
    case 'Unauthorized':
      return [
        `${cluster} does not let this context's user in: ${error.message}.`,
        'Its token or certificate may be wrong or too old: sign in to the cluster again, or choose another context with --context NAME.',
      ];
    case 'Forbidden':
      return [
        `${cluster} does not allow this context's user what is needed: ${error.message}.`,
        'Ask its administrator for that right, or choose another context with --context NAME.',
      ];
    case 'NotFound':
    case 'AlreadyExists':
    case 'Conflict':
    case 'Invalid':
    case 'TooLarge':
    case 'Gone':
    case 'Unexpected':
      return [`${cluster} answered what was not expected: ${error.message}.`];
  }
};

/** For people, what can be; a mistake of ours stays what it is. */
export const explainCluster = (asked: Asked, error: unknown): unknown =>
  error instanceof KubeError ? new MachineError(lines(asked, error)) : error;
