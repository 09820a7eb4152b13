"""A shop paid by link, shown at work: two banks and the transfers platform between them, each a process of its own.

- `stage`       platform with both banks' card hosts, two gateways, terminals of customers and of shops
- `shoppers`    who buys what and pays how, by a seed
- `shopping`    one sale and whoever pays its link, at two real terminals
- `campaign`    many of them under faults
- `comparison`  the three ledgers, and what customers and merchants were told
"""
