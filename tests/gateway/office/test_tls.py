"""The page off this machine: over TLS alone, and nothing of it in plain text."""

import aiohttp
import pytest

from certs.tls import client_context
from gateway.office_settings import OfficeSection
from gateway.settings import GatewaySection
from tests.gateway.office.conftest import PASSWORD, WHO, office_at


async def test_it_is_heard_over_tls_with_the_gateways_certificate_and_not_without(
    tmp_path, throwaway_ca, system_time
) -> None:
    bank = throwaway_ca.issue("tolem-gateway")
    section = OfficeSection(listen="127.0.0.1:0", tls=True)
    own = GatewaySection(cert=bank.certificate, key=bank.key)
    async with (
        office_at(tmp_path, throwaway_ca, system_time, office=section, gateway=own) as office,
        aiohttp.ClientSession() as browser,
    ):
        with pytest.raises(aiohttp.ClientError):
            await browser.get(f"{office.url}/login")
        url = office.url.replace("http://127.0.0.1", "https://localhost")
        context = client_context(throwaway_ca.ca_path)
        form = {"name": WHO, "password": PASSWORD}
        async with browser.post(
            f"{url}/login", data=form, headers={"Origin": url}, ssl=context, allow_redirects=False
        ) as answer:
            assert answer.status == 303
            assert "Secure" in answer.headers["Set-Cookie"]
        async with browser.get(f"{url}/worklist", ssl=context, allow_redirects=False) as answer:
            assert answer.status == 200
        async with browser.post(
            f"{url}/login", data=form, headers={"Origin": "https://evil.example"}, ssl=context
        ) as answer:
            assert answer.status == 403
