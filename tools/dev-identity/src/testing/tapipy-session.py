"""Uses a server as a Python user does, with the real tapipy, and prints what was seen as one JSON line.

Arguments: what to do (a name below), and the base URL of a tenant.
"""
import json
import sys

from tapipy import errors
from tapipy.tapis import Tapis


def session(url):
    t = Tapis(base_url=url, username="ada", password="ada-dev")
    t.get_tokens()
    claims = t.validate_token(t.access_token.access_token)
    profile = t.authenticator.get_profile(username="grace")
    return {
        "tenant_id": t.tenant_id,
        "site_id": t.site_id if hasattr(t, "site_id") else None,
        "claims": claims,
        "has_refresh_token": bool(t.refresh_token),
        "profile": {"username": profile.username, "email": profile.email, "create_time": profile.create_time, "dn": profile.dn},
        "userinfo": t.authenticator.get_userinfo().username,
        "begins": t.access_token.access_token[:20],
    }


def refresh(url):
    """A client of the user's own, then a refresh by hand."""
    t = Tapis(base_url=url, username="ada", password="ada-dev")
    t.get_tokens()
    client = t.authenticator.create_client(client_id="tapipy-client", client_key="tapipy-key", display_name="From Python")
    listed = [c.client_id for c in t.authenticator.list_clients()]
    u = Tapis(base_url=url, username="ada", password="ada-dev", client_id="tapipy-client", client_key="tapipy-key")
    u.get_tokens()
    first = u.access_token.access_token
    u.refresh_tokens()
    claims = u.validate_token(u.access_token.access_token)
    updated = t.authenticator.update_client(client_id="tapipy-client", display_name="Renamed")
    t.authenticator.delete_client(client_id="tapipy-client")
    return {
        "created": client.client_id,
        "listed": listed,
        "renewed": first != u.access_token.access_token,
        "claims": claims,
        "updated": updated.display_name,
        "left": [c.client_id for c in t.authenticator.list_clients()],
    }


def expiring(url):
    """With less than five seconds left tapipy renews the token by itself before a call, sending the old one along."""
    t = Tapis(base_url=url, username="ada", password="ada-dev", client_id="tapisui-implicit-client-dev", client_key="tapisui-dev")
    t.get_tokens()
    before = t.access_token.access_token
    who = t.authenticator.get_userinfo().username
    return {"who": who, "renewed": before != t.access_token.access_token, "claims": t.access_token.claims}


def wrong_password(url):
    t = Tapis(base_url=url, username="ada", password="wrong")
    try:
        t.get_tokens()
    except errors.BadRequestError as error:
        return {"refused": error.message}
    return {"refused": None}


print(json.dumps({"session": session, "refresh": refresh, "expiring": expiring, "wrong_password": wrong_password}[sys.argv[1]](sys.argv[2])))
