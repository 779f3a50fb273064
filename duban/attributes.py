"""Registers the search attributes with a server: the development server, the test server, or a cluster.

An attribute that is not registered rejects a start and blocks an upsert, therefore every worker asks first.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from duban.names import ALL_ATTRIBUTES

VISIBLE_WITHIN_SECONDS = 90.0
"""A cluster's processes look again for new attributes every minute."""
_POLL_SECONDS = 0.25

ROOM: Mapping[IndexedValueType.ValueType, int] = {
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD: 10,
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST: 3,
    IndexedValueType.INDEXED_VALUE_TYPE_DATETIME: 3,
}
"""How many of a type a server has whose visibility is an SQL database: the development server, and most clusters."""

_WANTED: Mapping[str, IndexedValueType.ValueType] = {
    key.name: IndexedValueType.ValueType(int(key.indexed_value_type)) for key in ALL_ATTRIBUTES
}


class SearchAttributesUnusable(Exception):
    """The search attributes cannot be used as they are; the text says which and what to do, in Chinese."""


@dataclass(frozen=True)
class Registration:
    """What a namespace lacks of our search attributes.

    Attributes:
        missing: Those that are not registered.
        without_room: Those of them for whose type an SQL visibility has no column left.
    """

    missing: tuple[str, ...]
    without_room: tuple[str, ...]


async def registration_of(client: Client) -> Registration | None:
    """What the client's namespace lacks, changing nothing; None where its server cannot list attributes.

    Raises:
        SearchAttributesUnusable: One exists with another type, or we may not see any.
    """
    registered = await _registered(client)
    if registered is None:
        return None
    missing = _missing(client, registered)
    taken = Counter(registered.values())
    full = []
    for name in missing:
        taken[_WANTED[name]] += 1
        if taken[_WANTED[name]] > ROOM.get(_WANTED[name], taken[_WANTED[name]]):
            full.append(name)
    return Registration(missing, tuple(full))


async def register_search_attributes(client: Client) -> tuple[str, ...]:
    """Sees to it that the client's namespace has all search attributes of Duban; safe to call at every start.

    Returns:
        The names that were missing and are registered now.

    Raises:
        SearchAttributesUnusable: One exists with another type, there is no room for more, or we may not add any.
    """
    registered = await _registered(client)
    if registered is None:
        return await _add_unseen(client)
    missing = _missing(client, registered)
    if missing:
        await _add(client, missing)
        await _await_visible(client)
    return missing


async def _registered(client: Client) -> Mapping[str, IndexedValueType.ValueType] | None:
    """The namespace's own attributes; None where the server cannot list them."""
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status is RPCStatusCode.UNIMPLEMENTED:  # the time-skipping test server
            return None
        raise _refused(client, tuple(_WANTED), error) from error
    return listed.custom_attributes


def _missing(client: Client, registered: Mapping[str, IndexedValueType.ValueType]) -> tuple[str, ...]:
    # The development server accepts a second type for a name and keeps the first: only the list tells.
    clashes = [
        f"{name} 应为 {_spelled(wanted)}，现为 {_spelled(registered[name])}"
        for name, wanted in _WANTED.items()
        if name in registered and registered[name] != wanted
    ]
    if clashes:
        raise SearchAttributesUnusable(
            f"命名空间“{client.namespace}”中已有同名而类型不同的搜索属性：{'；'.join(clashes)}。"
            "请换用另一个命名空间，或由管理员删除后重试。"
        )
    return tuple(name for name in _WANTED if name not in registered)


async def _add(client: Client, names: tuple[str, ...]) -> bool:
    """Whether they were added; False where one of them exists already, as when two workers start together."""
    request = AddSearchAttributesRequest(
        namespace=client.namespace, search_attributes={name: _WANTED[name] for name in names}
    )
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status is RPCStatusCode.ALREADY_EXISTS:
            return False
        raise _refused(client, names, error) from error
    return True


async def _add_unseen(client: Client) -> tuple[str, ...]:
    """Adds one after the other: of several together, none is added when one exists."""
    return tuple([name for name in _WANTED if await _add(client, (name,))])


async def _await_visible(client: Client) -> None:
    """Waits until all are listed and can be asked for; adds again what the write of another worker took away."""
    missing: tuple[str, ...] = tuple(_WANTED)
    try:
        async with asyncio.timeout(VISIBLE_WITHIN_SECONDS):
            while missing := _missing(client, await _registered(client) or {}):
                await asyncio.sleep(_POLL_SECONDS)
                await _add(client, missing)
            missing = tuple(_WANTED)
            while not await _can_be_asked_for(client):  # noqa: ASYNC110 - what is awaited happens on a server
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError as error:
        raise SearchAttributesUnusable(
            f"搜索属性 {'、'.join(missing)} 登记后 {VISIBLE_WITHIN_SECONDS:g} 秒仍不可见。"
            "请稍后重试，或请管理员检查服务器。"
        ) from error


async def _can_be_asked_for(client: Client) -> bool:
    """Whether the server knows the names: it lists them before it takes a start with one, or a question about one."""
    try:
        await client.count_workflows(" AND ".join(f"{name} IS NULL" for name in _WANTED))
    except RPCError as error:
        if error.status is RPCStatusCode.INVALID_ARGUMENT:
            return False
        raise _refused(client, tuple(_WANTED), error) from error
    return True


def _refused(client: Client, names: tuple[str, ...], error: RPCError) -> SearchAttributesUnusable:
    commands = "\n".join(
        f"  temporal operator search-attribute create --namespace {client.namespace} --name {name}"
        f" --type {_spelled(_WANTED[name])}"
        for name in names
    )
    match error.status:
        case RPCStatusCode.INVALID_ARGUMENT | RPCStatusCode.RESOURCE_EXHAUSTED:
            reason = "服务器不接受更多搜索属性，请换用另一个命名空间，或由管理员腾出名额后执行"
        case RPCStatusCode.PERMISSION_DENIED | RPCStatusCode.UNAUTHENTICATED | RPCStatusCode.UNIMPLEMENTED:
            reason = "我们无权登记搜索属性，请由管理员执行"
        case _:
            reason = "请稍后重试，或由管理员执行"
    return SearchAttributesUnusable(f"无法登记搜索属性（{error.status.name}：{error.message}）。{reason}：\n{commands}")


def _spelled(kind: IndexedValueType.ValueType) -> str:
    """A type as Temporal's tools spell it: `KeywordList`."""
    name = IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_")
    return "".join(word.capitalize() for word in name.split("_"))
