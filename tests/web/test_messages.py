"""The message: typed, approved once, delivered or said to have failed, acknowledged."""

from __future__ import annotations

from pathlib import Path

from tests.servers import free_port, smtp_sink
from tests.web.running import CLIENT, OPERATOR, Browser, Running, next_event, running
from tests.web.test_calls import CALLER_SAYS, OPERATOR_SAYS


async def ended_call(service: Running, desk: Browser) -> str:
    caller, call_id = await service.demo_caller(CALLER_SAYS)
    operator = await desk.answer(call_id, OPERATOR_SAYS)
    async with desk.socket(f"/api/calls/{call_id}/socket") as events:
        await next_event(events, "utterance_heard", leg="caller")
        await desk.http.post(f"/api/calls/{call_id}/hangup")
        await next_event(events, "call_ended")
    await caller.close()
    await operator.close()
    return call_id


async def test_edits_are_kept_and_never_overwritten(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        caller, call_id = await service.demo_caller(CALLER_SAYS)
        operator = await desk.answer(call_id, OPERATOR_SAYS)
        edit = {"fields": {"reason": "Messagerie pleine", "company": None}}
        answer = await desk.http.patch(f"/api/calls/{call_id}/draft", json=edit)
        assert answer.status_code == 200
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await next_event(events, "utterance_heard", leg="caller")
            await desk.http.post(f"/api/calls/{call_id}/hangup")
            await next_event(events, "call_ended")
        await caller.close()
        await operator.close()
        detail = (await desk.http.get(f"/api/calls/{call_id}")).json()
        fields = {field["name"]: field for field in detail["draft"]}
        assert fields["reason"]["value"] == "Messagerie pleine"
        assert fields["reason"]["edited"]
        emptied = fields["company"]
        assert (emptied["value"], emptied["edited"], emptied["confidence"]) == (None, True, 1.0)
        late = await desk.http.patch(
            f"/api/calls/{call_id}/draft", json={"fields": {"phone": "+33199001216"}}
        )
        assert late.status_code == 200
        wrong = await desk.http.patch(
            f"/api/calls/{call_id}/draft", json={"fields": {"phone": "x", "colour": "blue"}}
        )
        assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_field")
        assert "colour" in wrong.json()["message"]
        detail = (await desk.http.get(f"/api/calls/{call_id}")).json()
        fields = {field["name"]: field["value"] for field in detail["draft"]}
        assert fields["phone"] == "+33199001216"
        await desk.close()


async def test_a_message_is_approved_once_and_acknowledged(tmp_path: Path) -> None:
    with smtp_sink() as mailbox:
        async with running(
            tmp_path, smtp_host="127.0.0.1", smtp_port=mailbox.port, smtp_tls="none"
        ) as service:
            desk = await service.signed_in(OPERATOR)
            call_id = await ended_call(service, desk)
            approval = {"fields": {"caller_name": "Victor Lenoir", "urgency": "urgent"}}
            async with desk.socket(f"/api/calls/{call_id}/socket") as events:
                first = await desk.http.post(f"/api/calls/{call_id}/message", json=approval)
                again = await desk.http.post(f"/api/calls/{call_id}/message", json=approval)
                assert (first.status_code, again.status_code) == (202, 202)
                assert first.json()["id"] == again.json()["id"]
                approved = await next_event(events, "message_approved")
                assert approved["data"]["recipients"] == 1
                taken = await next_event(events, "message_delivered", channel="email")
                assert taken["data"]["step"] == 0
            assert len(mailbox.envelopes) == 1
            portal = await service.signed_in(CLIENT)
            (message,) = (await portal.http.get("/api/messages")).json()
            assert message["state"] == "delivered"
            assert message["fields"]["caller_name"] == "Victor Lenoir"
            read = await portal.http.post(f"/api/messages/{message['id']}/acknowledge")
            assert read.json()["state"] == "acknowledged"
            await desk.close()
            await portal.close()


async def test_a_refused_message_is_said_and_sent_again(tmp_path: Path) -> None:
    with smtp_sink() as mailbox:
        mailbox.answers.append("550 No such mailbox")
        async with running(
            tmp_path, smtp_host="127.0.0.1", smtp_port=mailbox.port, smtp_tls="none"
        ) as service:
            desk = await service.signed_in(OPERATOR)
            call_id = await ended_call(service, desk)
            async with desk.socket(f"/api/calls/{call_id}/socket") as events:
                sent = await desk.http.post(
                    f"/api/calls/{call_id}/message", json={"fields": {"reason": "Rappeler"}}
                )
                failed = await next_event(events, "message_failed", final=True)
                assert "550" in failed["data"]["detail"]
                retried = await desk.http.post(f"/api/messages/{sent.json()['id']}/retry")
                assert retried.json()["state"] == "approved"
                await next_event(events, "message_delivered")
            assert len(mailbox.envelopes) == 1
            await desk.close()


async def test_no_mail_server_keeps_the_message_and_says_so(tmp_path: Path) -> None:
    async with running(
        tmp_path, smtp_host="127.0.0.1", smtp_port=free_port(), smtp_tls="none"
    ) as service:
        desk = await service.signed_in(OPERATOR)
        call_id = await ended_call(service, desk)
        async with desk.socket(f"/api/calls/{call_id}/socket") as events:
            await desk.http.post(f"/api/calls/{call_id}/message", json={"fields": {}})
            failed = await next_event(events, "message_failed", final=False)
            assert failed["data"]["detail"]
        (message,) = (await desk.http.get("/api/messages")).json()
        assert message["state"] == "approved"
        await desk.close()
