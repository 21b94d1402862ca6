// What the published document says about each operation beside its path, method and level: summary, inputs, result.
import { z } from '@hono/zod-openapi';
import type { Operation } from '../http/route-table.ts';
import { newPodSchema } from '../requests/create-pod.ts';
import type { PodLimits } from '../requests/pod-body.ts';
import { updatePodSchema } from '../requests/update-pod.ts';
import { deletePodQuery, getPodQuery, listPodsQuery, restartPodQuery, stopPodQuery } from '../routes/pods/flags.ts';
import { envelopeSchema, podLogsSchema, podSchema } from './schemas.ts';

export interface OperationDoc {
  readonly tag: 'Pods' | 'Misc' | 'Jupyter';
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly multipart?: readonly string[];
  /** Absent for what is not offered. */
  readonly result?: z.ZodType;
  /** Answers with the error that was asked for, whatever it is. */
  readonly anyError?: true;
}

/** Operations of the document. Routes that are not here serve pages, or are not part of the documented API. */
export function operationDocs(limits: PodLimits): Partial<Readonly<Record<Operation, OperationDoc>>> {
  const pod = envelopeSchema(podSchema).openapi('PodResponse');
  return {
    ...miscDocs,
    list_pods: {
      tag: 'Pods',
      summary: 'List pods',
      description: 'Pods on which you have an entry of your own. With X-Pods-Admin: true, all of the tenant.',
      query: listPodsQuery,
      result: envelopeSchema(z.array(podSchema)).openapi('PodsResponse'),
    },
    create_pod: {
      tag: 'Pods',
      summary: 'Create a pod',
      description: 'You become its ADMIN. An Idempotency-Key makes repeating the request safe.',
      body: newPodSchema(limits).openapi('NewPod'),
      result: pod,
    },
    get_pod: { tag: 'Pods', summary: 'Get a pod', query: getPodQuery, result: pod },
    update_pod: {
      tag: 'Pods',
      summary: 'Update a pod',
      description: 'Replaces the fields that are sent, each as a whole. The running container stays as it is.',
      body: updatePodSchema(limits).openapi('UpdatePod'),
      result: pod,
    },
    delete_pod: {
      tag: 'Pods',
      summary: 'Delete a pod',
      query: deletePodQuery,
      result: envelopeSchema(z.string()).openapi('PodDeleteResponse'),
    },
    start_pod: { tag: 'Pods', summary: 'Start a pod that is STOPPED, COMPLETE or ERROR', result: pod },
    stop_pod: { tag: 'Pods', summary: 'Stop a pod', query: stopPodQuery, result: pod },
    restart_pod: { tag: 'Pods', summary: 'Restart a pod', query: restartPodQuery, result: pod },
    get_pod_logs: {
      tag: 'Pods',
      summary: 'Get the logs of a pod',
      result: envelopeSchema(podLogsSchema).openapi('PodLogsResponse'),
    },
  };
}

const miscDocs = {
  healthcheck: { tag: 'Misc', summary: 'Whether the service answers', result: envelopeSchema(z.string()) },
  error_handler: { tag: 'Misc', summary: 'The text of an error page, under that status', anyError: true },
  ensure_jupyter_pod: { tag: 'Jupyter', summary: 'Not offered by this installation' },
  upload_to_jupyter: { tag: 'Jupyter', summary: 'Not offered by this installation', multipart: ['file', 'path'] },
} satisfies Partial<Record<Operation, OperationDoc>>;
