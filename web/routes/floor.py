"""The floor: one's own presence, ring groups, who has which skills."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from fastapi import APIRouter

from copilot.accounts import SignedIn
from copilot.store.audit import Act
from copilot.store.errors import NotFoundError
from copilot.store.records.identifiers import new_id
from copilot.waiting.policy import RingGroup
from web import lineschemas as schemas
from web.access import Operator, Overseer
from web.house import House, InHouse

router = APIRouter(prefix="/api", tags=["floor"])

LONGEST_DAY = timedelta(hours=36)


class BadGroupsError(ValueError):
    """Groups that cannot be; the message says which."""

    code = "bad_groups"


@router.get("/presence")
async def presence(
    person: Operator, house: InHouse, since: datetime | None = None
) -> schemas.PresenceView:
    """One's own presence, and one's day since a moment (by default the last twelve hours)."""
    return await _presence(house, person, since)


@router.put("/presence")
async def say(
    wanted: schemas.PresenceEdit,
    person: Operator,
    house: InHouse,
    since: datetime | None = None,
) -> schemas.PresenceView:
    """Available, pause or wrap-up; kept until one says otherwise, reload or not."""
    await house.attendance.say(person.user.id, wanted.state)
    return await _presence(house, person, since)


@router.get("/floor/groups")
async def groups(_: Overseer, house: InHouse) -> schemas.RingGroups:
    """Every ring group, in order."""
    return _groups_view(await house.store.floor.groups())


@router.put("/floor/groups")
async def save_groups(
    edit: schemas.RingGroups, person: Overseer, house: InHouse
) -> schemas.RingGroups:
    """Keep the groups. Clients of a group that is gone ring every operator."""
    kept = _named(edit.groups)
    await house.store.floor.save_groups(kept, act=_act(house, person, "groups.changed", ""))
    await house.attendance.floor_changed()
    return _groups_view(kept)


@router.get("/floor/operators")
async def operators(_: Overseer, house: InHouse) -> list[schemas.AnswererView]:
    """Every operator with what they can do, by name."""
    return [
        schemas.AnswererView(
            user_id=one.user_id,
            name=one.name,
            skills=list(one.skills),
            languages=list(one.languages),
        )
        for one in await house.store.floor.answerers()
    ]


@router.put("/floor/operators/{user_id}", status_code=204)
async def save_skills(
    user_id: str, edit: schemas.SkillsEdit, person: Overseer, house: InHouse
) -> None:
    """What an operator can do, from the next ring on."""
    skills = list(dict.fromkeys(skill.strip().lower() for skill in edit.skills if skill.strip()))
    await house.store.floor.save_skills(
        user_id,
        skills=skills,
        languages=list(dict.fromkeys(edit.languages)),
        act=_act(house, person, "skills.changed", user_id),
    )
    await house.attendance.floor_changed()


@router.get("/floor/clients")
async def answered_clients(_: Overseer, house: InHouse) -> list[schemas.ClientGroup]:
    """Every client company that is answered, by name, with the group that answers for it."""
    return [
        schemas.ClientGroup(
            client_id=client.id, name=client.name, group=client.settings.welcome.group
        )
        for client in await house.store.provider.clients()
        if not client.disabled
    ]


@router.put("/floor/clients/{client_id}/group", status_code=204)
async def choose_group(
    client_id: str, chosen: schemas.GroupChoice, person: Overseer, house: InHouse
) -> None:
    """Which group answers for a client, from the next call on."""
    if chosen.group and chosen.group not in {g.id for g in await house.store.floor.groups()}:
        raise NotFoundError("no such group")
    scope = house.store.for_client(client_id)
    welcome = (await scope.client()).settings.welcome
    await scope.save_welcome(dataclasses.replace(welcome, group=chosen.group))
    act = _act(house, person, "client.group", chosen.group)
    await house.store.audit.record(dataclasses.replace(act, client_id=client_id))


async def _presence(house: House, person: SignedIn, since: datetime | None) -> schemas.PresenceView:
    now = house.journal.now()
    begin = since if since is not None and since.tzinfo is not None else now - timedelta(hours=12)
    day = await house.store.floor.day(person.user.id, since=max(begin, now - LONGEST_DAY))
    kept = house.attendance.presence(person.user.id)
    return schemas.PresenceView(
        state=kept.state,
        since=kept.since,
        until=kept.until,
        day=schemas.DayView(calls=day.calls, talk_s=day.talk_s, messages=day.messages),
    )


def _named(views: list[schemas.RingGroupView]) -> list[RingGroup]:
    """With ids for the new ones; overflows by id. Raises BadGroupsError."""
    names = [view.name.strip() for view in views]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise BadGroupsError(f"two groups are called {twice!r}")
    ids = {view.name.strip(): view.id or new_id() for view in views}
    found = []
    for view in views:
        target = view.overflow_to
        if target is not None:
            target = ids.get(target, target)
            if target not in ids.values() or target == ids[view.name.strip()]:
                raise BadGroupsError(f"{view.name!r} overflows to no other group")
        found.append(
            RingGroup(
                id=ids[view.name.strip()],
                name=view.name.strip(),
                skills=tuple(dict.fromkeys(skill.strip().lower() for skill in view.skills)),
                languages=tuple(dict.fromkeys(view.languages)),
                strategy=view.strategy,
                step_s=view.step_s,
                overflow_to=target,
                overflow_after_s=view.overflow_after_s,
            )
        )
    return found


def _groups_view(groups: tuple[RingGroup, ...] | list[RingGroup]) -> schemas.RingGroups:
    return schemas.RingGroups(
        groups=[
            schemas.RingGroupView(
                id=group.id,
                name=group.name,
                skills=list(group.skills),
                languages=list(group.languages),
                strategy=group.strategy,
                step_s=group.step_s,
                overflow_to=group.overflow_to,
                overflow_after_s=group.overflow_after_s,
            )
            for group in groups
        ]
    )


def _act(house: House, person: SignedIn, action: str, subject: str) -> Act:
    return Act(actor=person.actor, action=action, at=house.journal.now(), subject=subject)
