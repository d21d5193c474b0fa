"""Refusals of a whole request that the emulator gives when it is asked to: the contract's, and one of a gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ctnb.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Refusal(NamedTuple):
    """An HTTP status and the body under it."""

    status: int
    body: Mapping[str, Any]


def data(**fields: object) -> dict[str, Any]:
    """Put fields into the vendor's envelope."""
    return {"meta": [], "data": fields}


TOKEN: Final = Refusal(401, {"message": "Access token не найден"})
ACCESS: Final = Refusal(403, data(message="Ошибка доступа"))

TOO_MANY: Final = Refusal(429, {"message": "Too many requests"})

REFUSALS: Final = {
    "token": TOKEN,
    "access": ACCESS,
    "credentials": Refusal(403, {"message": "Invalid credentials"}),
    "violations": Refusal(
        400,
        data(
            type="validationError",
            apiErrorData=None,
            validationErrorData={
                "violations": [{"fieldPath": "comments[0].addComment", "message": "This value should not be blank."}]
            },
        ),
    ),
    "api_error": Refusal(
        400,
        data(
            type="apiError",
            apiErrorData={"errorCode": 10003, "errorMessage": "Лимит баллов исчерпан"},
            validationErrorData=None,
        ),
    ),
    "unavailable": Refusal(400, {"message": "Сервис временно недоступен"}),
    "journal_error": Refusal(
        200, {"errorCode": "500", "message": "Произошла ошибка. Обратитесь в службу технической поддержки."}
    ),
}
"""By name. The first five are the contract's; ``unavailable`` means that nothing was done only because the emulator
says so; ``journal_error`` stands in the place of a journal's records."""


def chosen_refusal(refusal: str | Mapping[str, Any], status: int | None) -> Refusal:
    """Return a refusal by its name or its body, under its usual status or another."""
    if isinstance(refusal, str):
        if refusal not in REFUSALS:
            raise ConfigError(
                "refusal: expected a body or one of {known}, got {refusal!r}.",
                known=", ".join(REFUSALS),
                refusal=refusal,
            )
        usual, body = REFUSALS[refusal]
    else:
        usual, body = 400, refusal
    if status is not None and (isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599):
        raise ConfigError(
            "status: expected an HTTP status from 200 to 599, or None, got {status!r}.",
            status=status,
        )
    return Refusal(usual if status is None else status, body)
