"""The customer's screen: a page that a server draws and a browser only shows (DESIGN §9).

The screen is a pure function of a `Scene`; the browser keeps nothing, so that a reload, a second tap or a new
browser meets the present screen. Each press posts {action, value, seq}; an old seq is ignored.

Read in this order:

- `session`   the table of what a person does around a journey
- `scene`     everything that a screen is a function of
- `choices`, `typed`   what can be chosen and typed
- `screens`, `screens_choosing`, `screens_paying`, `screens_selling`   scene → name and context; the list of all screens
- `presses`, `answers`, `scans`   a press or a scanned code → an event of the session, or an answer to the journey
- `customer`, `merchant`  the person, as a journey or a sale asks them
- `desk`      what the screen needs of the terminal
- `attendant`, `errands`, `watching`   what moves: presses, journeys and look-ups, nobody being there
- `wording`   Jinja2 and gettext, one environment a language
- `guard`, `server`, `kiosk`   who may ask; the port; its place beside a terminal

`templates` has a file for each screen, `locale` their texts in Kazakh and Russian (English is the source),
`static` the style, our few lines of script, htmx and the fonts (`static/VENDORED.txt`).
"""
