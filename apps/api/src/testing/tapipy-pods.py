"""Uses the API as a Python user does, with the real tapipy, and prints what was seen as one JSON line.

Arguments: which interface file tapipy uses (`bundled` or `published`), the base URL, a token, an empty folder name.
"""
import json
import sys
import urllib.request

from openapi_spec_validator import validate_spec
from tapipy import errors
from tapipy.tapis import Tapis

spec, url, token, folder = sys.argv[1:5]
document = f"{url}/v3/pods/openapi.json"
seen = {}

with urllib.request.urlopen(document) as reply:
    validate_spec(json.load(reply))

options = {"custom_spec_dict": {"pods": document}, "spec_dir": folder} if spec == "published" else {}
t = Tapis(base_url=url, access_token=token, **options)
seen["tenant"] = t.tenant_id

seen["health"] = t.pods.healthcheck()
created = t.pods.create_pod(pod_id="pypod" + spec, image="pods.local/web:1", description="from Python", command=None)
seen["created"] = {"pod_id": created.pod_id, "status": created.status, "port": created.networking.default.port, "command": created.command}
seen["listed"] = [pod.pod_id for pod in t.pods.list_pods()]
seen["got"] = t.pods.get_pod(pod_id=created.pod_id).description
updated = t.pods.update_pod(pod_id=created.pod_id, description="changed", compute_queue="default")
seen["updated"] = updated.description
seen["stopped"] = t.pods.stop_pod(pod_id=created.pod_id).status
seen["started"] = t.pods.start_pod(pod_id=created.pod_id).status
seen["restarted"] = t.pods.restart_pod(pod_id=created.pod_id, grab_latest_template_tag=True).status_requested
logs = t.pods.get_pod_logs(pod_id=created.pod_id)
seen["logs"] = {"logs": logs.logs, "action_logs": len(logs.action_logs)}
seen["deleted"] = t.pods.delete_pod(pod_id=created.pod_id)["message"]
seen["left"] = [pod.pod_id for pod in t.pods.list_pods()]

if spec == "published":
    seen["image_updated"] = hasattr(t.pods, "update_pod")
    t.pods.create_pod(pod_id="pyimage", image="pods.local/web:1", secret_map={})
    seen["new_image"] = t.pods.update_pod(pod_id="pyimage", image="pods.local/web:2").image
    t.pods.delete_pod(pod_id="pyimage")


def refusal(call):
    try:
        call()
    except errors.BaseTapyException as error:
        return {"kind": type(error).__name__, "message": error.message}
    return None


seen["not_found"] = refusal(lambda: t.pods.get_pod(pod_id="nopod"))
seen["bad"] = refusal(lambda: t.pods.create_pod(pod_id="bad", image="pods.local/web:1", networking={"default": {"port": 1}}))
seen["no_token"] = refusal(lambda: Tapis(base_url=url).pods.list_pods())
seen["jupyter"] = refusal(lambda: t.pods.ensure_jupyter_pod())
print(json.dumps(seen))
