"""Administration: tokens of programs."""

from __future__ import annotations

from fastapi import APIRouter

from copilot.store.tokens import ApiToken
from web import accountschemas as schemas
from web.access import Administrator
from web.house import InHouse

router = APIRouter(prefix="/api/admin/tokens", tags=["administration"])


@router.get("")
async def tokens(_: Administrator, house: InHouse) -> list[schemas.TokenView]:
    """Every token, the newest first, those that are over too."""
    return [_view(token) for token in await house.store.tokens.all()]


@router.post("", status_code=201)
async def issue(
    wanted: schemas.NewToken, person: Administrator, house: InHouse
) -> schemas.TokenIssued:
    """A new token; its secret is in this answer and nowhere else."""
    issued = await house.trust.tokens.issue(
        name=wanted.name.strip(),
        client_id=wanted.client_id,
        scopes=wanted.scopes,
        days=wanted.days,
        actor=person.actor,
    )
    return schemas.TokenIssued(token=_view(issued.token), secret=issued.secret)


@router.delete("/{token_id}", status_code=204)
async def revoke(token_id: str, person: Administrator, house: InHouse) -> None:
    """It opens nothing from now on."""
    await house.trust.tokens.revoke(token_id, actor=person.actor)


def _view(token: ApiToken) -> schemas.TokenView:
    return schemas.TokenView.model_validate(token, from_attributes=True)
