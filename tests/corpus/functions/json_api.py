"""Calls of a web service: urllib, requests, httpx, and a session that is passed in."""

from __future__ import annotations

import json
import logging
from typing import Any, Iterator
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import httpx
import requests

log = logging.getLogger(__name__)


class ApiError(Exception):
    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, status)
        self.status = status


def fetch_user(base_url: str, user_id: int) -> dict[str, Any]:
    with urlopen(f"{base_url}/users/{user_id}") as response:
        return json.load(response)


def get_user(base_url, user_id):
    r = requests.get(f"{base_url}/users/{user_id}")
    r.raise_for_status()
    return r.json()


def find_user(base_url: str, user_id: int) -> dict | None:
    """None when there is no such user."""
    response = httpx.get(f"{base_url}/users/{user_id}")
    if response.status_code == 404:
        return None
    response.raise_for_status()
    return response.json()


def create_user(base_url: str, name: str, plan: str = "free", **extra: Any) -> dict:
    response = requests.post(f"{base_url}/users", json={"name": name, "plan": plan, **extra})
    if response.status_code != 201:
        raise ApiError("cannot create user", response.status_code)
    return response.json()


def all_items(base_url: str, limit: int = 100) -> Iterator[int]:
    """Follow the pages until there is no next one."""
    page: int | None = 1
    while page is not None and limit > 0:
        data = requests.get(f"{base_url}/pages/{page}", timeout=5).json()
        for item in data["items"][:limit]:
            yield item
        limit -= len(data["items"])
        page = data["next"]


async def names_of(base_url: str, ids: list[int]) -> list[str]:
    async with httpx.AsyncClient(base_url=base_url) as client:
        answers = [await client.get(f"/users/{i}") for i in ids]
    return [a.json()["name"] for a in answers if a.status_code == 200]


def search(base_url: str, query: str, *, page: int = 1, fields: list[str] | None = None) -> str:
    params = {"q": query, "page": page}
    if fields:
        params["fields"] = ",".join(fields)
    with urlopen(f"{base_url}/echo?{urlencode(params)}", timeout=3.0) as response:
        return json.load(response)["query"]


def post_event(base_url: str, event: dict[str, Any]) -> int:
    body = json.dumps(event).encode()
    request = Request(f"{base_url}/users", data=body, method="POST")
    with urlopen(request) as response:
        return response.status


def status_of(base_url: str, path: str = "/bad") -> int:
    return requests.get(base_url + path).status_code


def read_with(session, url):
    """Any session with a `get` like that of requests."""
    log.info("reading %s", url)
    return session.get(url).json()["name"]


def parse_reply(text: str) -> dict:
    """
    >>> parse_reply('{"ok": true}')
    {'ok': True}
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as e:
        raise ApiError(f"not JSON: {e.msg}", 502) from e
