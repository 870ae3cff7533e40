"""Signs in for scripts/fuzz: as the admin of the demonstration, and anew behind each request that may have ended the session."""

import json
import os
import urllib.request

import schemathesis

ENDING = {"/auth/change-password", "/auth/logout", "/auth/logout-all", "/auth/sessions/{id}"}
# A device that has signed in before keeps its own share of attempts.
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())


def sign_in():
    body = {"email": os.environ["FUZZ_EMAIL"], "password": os.environ["FUZZ_PASSWORD"]}
    request = urllib.request.Request(
        os.environ["FUZZ_URL"] + "/auth/login",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)["access_token"]


@schemathesis.auth(refresh_interval=None)
class Session:
    token = None

    def get(self, case, context):
        if Session.token is None:
            Session.token = sign_in()
        token = Session.token
        if case.operation.path in ENDING:
            Session.token = None
        return token

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"
