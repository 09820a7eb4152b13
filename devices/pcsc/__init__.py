"""A chip card reader by PC/SC: pcscd, and pyscard's `smartcard.scard` in between (PROTOCOLS §7).

pyscard is the extra `smartcard`, imported when a reader is opened and not before. Its own monitors end
silently when pcscd is restarted, so nothing of it is used but the plain calls. Every one of them may block
for as long as a driver or a card likes, so none ever runs on the loop's thread.

Read in this order:

- `hresults`    what each result of PC/SC means, and what is to be done about it
- `library`     pyscard's calls in our words; refuses to be called on the loop's thread
- `names`, `apdu`   which reader is meant, whatever number it has today; what T=0 wants otherwise than T=1
- `monitor`     the thread that sees readers and cards come and go, over any death of pcscd
- `session`, `worker`   one card's session, and the thread in which it blocks
- `channel`     the three of them as `devices.emv.channel.CardChannel`, under `devices.emv.reader`

`50-tolem-pcsc.rules` lets the group `tolem` use readers where polkit guards pcscd.
"""
