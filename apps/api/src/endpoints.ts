// The endpoint of each operation. The type of the table makes sure that none is missing and that each is of the kind
// that its row of the route table asks for.
import type { ApiSettings } from './deps.ts';
import type { Endpoints } from './http/endpoint.ts';
import { buildDocument } from './openapi/document.ts';
import { createPodParser } from './requests/create-pod.ts';
import { createUpdatePodParser } from './requests/update-pod.ts';
import { docsAsset, docsPage, openApiDocument } from './routes/docs.route.ts';
import { errorHandler, healthcheck, notOffered } from './routes/misc.route.ts';
import { createPod } from './routes/pods/create-pod.route.ts';
import { deletePod } from './routes/pods/delete-pod.route.ts';
import { getPodLogs } from './routes/pods/get-pod-logs.route.ts';
import { getPod } from './routes/pods/get-pod.route.ts';
import { listPods } from './routes/pods/list-pods.route.ts';
import { restartPod, startPod, stopPod } from './routes/pods/run-pod.route.ts';
import { updatePod } from './routes/pods/update-pod.route.ts';

/** Builds all endpoints with the installation's settings. */
export function createEndpoints({ version, limits }: ApiSettings): Endpoints {
  const document = openApiDocument(buildDocument({ version, limits }));
  const jupyter = notOffered(
    'Jupyter pods are not offered: this installation has no notebook template to start them from.',
  );
  const clusters = notOffered(
    'Clusters of pods are not offered: each pod of this installation is scheduled by itself.',
  );
  return {
    healthcheck,
    error_handler: errorHandler,
    openapi_document: document,
    openapi_document_below_pods: document,
    docs_page: docsPage,
    docs_asset: docsAsset,
    docs_page_below_pods: docsPage,
    docs_asset_below_pods: docsAsset,
    ensure_jupyter_pod: jupyter,
    upload_to_jupyter: jupyter,
    list_clusters: clusters,
    create_cluster: clusters,
    get_cluster: clusters,
    delete_cluster: clusters,
    list_pods: listPods,
    create_pod: createPod(createPodParser(limits)),
    get_pod: getPod,
    update_pod: updatePod(createUpdatePodParser(limits)),
    delete_pod: deletePod,
    start_pod: startPod,
    stop_pod: stopPod,
    restart_pod: restartPod,
    get_pod_logs: getPodLogs,
  };
}
