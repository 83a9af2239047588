"""Makes valid requests fit the test's engine, where no schema can say what that takes. Wrong ones are left as they are."""

import uuid

import schemathesis
from schemathesis import GenerationMode

CSV = "destination\n+16175550123\n"
# What they may be depends on the gateway's configuration, on the clock, or on each other.
FREE = ["deployment", "from", "application", "country", "startUrl", "resultSecret", "resultUrl", "isPci", "startAt", "expiresAt"]


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    # A key, an id or a cursor that another request had may not be used for this one.
    if "idempotency-key" in case.headers:
        case.headers["idempotency-key"] = uuid.uuid4().hex
    if case.path == "/v1/campaigns" and case.query:
        case.query.pop("cursor", None)
    if case.media_type == "text/csv":
        case.body = CSV
    elif isinstance(case.body, dict):
        fit(case)


def fit(case):
    if case.media_type == "multipart/form-data":
        case.body["calls"] = CSV
        spec = case.body.get("spec")
    else:
        spec = case.body
    if not isinstance(spec, dict) or case.operation.path not in ("/v1/campaigns", "/v1/calls"):
        return
    for field in FREE:
        spec.pop(field, None)
    for field in ("campaignId", "callId"):
        if field in spec:
            spec[field] = "clinic_" + uuid.uuid4().hex
    if "destination" in spec:
        spec["destination"] = "+16175550123"
    if case.operation.path == "/v1/campaigns" and not spec.get("calls"):
        spec["keepOpen"] = True
