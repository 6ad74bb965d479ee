"""Links in letters, codes, delivery settings, escalations: over HTTP, with a real mail server."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from copilot.events import CallEnded
from copilot.store.errors import ConflictError
from copilot.store.records.calls import NewCall
from copilot.store.records.identifiers import new_id
from tests.servers import SmtpSink, smtp_sink, wait_until
from tests.web.running import CLIENT, OPERATOR, SUPERVISOR, Running, running

LINK = re.compile(r"/m#([A-Za-z0-9_-]{64})")
OURS, THEIRS = "demo-delorme", "demo-vasseur"
ROOM_PAGES = 1_000_000


def mail(sink: SmtpSink, at: int = -1) -> str:
    body = message_from_bytes(sink.envelopes[at].content, policy=default).get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


async def mails(sink: SmtpSink, count: int) -> None:
    await asyncio.to_thread(wait_until, lambda: len(sink.envelopes) >= count, "the mail")


async def taken(service: Running, client_id: str = OURS, *, urgency: str = "normal") -> str:
    """A call that is over and its approved message, on its way."""
    house, call_id = service.house, new_id()
    scope, at = house.store.for_client(client_id), house.journal.now()
    await scope.create_call(
        NewCall(id=call_id, dialled="+33199001234", source="sip", ringing_at=at)
    )
    log = await house.journal.reopen(client_id, call_id)
    log.tell(CallEnded(**log.stamp(), ended_by="caller", reason="bye", duration_s=1.0))
    approval = await scope.approve_message(
        call_id, fields={"caller_name": "Zoé Lefèvre", "reason": "Fuite"}, note="Porte 12A",
        urgency=urgency, approved_by="o", approved_by_name="Inès", at=at,
    )  # fmt: skip
    house.delivery.wake()
    return approval.message.id


async def settings(service: Running, **changes: Any) -> dict[str, Any]:
    """Change the client's delivery settings as its own person does."""
    portal = await service.signed_in(CLIENT)
    address = f"/api/clients/{OURS}/delivery"
    now = (await portal.http.get(address)).json()
    body = {name: now[name] for name in ("recipients", "policy", "on_call")} | changes
    answer = await portal.http.put(address, json=body)
    await portal.close()
    assert answer.status_code == 200, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


def service_with(tmp_path: Path, sink: SmtpSink) -> Any:
    return running(tmp_path, smtp_host="127.0.0.1", smtp_port=sink.port, smtp_tls="none")


async def test_a_link_shows_and_only_a_click_acknowledges(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            message_id = await taken(service)
            await mails(sink, 1)
            token = LINK.findall(mail(sink))[0]
            stranger = service.browser()
            # What a program that fetches links does.
            page = await stranger.get("/m")
            assert page.status_code in (200, 503) and "Lefèvre" not in page.text
            for _ in range(3):
                seen = (await stranger.post("/api/receipts/look", json={"token": token})).json()
                assert seen["acknowledged_at"] is None
                assert "Lefèvre" not in str(seen) and "Fuite" not in str(seen)
            message = await service.house.store.provider.message(message_id)
            assert message.state in ("approved", "delivered")
            assert (await stranger.get("/api/receipts/acknowledge")).status_code == 405
            done = await stranger.post("/api/receipts/acknowledge", json={"token": token})
            assert done.json()["acknowledged_by"].endswith("example.fr")
            desk = await service.signed_in(OPERATOR)
            follow = (await desk.http.get(f"/api/messages/{message_id}/delivery")).json()
            assert follow["message"]["state"] == "acknowledged"
            assert follow["tries"][0]["acknowledged_at"] is not None
            kinds = [
                event["kind"]
                for event in (
                    await desk.http.get(f"/api/calls/{follow['message']['call_id']}")
                ).json()["events"]
            ]
            assert "message_acknowledged" in kinds
            await desk.close()


async def test_forged_revoked_and_old_links_are_over(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            message_id = await taken(service)
            await mails(sink, 1)
            token = LINK.findall(mail(sink))[0]
            stranger = service.browser()
            other = "A" if token[-1] != "A" else "B"
            for forged in (token[:-1] + other, token[:-4], "", "é", "x" * 64):
                answer = await stranger.post("/api/receipts/look", json={"token": forged})
                assert (answer.status_code, answer.json()["code"]) == (410, "link_over"), forged
            desk = await service.signed_in(OPERATOR)
            await desk.http.post(f"/api/messages/{message_id}/links/revoke")
            for path in ("look", "code", "open", "acknowledge"):
                answer = await stranger.post(f"/api/receipts/{path}", json={"token": token})
                assert answer.status_code == 410, path
            await desk.close()


async def test_a_discreet_client_s_message_opens_with_a_code_or_by_signing_in(
    tmp_path: Path,
) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            policy = (await settings(service))["policy"] | {"content": "link"}
            assert (await settings(service, policy=policy))["content"] == "link"
            await taken(service, urgency="urgent")
            await mails(sink, 1)
            whole = sink.envelopes[-1].content.decode("utf-8", "replace")
            letter = message_from_bytes(sink.envelopes[-1].content, policy=default)
            assert "Lefèvre" not in mail(sink) and "Fuite" not in whole and "12A" not in whole
            assert letter["Subject"] == "[Urgent] Nouveau message – Plomberie Delorme"
            token = {"token": LINK.findall(mail(sink))[0]}
            stranger = service.browser()
            assert (await stranger.post("/api/receipts/open", json=token)).status_code == 401
            assert (await stranger.post("/api/receipts/code", json=token)).status_code == 202
            await mails(sink, 2)
            found = re.search(r"\b(\d{6})\b", mail(sink))
            assert found is not None
            code = found.group(1)
            wrong = await stranger.post("/api/receipts/open", json={**token, "code": "000000x"})
            assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")
            opened = await stranger.post("/api/receipts/open", json={**token, "code": code})
            shown = opened.json()
            assert {"label": "Appelant", "value": "Zoé Lefèvre"} in shown["rows"]
            assert shown["note"] == "Porte 12A"
            again = await stranger.post("/api/receipts/open", json={**token, "code": code})
            assert again.status_code == 422  # each code counts once
            for _ in range(6):
                last = await stranger.post("/api/receipts/open", json={**token, "code": "1"})
            assert last.status_code == 429
            portal = await service.signed_in(CLIENT)
            assert (await portal.http.post("/api/receipts/open", json=token)).status_code == 200
            await portal.close()


async def test_another_client_s_link_shows_its_client_nothing(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            message_id = await taken(service, THEIRS)
            scope = service.house.store.for_client(THEIRS)
            (row, *_) = await scope.outbox_rows(message_id)
            token = {"token": service.house.outgoing.links.token(row.id)}
            portal = await service.signed_in(CLIENT)
            assert (await portal.http.post("/api/receipts/open", json=token)).status_code == 404
            await portal.close()


ON_CALL = {
    "contacts": [
        {"name": "Léa", "email": "lea@example.fr", "phone": None, "route": None,
         "wait_minutes": 5},
        {"name": "Tom", "email": "tom@example.fr", "phone": None, "route": None,
         "wait_minutes": 5},
    ],
    "shifts": [{"contacts": ["Tom", "Léa"], "weekdays": [], "from_time": "00:00",
                "until_time": "00:00"}],
    "exceptions": [], "urgencies": ["critique"], "rounds": 1,
}  # fmt: skip


async def test_an_urgency_is_taken_to_whoever_is_on_call(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            kept = await settings(service, recipients=[], on_call=ON_CALL)
            assert kept["on_call_now"] == ["Tom", "Léa"]
            message_id = await taken(service, urgency="critique")
            await mails(sink, 1)
            assert sink.envelopes[0].rcpt_tos == ["tom@example.fr"]
            gallery = await service.signed_in(SUPERVISOR)
            follow = (await gallery.http.get(f"/api/messages/{message_id}/delivery")).json()
            ladder = follow["escalation"]
            assert [rung["name"] for rung in ladder["rungs"]] == ["Tom", "Léa"]
            assert (ladder["state"], ladder["step"]) == ("running", 1)
            (first,) = (await gallery.http.get("/api/messages/attention")).json()
            assert (first["why"], first["message"]["id"]) == ("unacknowledged", message_id)
            token = LINK.findall(mail(sink))[0]
            stranger = service.browser()
            await stranger.post("/api/receipts/acknowledge", json={"token": token})
            follow = (await gallery.http.get(f"/api/messages/{message_id}/delivery")).json()
            assert follow["escalation"]["state"] == "acknowledged"
            assert follow["escalation"]["ended_by"] == "tom@example.fr"
            assert (await gallery.http.get("/api/messages/attention")).json() == []
            await gallery.close()


async def test_a_rung_that_refuses_is_told_as_a_rung(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        sink.recipient_answers |= dict.fromkeys(("tom@example.fr", "lea@example.fr"), "550 Inconnu")
        async with service_with(tmp_path, sink) as service:
            await settings(service, recipients=["atelier@example.fr"], on_call=ON_CALL)
            message_id = await taken(service, urgency="critique")
            gallery = await service.signed_in(SUPERVISOR)
            follow = f"/api/messages/{message_id}/delivery"
            async with asyncio.timeout(20):
                while True:
                    view = (await gallery.http.get(follow)).json()
                    reached = (view["escalation"]["state"], view["message"]["state"])
                    if reached == ("exhausted", "delivered"):  # in either order
                        break
                    await asyncio.sleep(0.05)
            call = (await gallery.http.get(f"/api/calls/{view['message']['call_id']}")).json()
            told = [
                (event["data"]["recipient"], event["data"]["step"])
                for event in call["events"]
                if event["kind"] in ("message_failed", "message_delivered")
            ]
            assert sorted(told) == [
                ("atelier@example.fr", 0), ("lea@example.fr", 2), ("tom@example.fr", 1),
            ]  # fmt: skip
            await gallery.close()


async def test_settings_that_cannot_be_followed_change_nothing(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            portal = await service.signed_in(CLIENT)
            address = f"/api/clients/{OURS}/delivery"
            before = (await portal.http.get(address)).json()
            body = {name: before[name] for name in ("recipients", "policy", "on_call")}
            for wrong, code in (
                ({"recipients": ["nobody"]}, "bad_route"),
                ({"policy": {**before["policy"], "quiet_from": "20:00"}}, "bad_delivery"),
                ({"on_call": {**ON_CALL, "rounds": 9}}, "bad_on_call"),
            ):
                answer = await portal.http.put(address, json=body | wrong)
                assert (answer.status_code, answer.json()["code"]) == (422, code)
            assert (await portal.http.get(address)).json() == before
            routes = f"/api/clients/{OURS}/routes"
            slack = "slack://TOKENAAAAAA/BBBBBBBBB/CCCCCCCCCCCCCCCCCCCCCCCC/#garde"
            named = {"channel": "notify", "to": "Garde", "address": slack}
            saved = await portal.http.put(routes, json={"routes": [named]})
            (route,) = saved.json()
            assert (route["to"], route["service"]) == ("Garde", "Slack")
            assert "TOKEN" not in saved.text
            client = await service.house.store.for_client(OURS).client()
            assert "TOKEN" not in str(client)
            named["address"] = "file:///etc/passwd"
            refused = await portal.http.put(routes, json={"routes": [named]})
            assert refused.status_code == 422 and "passwd" not in refused.text
            await portal.close()


async def test_a_trial_goes_only_where_the_settings_say(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        async with service_with(tmp_path, sink) as service:
            await settings(service, recipients=["atelier@example.fr"])
            portal = await service.signed_in(CLIENT)
            address = f"/api/clients/{OURS}/delivery/trial"
            asked = {"channel": "email", "to": "atelier@example.fr"}
            assert (await portal.http.post(address, json=asked)).json()["delivered"] is True
            assert "Essai" in mail(sink)
            sink.recipient_answers["atelier@example.fr"] = "550 Inconnu ici"
            said = (await portal.http.post(address, json=asked)).json()
            assert said["delivered"] is False and "Inconnu ici" in said["detail"]
            asked["to"] = "somebody@example.com"
            assert (await portal.http.post(address, json=asked)).status_code == 404
            await portal.close()


async def test_a_full_disk_is_said_and_nothing_is_half_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        desk = await service.signed_in(OPERATOR)
        call_id = new_id()
        scope, at = service.house.store.for_client(OURS), service.house.journal.now()
        await scope.create_call(
            NewCall(id=call_id, dialled="+33199001234", source="sip", ringing_at=at)
        )
        engine = service.house.store.database.engine.sync_engine
        most_pages = 1  # SQLite takes what there is already when that is more

        # Where connections are handed out: others are in use beside us, and go on.
        def bound(connection: Any, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {most_pages}").close()

        event.listen(engine, "checkout", bound)
        note = "très long " * 390
        answers: list[httpx.Response] = []
        for _ in range(30):
            answers.append(
                await desk.http.post(
                    f"/api/calls/{call_id}/message",
                    json={"fields": {"reason": note * 20}, "note": note},
                )
            )
            if answers[-1].status_code == 507:
                break
        assert (answers[-1].status_code, answers[-1].json()["code"]) == (507, "disk_full")
        most_pages = ROOM_PAGES
        assert await scope.message_of_call(call_id) is None
        await desk.close()


async def test_two_people_at_the_delivery_settings_lose_nothing_of_each_other(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as service:
        portal = await service.signed_in(CLIENT)
        address = f"/api/clients/{OURS}/delivery"
        read = (await portal.http.get(address)).json()
        contact = {"name": "Karim Haddad", "phone": "+33639981234"}
        listed = {**read["on_call"], "contacts": [contact]}
        of_list = {"on_call": listed, "on_call_version": read["on_call_version"]}
        assert (await portal.http.put(address, json=of_list)).status_code == 200
        # A page that was read before changes the recipients, and nothing of the on-call list.
        rules = {"recipients": ["maud@example.fr"], "policy": read["policy"]}
        of_rules = {**rules, "version": read["version"]}
        kept = await portal.http.put(address, json=of_rules)
        assert kept.status_code == 200, kept.text
        assert kept.json()["recipients"] == ["maud@example.fr"]
        assert [one["name"] for one in kept.json()["on_call"]["contacts"]] == ["Karim Haddad"]
        # A page that was read before the same part was changed is told so.
        for late in (of_list | {"on_call": read["on_call"]}, of_rules | {"recipients": []}):
            refused = await portal.http.put(address, json=late)
            assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert (await portal.http.get(address)).json() == kept.json()


async def test_settings_that_changed_meanwhile_are_not_overwritten(tmp_path: Path) -> None:
    async with running(tmp_path) as service:
        scope = service.house.store.for_client(OURS)
        before = (await scope.client()).settings
        await scope.save_settings(replace(before, transcript_days=7), before=before)
        with pytest.raises(ConflictError):
            await scope.save_settings(replace(before, call_days=90), before=before)
        assert (await scope.client()).settings == replace(before, transcript_days=7)
