"""A backend service in Python: uses campaigns and calls through Temporal alone, and checks what it sends and gets against
the published JSON Schemas. Takes its settings as JSON on stdin, prints what it saw as JSON."""

import asyncio
import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

settings = json.load(sys.stdin)
schemas = Path(settings["schemas"])


def checked(name: str, value):
    schema = json.loads((schemas / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
    return value


def wrong_fields(name: str, value) -> list[str]:
    """Top-level fields that the schema finds wrong; `?` for those that it does not know."""
    schema = json.loads((schemas / f"{name}.json").read_text())
    return sorted(str(next(iter(error.path), "?")) for error in Draft202012Validator(schema).iter_errors(value))


async def start(client: Client, spec: dict) -> WorkflowHandle:
    return await client.start_workflow(
        "campaign",
        spec,
        id=f"campaign/{spec['campaignId']}",
        task_queue="outdial-campaigns",
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )


async def start_call(client: Client, call_id: str, spec: dict) -> WorkflowHandle:
    return await client.start_workflow("call", spec, id=f"call/{call_id}", task_queue="outdial")


async def until(handle: WorkflowHandle, state: str) -> dict:
    while True:
        status = checked("campaign-status", await handle.query("progress"))
        if status["state"] == state:
            return status
        await asyncio.sleep(0.05)


async def refusal(awaitable) -> dict:
    """The engine's own error under what the SDK wraps it in."""
    try:
        return {"taken": await awaitable}
    except (WorkflowFailureError, WorkflowUpdateFailedError) as failure:
        error = failure
        while not isinstance(error, ApplicationError):
            error = error.cause
        return {"type": error.type, "message": error.message, "details": list(error.details)}


async def run_campaign(client: Client) -> dict:
    spec = {**settings["shared"], "campaignId": f"{settings['id']}-run", "calls": settings["calls"], "keepOpen": True}
    campaign = await start(client, checked("campaign", spec))
    await until(campaign, "running")
    await campaign.signal("pause")
    await until(campaign, "paused")
    more = checked("add-calls", {"calls": settings["added"]})
    added = checked("intake-summary", await campaign.execute_update("addCalls", more))
    too_many = {"calls": settings["added"] * 501}
    extended = await campaign.execute_update("extend", checked("extend", {"expiresAt": settings["extended"]}))
    seen = {
        "added": added,
        "tooMany": await refusal(campaign.execute_update("addCalls", too_many)),
        "noList": await refusal(campaign.execute_update("addCalls", {"calls": 5})),
        "extended": checked("gate", extended),
        "notExtended": await refusal(campaign.execute_update("extend", {"expiresAt": 0})),
    }
    await campaign.signal("resume")
    while (status := await until(campaign, "running"))["ended"]["calls"] < status["calls"]:
        await asyncio.sleep(0.05)
    await campaign.signal("cancel", checked("cancel", {"hangUp": True}))
    return {**seen, "status": status, "result": checked("campaign-result", await campaign.result())}


async def start_twice(client: Client) -> str:
    spec = {**settings["shared"], "campaignId": f"{settings['id']}-twice", "calls": settings["added"]}
    campaign = await start(client, spec)
    await campaign.result()
    try:
        await start(client, spec)
        return "started twice"
    except WorkflowAlreadyStartedError:
        return "refused"


async def refused_campaign(client: Client) -> dict:
    wrong = {"priority": 9, "redial": {"maxAttempts": 0}, "startAt": "tomorrow", "isPci": "yes", "retries": 3}
    spec = {**settings["shared"], "campaignId": f"{settings['id']}-bad", "calls": settings["calls"], **wrong}
    campaign = await start(client, spec)
    return {**await refusal(campaign.result()), "wrongFields": wrong_fields("campaign", spec)}


async def run_call(client: Client) -> dict:
    spec = checked("call", {**settings["shared"], **settings["calls"][0]})
    call_id = f"{settings['id']}-call"
    call = await start_call(client, call_id, spec)
    bad = await start_call(client, f"{call_id}-bad", {**spec, "destination": "nobody", "priority": 9})
    return {"callId": call_id, "end": checked("call-end", await call.result()), "refused": await refusal(bad.result())}


async def main() -> None:
    client = await Client.connect(**ClientConfig.load_client_connect_config())
    seen = {
        "campaign": await run_campaign(client),
        "twice": await start_twice(client),
        "refused": await refused_campaign(client),
        "call": await run_call(client),
        "events": len([checked("event", event) for event in settings["events"]]),
    }
    print(json.dumps(seen))


asyncio.run(main())
