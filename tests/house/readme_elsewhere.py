"""Commands of the README that are not typed by its test, and what runs them instead."""

ELSEWHERE = {
    "./tolem demo": "tests/browser/test_the_demo.py plays with it",
    "./tolem kiosk --config node.toml": "tests/agent/test_browser.py; not every machine has a display",
    "./tolem service pin --config node.toml": "tests/agent/test_cli_devices.py; it asks a person",
    "./tolem sandbox platform --folder .demo/platform": "tests/agent/test_cli_sandbox_platform.py runs it",
    "./tolem act 2026-10 --output acts --config gateway.toml": "tests/agent/test_cli_act.py; a month must be over",
    "./tolem act verify acts/act-10001-2026-10.json --config gateway.toml": "the same",
    "./tolem act compare eport.csv --output acts --config gateway.toml": "the same",
    './tolem office password "Asel K." --config gateway.toml': "tests/agent/test_cli_office.py; it asks a person",
    "git clone ADDRESS tolem": "this is a clone",
    "cd tolem": "this is the clone",
    "./tolem bench kiosk": "tests/bench/test_rows.py; to measure takes a machine to itself",
    "./tolem test": "this is its run; tests/house/test_launcher.py",
    "./tolem demo --pay-link": "tests/faults/test_demo_of_links.py runs it",
    "./tolem demo --pay-link --payments 200 --terminals 3"
    " --faults silence,delay,cut,duplicate,garbage,refuse,5xx --seed 11": "tests/faults/test_demo_of_links.py has it",
    "./tolem transfers list --config gateway-AAA.toml": "tests/faults/test_demo_of_links.py runs it",
    "./tolem transfers show --config gateway-AAA.toml LINK": "tests/faults/test_demo_of_links.py runs it",
    "./tolem demo --pay --card pcsc": "tests/faults/test_demo.py; not every machine can",
    ".venv/bin/python -m tests.house.readme": "tests/house/test_readme.py compares what it would write",
    ".venv/bin/python -m gateway.api.openapi": "tests/gateway/api/test_openapi.py compares what it would write",
}
