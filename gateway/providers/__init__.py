"""Whose services can be paid for, what each one asks for, and what the payment costs (PROTOCOLS §9).

Fees and requisites are pure: the terminal and the gateway check by the same rules. Publishing a
catalogue, its signatures and effective dates are in `gateway.publishing`.

Read in this order:

- `product`     what a catalogue consists of, as it is served to terminals
- `shapes`      the kinds of requisite: phone, contract, iin, text, list, number
- `requisites`  do these values fit this product? normalised, or what is wrong with each
- `fees`        percent of the sum, clamped
- `catalogue_file`, `catalogue`   the TOML file as an editor writes it; read, with every error by its path
- `masks`       `+7 (###) ###-##-##`: to show a number and to read it back
- `barcodes`    where in the code on a bill a requisite stands
- `iin`, `luhn`, `mod11`, `phone`  one kind of number each: compact, validate, is_valid, format
- `faults`      what can be wrong with a value
- `demo.toml`   an invented catalogue with every shape of requisite and every kind of fee
"""
