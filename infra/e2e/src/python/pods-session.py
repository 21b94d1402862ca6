"""Uses the platform as a Python user does, with the real tapipy, and prints what was seen as one JSON line.

Arguments: base URL of a tenant, file of the certificate authority, a pod id, an image.
"""
import json
import socket
import sys
import time

from tapipy import errors
from tapipy.tapis import Tapis

base_url, verify, pod_id, image = sys.argv[1:5]

# What a line in /etc/hosts would do: names under .localhost are this machine.
system_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):
    return system_getaddrinfo("127.0.0.1" if str(host).endswith(".localhost") else host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo


def until(status, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        pod = t.pods.get_pod(pod_id=pod_id)
        if pod.status == status:
            return pod
        if time.monotonic() > deadline:
            raise SystemExit(f"{pod_id} is {pod.status}, not {status}: {pod.status_container}")
        time.sleep(0.2)


def until_restarted(first_start, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        pod = until("AVAILABLE", seconds)
        if pod.start_instance_ts > first_start and pod.status_requested == "ON":
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"{pod_id} still runs since {pod.start_instance_ts}")
        time.sleep(0.2)


def error_of(call):
    try:
        call()
    except errors.BaseTapyException as error:
        return {"class": type(error).__name__, "message": error.message}
    return None


t = Tapis(base_url=base_url, username="ada", password="ada-dev", verify=verify)
t.get_tokens()
seen = {"tenant_id": t.tenant_id}
created = t.pods.create_pod(pod_id=pod_id, image=image, description="From Python")
seen["created"] = {"status": created.status, "url": created.networking.default.url, "port": created.networking.default.port}
first_start = until("AVAILABLE").start_instance_ts
read = t.pods.get_pod(pod_id=pod_id)
seen["read"] = {"pod_id": read.pod_id, "image": read.image, "description": read.description}
seen["listed"] = [pod.pod_id for pod in t.pods.list_pods() if pod.pod_id == pod_id]
logs = t.pods.get_pod_logs(pod_id=pod_id)
seen["logs"] = logs.logs
seen["action_logs"] = logs.action_logs
seen["updated"] = t.pods.update_pod(pod_id=pod_id, description="Renamed").description
seen["restarted"] = t.pods.restart_pod(pod_id=pod_id).status_requested
until_restarted(first_start)
seen["stopped"] = t.pods.stop_pod(pod_id=pod_id).status_requested
until("STOPPED")
seen["started"] = t.pods.start_pod(pod_id=pod_id).status
until("AVAILABLE")
t.pods.stop_pod(pod_id=pod_id)
until("STOPPED")
seen["deleted"] = t.pods.delete_pod(pod_id=pod_id)["status"]
seen["missing"] = error_of(lambda: t.pods.get_pod(pod_id=pod_id))
seen["bad_id"] = error_of(lambda: t.pods.create_pod(pod_id="Not-An-Id", image=image))
seen["no_image"] = error_of(lambda: t.pods.create_pod(pod_id="noimage"))
print(json.dumps(seen))
