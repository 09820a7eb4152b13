"""How a catalogue comes into force: published in versions, signed, switched off in part, and agreed upon.

A version is published once and never changed; it comes into force at its time. Going back is a new
version with an old content. What is in force is all that a check goes by; an offer that was made keeps
its own fee and limits until its hour is over. A provider that is switched off is a fact of the moment and
belongs to no version.

Read in this order:

- `document`     what is signed: members and bytes. Pure
- `versions`     the store's published versions, and which of them is in force
- `switches`     providers that are switched off now, and every turn of a switch
- `in_force`     what a running gateway goes by and serves
- `commands`     the same for the bank's people, as commands of the control socket
- `differences`  two catalogues, product by product, field by field. Pure
- `agreed`       a catalogue against the list that was agreed upon with e-port. Pure
"""
